"""Tags and filters of the templates: the small parts of which pages are made (docs/reference/style.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date

from django import template
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from lieber.assess import Tier
from lieber.base import BadInput, Window
from lieber.code import vocabulary

from ..policies.permissions import MACHINE
from .languages import said

register = template.Library()

# Each tier has a shape of its own beside its colour and its word.
TIER_ICONS = {
    "discounted": "circle-x",
    "alleged": "circle-dashed",
    "credible": "circle",
    "verified": "circle-check",
    "adjudicated": "gavel",
}
COUNTS_ICONS = {"certain": "circle-check", "possible": "circle-dashed", "no": "circle-x"}
STATE_ICONS = {
    "open": "circle",
    "todo": "circle",
    "waiting": "clock",
    "returned": "arrow-back-up",
    "done": "circle-check",
    "agreed": "circle-check",
    "overdue": "alert-triangle",
    "refused": "circle-x",
    "closed": "lock",
    "withdrawn": "x",
}
# Direction marks, joiners and other characters without a picture: a name may hide in them.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of the set, silent: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("built/icons.svg"),
        name,
    )


# The words in which pages tell what a vocabulary says by its own terms.
TOLD = {"status_fact": "told_status", "legal_status": "told_status", "manner": "told_manner"}
# Between several terms of a finding, as it keeps them.
_BETWEEN = " + "


@register.filter
def label(term: str, name: str) -> str:
    """A term of a vocabulary, or several that a finding keeps, in the language of the page.

    What is no term stands as it is.
    """
    return _BETWEEN.join(_label(word, name) for word in str(term or "").split(_BETWEEN))


def _label(word: str, name: str) -> str:
    language = (get_language() or "en")[:2]
    for known in (name, TOLD.get(name, name)):
        try:
            words = vocabulary(known)
        except BadInput:
            return word
        if word in words.words:
            return words.label(word, language)
    return word


@register.filter
def labels(terms: list[str], name: str) -> str:
    """Several terms of a vocabulary, as one line."""
    return "; ".join(label(term, name) for term in terms)


register.filter("said", said)


@register.filter
def spaced(name: str) -> str:
    """A name of the code as words."""
    return name.replace("_", " ")


@register.filter
def titled(officer_id: str, titles: Mapping[str, str]) -> str:
    """The title of the officer with this id; empty where nobody has it."""
    return titles.get(officer_id, "")


@register.filter
def seen(text: str) -> SafeString:
    """Somebody's words, isolated from the direction of the page, with unseen characters made visible."""
    words, unseen = _UNSEEN.split(str(text)), [_shown(found) for found in _UNSEEN.findall(str(text))]
    parts = format_html_join("", "{}{}", zip(words, [*unseen, ""], strict=True))
    return format_html('<bdi dir="auto">{}</bdi>', parts)


def _shown(character: str) -> SafeString:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, code)
    return format_html('<span class="hidden-control" title="{}">{}</span>', name, code)


@register.simple_tag
def tier_badge(tier: Tier | None, *, contested: bool = False) -> SafeString:
    """A tier as a word with its shape; nothing concluded yet has words too."""
    if tier is None:
        return format_html('<span class="state state-todo">{}{}</span>', icon("circle"), _("no finding yet"))
    words = label(tier.word, "tier")
    badge = format_html(
        '<span class="tier tier-{}" title="{}">{}{}</span>',
        tier.word,
        words,
        icon(TIER_ICONS[tier.word]),
        # what stands in brackets explains the word, and would fill a column
        words.partition(" (")[0],
    )
    return badge + contested_flag() if contested else badge


@register.simple_tag
def contested_flag() -> SafeString:
    """That accounts of who is responsible compete."""
    return format_html(' <span class="flag">{}{}</span>', icon("flag"), _("contested"))


@register.simple_tag
def counts_badge(word: str) -> SafeString:
    """Whether something counts: certain, possible or no."""
    words = {"certain": _("certain"), "possible": _("possible"), "no": _("no")}
    return format_html(
        '<span class="counts counts-{}">{}{}</span>',
        word,
        icon(COUNTS_ICONS.get(word, "circle")),
        words.get(word, word),
    )


