"""Every route of the site, and its name. What each needs stands in `policies.access`."""

from allauth.account import views as own
from allauth.mfa.base import views as factor
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.usersessions import views as sessions
from django.urls import path

from .web import appearance, style
from .web.assess import views as assess
from .web.coding import views as coding
from .web.figures import views as figures
from .web.find import views as find
from .web.follow_up import views as follow_up
from .web.held import captures, copies, replay, sun, uploads
from .web.held import views as held
from .web.inbox import views as inbox
from .web.incidents import lists as incident_lists
from .web.incidents import views as incidents
from .web.items import views as items
from .web.judging import views as judging
from .web.log import views as log
from .web.people import views as people
from .web.protect import views as protect
from .web.sources import views as sources
from .web.statements import views as statements

urlpatterns = [
    path("", inbox.home, name="home"),
    path("now/", inbox.home_figures, name="home-figures"),
    path("seen/", inbox.seen, name="seen"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/unassessed/", inbox.unassessed, name="unassessed"),
    path("inbox/calls/", inbox.calls, name="calls"),
    path("inbox/consents/", inbox.consents, name="consents"),
    path("candidates/", judging.candidates, name="candidates"),
    path("candidates/<str:thing>/", judging.candidate, name="candidate"),
    path("proposals/", assess.proposals, name="proposals"),
    path("proposals/<str:thing>/", assess.proposal, name="proposal"),
    path("proposals/<str:thing>/mend/", assess.mend, name="proposal-mend"),
    path("incidents/<str:thing>/assess/", assess.assess, name="assess"),
    path("accounts/<str:thing>/grade/", assess.appraisal, name="appraisal"),
    path("choose/", appearance.choose, name="choose"),
    path("style/", style.style, name="style"),
    path("figures/", figures.figures, name="figures"),
    path("figures/months.svg", figures.chart, name="month-chart"),
    path("figures/difference/", figures.figure_difference, name="figure-difference"),
    path("figures/file.csv", figures.contributions_file, name="figure-file"),
    path("tallies/", figures.tallies, name="tallies"),
    path("tallies/file.csv", figures.tallies_file, name="tallies-file"),
    path("tallies/<str:thing>/", figures.tally, name="tally"),
    path("incidents/", incident_lists.incidents, name="incidents"),
    path("incidents/points.geojson", incident_lists.incident_points, name="incident-points"),
    path("incidents/export/<str:form>/", incident_lists.export, name="incidents-export"),
    path("incidents/<str:thing>/", incidents.incident, name="incident"),
    path("incidents/<str:thing>/places.geojson", incidents.incident_places, name="incident-places"),
    path("incidents/<str:thing>/beside/", incidents.incident_beside, name="incident-beside"),
    path("items/", items.items, name="items"),
    path("items/new/", items.new_item, name="item-new"),
    path("items/<str:thing>/", items.item, name="item"),
    path("items/<str:thing>/bench/", held.bench, name="bench"),
    path("items/<str:thing>/family/", copies.family, name="family"),
    path("items/<str:thing>/sun/", sun.sun, name="sun"),
    path("copies/", copies.copies, name="copies"),
    path("exhibits/<str:thing>/file/", held.exhibit_file, name="exhibit-file"),
    path("exhibits/<str:thing>/copy/", held.exhibit_copy, name="exhibit-copy"),
    path("exhibits/<str:thing>/replay/", replay.replay, name="exhibit-replay"),
    path("captures/", captures.captures, name="captures"),
    path("take-in/", uploads.take_in, name="take-in"),
    path("uploads/", uploads.upload_begin, name="upload-begin"),
    path("uploads/<str:token>/", uploads.upload, name="upload"),
    path("storage/", held.storage, name="storage"),
    path("work/", held.work, name="work"),
    path("items/<str:thing>/known/", items.tell_item, name="item-known"),
    path("items/<str:thing>/text/", items.new_text, name="item-text"),
    path("items/<str:thing>/code/", coding.new_account, name="item-code"),
    path("accounts/", items.accounts, name="accounts"),
    path("accounts/<str:thing>/", items.account, name="account"),
    path("accounts/<str:thing>/code/", coding.account_anew, name="account-code"),
    path("accounts/<str:thing>/again/", coding.account_again, name="account-again"),
    path("accounts/<str:thing>/codings/", coding.codings, name="account-codings"),
    path("accounts/<str:thing>/ask/", coding.ask, name="account-ask"),
    path("coding/", coding.desk, name="coding"),
    path("coding/next/", coding.next_item, name="coding-next"),
    path("coding/agreement/", coding.agreement, name="agreement"),
    path("drafts/", coding.draft, name="draft"),
    path("sources/<str:thing>/", sources.source, name="source"),
    path("statements/", statements.statements, name="statements"),
    path("statements/new/", statements.new_statement, name="statement-new"),
    path("statements/beside/", statements.time_line, name="statements-time"),
    path("statements/file.csv", statements.export, name="statements-file"),
    path("statements/<str:thing>/", statements.statement, name="statement"),
    path("statements/<str:thing>/change/", statements.change_statement, name="statement-change"),
    path("statements/<str:thing>/associate/", statements.associate_statement, name="statement-associate"),
    path("follow-up/", follow_up.follow_ups, name="follow-ups"),
    path("follow-up/new/", follow_up.new_follow_up, name="follow-up-new"),
    path("follow-up/file.csv", follow_up.export, name="follow-ups-file"),
    path("follow-up/<str:thing>/", follow_up.follow_up, name="follow-up"),
    path("follow-up/<str:thing>/change/", follow_up.change_follow_up, name="follow-up-change"),
    path("follow-up/<str:thing>/answer/", follow_up.answer_follow_up, name="follow-up-answer"),
    path("log/", log.head, name="log"),
    path("log/<int:index>/", log.entry, name="entry"),
    path("log/<int:index>/proof/", log.proof, name="entry-proof"),
    path("find/", find.find, name="find"),
    # officers
    path("officers/", people.officers, name="officers"),
    path("officers/invite/", people.invite, name="officer-invite"),
    path("officers/<str:officer_id>/", people.officer, name="officer"),
    path("compartments/", people.compartments, name="compartments"),
    path("compartments/<str:thing>/", people.compartment, name="compartment"),
    path("teams/", people.teams, name="teams"),
    path("teams/<str:thing>/", people.team, name="team"),
    path("readings/", people.readings, name="readings"),
    # protected persons
    path("protect/", protect.persons, name="protect"),
    path("protect/new/", protect.new_person, name="person-new"),
    path("protect/persons/<str:thing>/", protect.person, name="person"),
    path("protect/submissions/", protect.submissions, name="submissions"),
    path("protect/form/", protect.field_form, name="field-form-file"),
    path("protect/openings/", protect.openings, name="openings"),
    path("protect/openings/<str:thing>/", protect.opening, name="opening"),
    path("protect/key/", protect.own_key, name="own-key"),
    path("join/<str:token>/", people.join, name="join"),
    # one's own account: those of allauth's pages that a mission needs, by allauth's names
    path("log-in/", own.login, name="account_login"),
    path("log-out/", own.logout, name="account_logout"),
    path("own/by-invitation/", people.by_invitation, name="account_signup"),
    path("own/inactive/", own.account_inactive, name="account_inactive"),
    path("own/confirm/", own.reauthenticate, name="account_reauthenticate"),
    path("own/password/", own.password_change, name="account_change_password"),
    path("own/factor/", factor.index, name="mfa_index"),
    path("own/factor/code/", factor.authenticate, name="mfa_authenticate"),
    path("own/factor/confirm/", factor.reauthenticate, name="mfa_reauthenticate"),
    path("own/factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("own/factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("own/factor/recovery/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("own/factor/recovery/new/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("own/factor/recovery/file/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("own/factor/keys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("own/factor/keys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("own/factor/keys/confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("own/factor/keys/log-in/", passkeys.login_webauthn, name="mfa_login_webauthn"),
    path("own/factor/keys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("own/factor/keys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("own/sessions/", sessions.list_usersessions, name="usersessions_list"),
]
