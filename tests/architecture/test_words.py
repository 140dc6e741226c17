"""One word for one thing: the other words that the glossary lists are used nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import pytest

from architecture.source import ROOT, SRC, Module, kept_files, modules, texts

GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"
PACKAGES = ("lieber", "lieber_mission", "lieber_vault")
WHERE = {"classes", "names", "texts", "ledger"}
# Texts that are shipped as others wrote them.
QUOTED = {SRC / "lieber_mission" / "example" / "README.md"}
# A string of a program that is a sentence for a reader has at least so many words.
SENTENCE = 3


@dataclass(frozen=True)
class Refused:
    """A word that the glossary refuses: what to use, where it is looked for, what is allowed."""

    word: str
    instead: str
    where: frozenset[str]
    allowed: tuple[str, ...]

    @property
    def forms(self) -> re.Pattern[str]:
        """The word with the endings of its plural and its verb."""
        words = r"\s+".join(map(re.escape, self.word.split()))
        return re.compile(rf"\b{words.removesuffix('e')}e?(s|es|d|ed|ing)?\b", re.IGNORECASE)


def table(heading: str) -> list[list[str]]:
    """The rows of the table below a heading, without its first two lines."""
    section = GLOSSARY.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


@cache
def refused() -> tuple[Refused, ...]:
    """What the second table of the glossary says."""
    return tuple(
        Refused(word, instead, frozenset(where.split(", ")), tuple(re.findall(r"`([^`]+)`", allowed)))
        for word, instead, where, allowed in table("Where another word is refused")
    )


def looked_for(where: str) -> list[Refused]:
    """The words that are refused in one kind of place."""
    return [word for word in refused() if where in word.where]


def names_of(module: Module) -> Iterator[tuple[str, int]]:
    """What a module names: itself, its classes, functions, fields and constants."""
    yield module.path.stem if module.path.name != "__init__.py" else module.path.parent.name, 1
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno
        if isinstance(node, ast.Module | ast.ClassDef):
            yield from ((name, line) for statement in node.body for name, line in assigned(statement))


def assigned(statement: ast.stmt) -> Iterator[tuple[str, int]]:
    """The names that a statement gives values to."""
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    yield from ((target.id, target.lineno) for target in targets if isinstance(target, ast.Name))


def spelled(name: str) -> str:
    """A name as words: `PublicStatement` and `public_statement` become `public statement`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", " ", name).lower()


def offences(words: Iterable[Refused], name: str) -> list[str]:
    """The refused words in a name, unless just this name is allowed."""
    return [word.word for word in words if name not in word.allowed and word.forms.search(spelled(name))]


def test_classes_are_called_by_the_words_of_the_glossary():
    words = looked_for("classes")
    found = [
        f"{module}:{node.lineno} {node.name}: {offences(words, node.name)}"
        for package in PACKAGES
        for module in modules(package)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and offences(words, node.name)
    ]
    assert not found


def test_names_in_the_code_are_words_of_the_glossary():
    words = looked_for("names")
    found = [
        f"{module}:{line} {name}: {offences(words, name)}"
        for package in PACKAGES
        for module in modules(package)
        for name, line in names_of(module)
        if offences(words, name)
    ]
    assert not found


def test_a_witness_is_a_human_being():
    """The log's texts and names call its third party a cosigner."""
    words = looked_for("ledger")
    found = [
        f"{path.relative_to(ROOT)}: {word.word}"
        for path in (SRC / "lieber" / "ledger").glob("*.py")
        for word in words
        if word.forms.search(path.read_text("utf-8"))
    ]
    assert not found


def prose() -> Iterator[tuple[str, str]]:
    """Every text that somebody reads: where it stands, and what it says."""
    for path in kept_files():
        if path.suffix == ".md" and path != GLOSSARY and path not in QUOTED:
            yield str(path.relative_to(ROOT)), without_code(path.read_text("utf-8"))
        elif path.suffix == ".html" and path.is_relative_to(SRC):
            yield str(path.relative_to(ROOT)), without_tags(path.read_text("utf-8"))
    for package in PACKAGES:
        for module in modules(package):
            for text in texts(module.tree):
                if len(text.value.split()) >= SENTENCE:
                    yield f"{module}:{text.lineno}", text.value


def without_code(text: str) -> str:
    """Markdown without code, links' targets and quotations: what the document itself says."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^>.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`\n]*`|\]\([^)]*\)", " ", text)


def without_tags(text: str) -> str:
    """A template without its tags and its code."""
    return re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|<(script|style)\b.*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL)


def test_texts_use_the_words_of_the_glossary():
    words = looked_for("texts")
    found = [f"{where}: {word.word}" for where, text in prose() for word in words if says(word, text)]
    assert not found


def says(word: Refused, text: str) -> bool:
    """True where a text uses a refused word outside the phrases that are allowed."""
    for phrase in sorted(word.allowed, key=len, reverse=True):
        text = re.sub(re.escape(phrase), " ", text, flags=re.IGNORECASE)
    return bool(word.forms.search(text))


def test_every_refused_word_stands_in_the_first_table():
    listed = " ".join(not_this for _, _, not_this in table("The words"))
    assert not [word.word for word in refused() if word.word not in listed]


def test_the_second_table_looks_only_where_the_tests_look():
    assert all(word.where and word.where <= WHERE for word in refused())


@pytest.mark.parametrize(
    ("word", "text", "said"),
    [
        ("case", "three cases were coded", True),
        ("case", "in case of doubt", False),
        ("scrape", "a scraped page", True),
        ("scrape", "scraping", True),
        ("real number", "the real  number of victims", True),
        ("statistic", "one statistic", True),
        ("statistic", "the statistics on a table", False),
        ("event", "eventually", False),
    ],
)
def test_forms_of_a_word_are_seen_and_other_words_are_not(word, text, said):
    (entry,) = (each for each in refused() if each.word == word)
    assert says(entry, text) == said
