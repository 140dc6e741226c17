"""Every text of the site has its translations, and no template speaks without gettext."""

import ast
import re
import subprocess
import sys

import pytest

from architecture.source import ROOT, SRC, modules

TEMPLATES = SRC / "lieber_mission" / "templates"
# Tags, comments and variables of templates; whole blocks whose text goes through gettext.
THROUGH_GETTEXT = re.compile(r"{%\s*blocktrans(late)?\b.*?{%\s*endblocktrans(late)?\s*%}", re.DOTALL)
OF_THE_TEMPLATE = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
COMMENT = re.compile(r"{%\s*comment.*?{%\s*endcomment\s*%}", re.DOTALL)
TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
# A text that stands where a value is empty: {{ x|default:"not known" }}.
IN_A_FILTER = re.compile(r"\|(?:default|default_if_none|yesno|join|add):(\"[^\"]*\"|'[^']*')")
READ_ALOUD = re.compile(r"\b(title|alt|placeholder|aria-label|aria-description)\s*=\s*(\"[^\"]*\"|'[^']*')")
# What is no word of a language: units, marks of ids, keys of the keyboard, names of formats.
NO_WORDS = re.compile(
    r"\b(INC|ACC|CSV|JSON|GeoJSON|XLSX|PDF|SVG|UTC|Ctrl|Esc|Enter|Shift|Alt|Lieber|SHA-256|SHA-512|BLAKE3|RFC|Tab)\b|&\w+;"
)


def words_without_gettext(template):
    """The words of a template's own text and of what is read aloud, that no gettext says."""
    text = COMMENT.sub("", THROUGH_GETTEXT.sub("", template))
    bare = OF_THE_TEMPLATE.sub("", text)
    spoken = [value for _, value in READ_ALOUD.findall(bare)]
    bare = re.sub(r"<(svg|code|kbd|script|style)\b.*?</\1>", " ", bare, flags=re.DOTALL)
    spoken += IN_A_FILTER.findall(text)
    spoken.append(
        re.sub(r"<!--.*?-->|<!doctype[^>]*>", " ", TAG.sub(" ", bare), flags=re.DOTALL | re.IGNORECASE)
    )
    return [word for part in spoken for word in re.findall(r"[^\W\d_]{2,}", NO_WORDS.sub(" ", part))]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>{% translate 'Hello' %}</p>", []),
        ("<p>Hello</p>", ["Hello"]),
        ('<img alt="A picture">', ["picture"]),
        ('<p class="big word">{{ line.title }} · 3</p>', []),
        ("{% blocktranslate count n=3 %}one{% plural %}many{% endblocktranslate %}", []),
        ('<a href="{% url "x" %}" title="{% translate "Go" %}">→</a>', []),
        ("<kbd>j</kbd> Ctrl", []),
        ("{{ line.place|default:'not known' }}", ["not", "known"]),
        ("{{ line.place|default:_('not known') }}", []),
        ("Привіт", ["Привіт"]),
    ],
)
def test_words_without_gettext_are_found(template, words):
    assert words_without_gettext(template) == words


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda p: str(p.relative_to(TEMPLATES))
)
def test_a_template_says_nothing_without_gettext(path):
    assert words_without_gettext(path.read_text("utf-8")) == []


def test_the_catalogues_are_complete():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "messages.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_no_text_is_asked_for_inside_a_formatted_one():
    """The catalogues are drawn from calls that stand alone: one inside an f-string is not seen."""
    inside = [
        f"{module.path}:{call.lineno}"
        for module in modules("lieber_mission")
        for text in ast.walk(module.tree)
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in {"_", "_t", "gettext", "ngettext"}
    ]
    assert inside == []