@register.simple_tag
def state_badge(state: str, words: str) -> SafeString:
    """A state of work: one of STATE_ICONS, with the words that the page says for it."""
    return format_html(
        '<span class="state state-{}">{}{}</span>', state, icon(STATE_ICONS.get(state, "circle")), words
    )


@register.simple_tag
def persons(low: int | None, best: int | None, high: int | None) -> str:
    """A number of persons as minimum / best / maximum; a dash where it was not assessed."""
    return " / ".join(
        (
            "–" if low is None else str(low),
            "–" if best is None else str(best),
            _("open") if high is None and low is not None else "–" if high is None else str(high),
        )
    )


@register.simple_tag
def days(earliest: date | None, latest: date | None, precision: str = "") -> str:
    """An uncertain date in words: one day, a span, or that it is not known."""
    if earliest is None and latest is None:
        return _("not known")
    if precision == "unknown":
        return _("not known; public on %(day)s") % {"day": latest}
    if earliest == latest or earliest is None or latest is None:
        return str(earliest or latest)
    return f"{earliest} – {latest}"


@register.filter
def window_words(window: Window) -> str:
    """The days of a window in the language of the page."""
    days: Mapping[str, object] = {"since": window.since, "until": window.until}
    if window.since and window.until:
        return _("from %(since)s to %(until)s") % days
    if window.since:
        return _("since %(since)s") % days
    return _("until %(until)s") % days if window.until else _("on any day")


@register.simple_tag
def party(code: str) -> SafeString:
    """A party by its code: the same look for each."""
    if not code:
        return format_html('<span class="quiet">{}</span>', _("not known"))
    return format_html('<span class="party">{}</span>', code)


@register.simple_tag
def place(name: str, precision: str = "") -> SafeString:
    """A place, and how exactly it is known where that is said; an unknown one has words too."""
    if not name:
        return format_html('<span class="quiet">{}</span>', _("not known"))
    how = format_html(' <span class="small">({})</span>', precision) if precision else ""
    return format_html('<span class="place">{}{}{}</span>', icon("map-pin"), seen(name), how)


@register.simple_tag
def thing_id(thing: str) -> SafeString:
    """An id, and a button that copies it."""
    return format_html(
        '<span class="id">{}<button class="plain copy not-printed" type="button" data-copy="{}" title="{}">'
        '{}<span class="visually-hidden">{}</span></button></span>',
        thing,
        thing,
        _("Copy"),
        icon("copy"),
        _("Copy %(id)s") % {"id": thing},
    )


@register.simple_tag(takes_context=True)
def address_with(context: template.Context, **changes: object) -> str:
    """The page's own address with some of its query changed; what is empty is left out."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        if value in {None, ""}:
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else request.path


@register.simple_tag(takes_context=True)
def sort_heading(context: template.Context, name: str, words: str) -> SafeString:
    """The link of a column's heading that sorts by it, and says how it is sorted now.

    Stands inside `<th scope="col" {% sorted_now "name" %}>`.
    """
    now = context["request"].GET.get("sort", "")
    turned = f"-{name}" if now == name else name
    arrow = icon("chevron-up") if now == name else icon("chevron-down") if now == f"-{name}" else ""
    return format_html('<a href="{}">{}{}</a>', address_with(context, sort=turned), words, arrow)


@register.simple_tag(takes_context=True)
def sorted_now(context: template.Context, name: str) -> SafeString:
    """The attribute of a heading by which the table is sorted."""
    now = context["request"].GET.get("sort", "")
    if now not in {name, f"-{name}"}:
        return SafeString("")
    return format_html('aria-sort="{}"', "ascending" if now == name else "descending")


@register.simple_tag
def joined(parts: list[str]) -> SafeString:
    """Somebody's words in a row, each isolated."""
    return format_html_join("; ", "{}", ((seen(part),) for part in parts))


@register.filter
def of(names: Mapping[str, str], key: str) -> str:
    """What a table of names has for a key: the title of an officer; the key itself where it has none."""
    return names.get(key) or (_("the machine") if key == MACHINE.officer_id else key)
