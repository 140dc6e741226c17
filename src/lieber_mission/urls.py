"""Every route of the site, and its name."""

from django.urls import path

from .web.figures import views as figures
from .web.incidents import views as incidents
from .web.items import views as items
from .web.log import views as log
from .web.people import views as people
from .web.statements import views as statements

urlpatterns = [
    path("", people.home, name="home"),
    path("log-in/", people.log_in, name="log-in"),
    path("log-out/", people.log_out, name="log-out"),
    path("figures/", figures.figures, name="figures"),
    path("figures/months.svg", figures.chart, name="month-chart"),
    path("tallies/", figures.tallies, name="tallies"),
    path("tallies/<str:thing>/", figures.tally, name="tally"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<str:thing>/", incidents.incident, name="incident"),
    path("items/", items.items, name="items"),
    path("items/<str:thing>/", items.item, name="item"),
    path("accounts/", items.accounts, name="accounts"),
    path("accounts/<str:thing>/", items.account, name="account"),
    path("statements/", statements.statements, name="statements"),
    path("statements/<str:thing>/", statements.statement, name="statement"),
    path("log/", log.head, name="log"),
    path("log/<int:index>/", log.entry, name="entry"),
]
