"""The catalogues of the site's languages: `extract` writes them anew from the source, `compile` makes them
ready for the site, `--check` writes nothing and exits 1 where one of them is not complete.

Two catalogues a language. `django` holds the texts of pages, as gettext finds them. `sentences` holds the
sentences of errors, which the method and the site raise in English: what an f-string puts in is a number in
braces, and the site recognises a sentence by what stands between (`lieber_mission.web.languages`).
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
LOCALE = SRC / "lieber_mission" / "locale"
LANGUAGES = ("uk", "ru")
DOMAINS = ("django", "sentences")
KEYWORDS = {
    "gettext": None,
    "gettext_lazy": None,
    "_": None,
    "_t": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
# Names in which sentences for officers are written down as data.
WORDS_OF = {"lieber_mission/policies/permissions.py": ("Deed", "Role")}
# Reasons that the method gives, in the tables and functions in which they are written down.
REASONS = {
    "lieber/base/dates.py": ("Window",),
    "lieber_mission/policies/permissions.py": ("DESCRIPTIONS", "HOLDERS"),
    "lieber/publish/figures.py": ("GROUND_WORDS", "NO_FINDING", "NOT_KNOWN_THEN"),
    "lieber/assess/tiers.py": ("MEANINGS", "propose_tier", "_origins_in_words"),
    "lieber/link/grouping.py": (
        "compare_parties",
        "compare_dates",
        "compare_places",
        "_numbers_in_words",
        "_PARTS",
    ),
    "lieber/examine/likeness.py": (
        "_picture_reason",
        "_film_reason",
        "of_films",
        "of_sounds",
        "picture_in_film",
        "_transform",
    ),
    "lieber_mission/queries/incidents.py": ("KILLED_WORDS",),
}
# The methodology that is shipped, whose routes and caps give their reasons.
METHODOLOGY = "lieber/assess/methodology.toml"
# Columns of forms that tables fill with one of a few words, as pages show them.
CHOICES = {"lieber/collect/forms/tallies.toml": ("unit", "bound")}
# What commands alone say: they speak English, as their output does.
COMMANDS = (
    "src/lieber/__main__.py",
    "src/lieber_mission/__main__.py",
    "src/lieber_mission/management/",
    # packages are written and checked by commands
    "src/lieber/preserve/bagit.py",
    "src/lieber/preserve/ocfl.py",
    "src/lieber/preserve/ocfl_check.py",
    "src/lieber/preserve/wacz.py",
    # what only a program can get wrong
    "src/lieber/examine/films.py",
    "src/lieber/examine/hamming.py",
    "src/lieber/examine/pictures.py",
    "src/lieber/examine/sounds.py",
)
FEWEST_LETTERS = 3

# What a value is put into: {0}, {name}, %(name)s, %s.
PLACES = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]")
Text = tuple[str | tuple[str, str], str | None, str]


def texts_of_pages() -> Iterator[Text]:
    """Every text of pages that goes through gettext: (msgid, context, where)."""
    for path in sorted((SRC / "lieber_mission").rglob("*.py")):
        yield from _gettext_in(path.read_text("utf-8"), path)
    for path in sorted((SRC / "lieber_mission" / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield from _gettext_in(templatize(path.read_text("utf-8"), origin=str(path)), path)


def _gettext_in(source: str, path: Path) -> Iterator[Text]:
    found = extract_python(io.BytesIO(source.encode()), list(KEYWORDS), [], {"encoding": "utf-8"})
    for _line, function, arguments, _comments in found:
        given = arguments if isinstance(arguments, tuple) else (arguments,)
        where = path.relative_to(ROOT).as_posix()
        context = None
        if function in {"pgettext", "pgettext_lazy", "npgettext"}:
            context, *rest = given
            given = tuple(rest)
        if not given or not given[0]:
            continue
        plural = function.startswith(("ngettext", "npgettext")) and len(given) > 1 and given[1]
        yield ((given[0], given[1]) if plural else given[0]), context, where


def sentences() -> Iterator[Text]:
    """Every sentence that is raised as an error, as a pattern, and the words of roles and deeds."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(SRC.rglob("*.py"))}
    errors = _errors(trees.values())
    for path, tree in trees.items():
        where = path.relative_to(ROOT).as_posix()
        if where.startswith(COMMANDS):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in errors:
                yield from ((pattern, None, where) for pattern in _patterns(node.args))
        inside = path.relative_to(SRC).as_posix()
        for name in WORDS_OF.get(inside, ()):
            yield from ((word, None, where) for word in _members(tree, name))
        for name in REASONS.get(inside, ()):
            yield from ((reason, None, where) for reason in _reasons(tree, name))
        if inside.startswith("lieber_mission/models/"):
            yield from ((kind, None, where) for kind in _kinds(tree))
    yield from _in_tables()


def _in_tables() -> Iterator[Text]:
    """What tables of the method say in English and pages show: reasons of the methodology, words of forms."""
    found = tomllib.loads((SRC / METHODOLOGY).read_text("utf-8"))
    for each in (*found["route"], *found["cap"]):
        yield each["reason"], None, f"src/{METHODOLOGY}"
    for form, columns in CHOICES.items():
        known = tomllib.loads((SRC / form).read_text("utf-8"))["columns"]
        for column in columns:
            yield from ((word.replace("_", " "), None, f"src/{form}") for word in known[column]["of"])


def _reasons(tree: ast.Module, name: str) -> Iterator[str]:
    """The sentences in a table or a function of a module; what is put in is a number in braces."""
    for node in tree.body:
        names = {
            getattr(target, "id", "")
            for target in (node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)])
        } | {getattr(node, "name", "")}
        if name in names:
            inner = [each for each in ast.walk(node) if isinstance(each, ast.JoinedStr)]
            within = {id(part) for each in inner for part in ast.walk(each) if part is not each}
            notes = {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)}
            for each in ast.walk(node):
                if id(each) not in within | notes and isinstance(each, ast.Constant | ast.JoinedStr):
                    sentence = "".join("{}" if part is None else part for part in _parts(each))
                    yield from _numbered(sentence, of_words=isinstance(node, ast.Assign | ast.AnnAssign))


def _numbered(sentence: str, *, of_words: bool) -> Iterator[str]:
    parts = re.split(r"\{\w*\}", sentence)
    letters = sum(letter.isalpha() for part in parts for letter in part)
    if letters >= FEWEST_LETTERS and (of_words or " " in sentence):
        yield "".join(f"{{{n - 1}}}{part}" if n else part for n, part in enumerate(parts))


def _kinds(tree: ast.Module) -> Iterator[str]:
    """The kinds of thing in the register, as words."""
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "kind" and node.value:
            yield ast.literal_eval(node.value).replace("_", " ")


def _errors(trees: Iterable[ast.Module]) -> frozenset[str]:
    """The names of the project's own errors: LieberError and what is built on it."""
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"LieberError"}
    while more := {name for name, above in bases.items() if above & found} - found:
        found |= more
    return frozenset(found)


def _patterns(arguments: Iterable[ast.expr]) -> Iterator[str]:
    for argument in list(arguments)[:1]:
        parts = list(_parts(argument))
        numbers = iter(range(len(parts)))
        pattern = "".join("{" + str(next(numbers)) + "}" if part is None else part for part in parts)
        letters = sum(letter.isalpha() for part in parts if part for letter in part)
        if letters >= FEWEST_LETTERS and " " in pattern:
            yield pattern


def _parts(node: ast.expr) -> Iterator[str | None]:
    """The fixed parts of a sentence; None where a value stands."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        for value in node.values:
            yield from _parts(value)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield None


def _members(tree: ast.Module, name: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            for member in node.body:
                if isinstance(member, ast.Assign) and isinstance(member.value, ast.Constant):
                    yield str(member.value.value).replace("_", " ")


def wanted(domain: str) -> dict[tuple[str | None, str], Text]:
    """(context, msgid) -> the message, in the order in which the source has them."""
    found: dict[tuple[str | None, str], Text] = {}
    for message in texts_of_pages() if domain == "django" else sentences():
        msgid, context, _where = message
        key = (context, msgid if isinstance(msgid, str) else msgid[0])
        if key not in found or not isinstance(msgid, str):
            found[key] = message
    return found


def path_of(language: str, domain: str) -> Path:
    """Where a catalogue lies."""
    return LOCALE / language / "LC_MESSAGES" / f"{domain}.po"


def catalogue(language: str, domain: str) -> Catalog:
    """A catalogue as it lies there; an empty one where there is none."""
    path = path_of(language, domain)
    if not path.is_file():
        return Catalog(locale=language, domain=domain)
    with path.open("rb") as file:
        return read_po(file, locale=language, domain=domain)


def extract() -> None:
    """Write each catalogue anew: what the source has, with the translations that there are."""
    for domain in DOMAINS:
        messages = wanted(domain)
        for language in LANGUAGES:
            old = catalogue(language, domain)
            new = Catalog(
                locale=language,
                domain=domain,
                project="Lieber",
                copyright_holder="the Lieber project",
                header_comment="# Texts of Lieber. `make fix` writes this file anew from the source.",
                fuzzy=False,
            )
            for (context, _key), (msgid, _context, where) in messages.items():
                known = old.get(msgid if isinstance(msgid, str) else msgid[0], context=context)
                new.add(
                    msgid,
                    known.string if known and not known.fuzzy and _same_form(known.string, msgid) else None,
                    context=context,
                    locations=[(where, 0)],
                    flags=("python-brace-format",) if domain == "sentences" else (),
                )
            target = path_of(language, domain)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(_written(new))


def _written(messages: Catalog) -> bytes:
    """A catalogue as people read it, without the instants and addresses that would change it each time."""
    out = io.BytesIO()
    write_po(out, messages, width=110, include_lineno=False)
    kept = ("Language:", "Plural-Forms:", "MIME-Version:", "Content-Type:", "Content-Transfer-Encoding:")
    header, rest = out.getvalue().split(b"\n\n", 1)
    lines: list[bytes] = []
    keep = True
    for line in header.split(b"\n"):
        if line.startswith(b'"') and b":" in line.split(b" ")[0]:
            keep = line.lstrip(b'"').decode().startswith(kept)
        if keep or not line.startswith(b'"'):
            lines.append(line)
    return b"\n".join(lines) + b"\n\n" + rest


def _same_form(string: object, msgid: object) -> bool:
    return isinstance(string, str) == isinstance(msgid, str)


def compile_catalogues() -> None:
    """Make the catalogues ready for the site, beside the ones that people read."""
    for language in LANGUAGES:
        with path_of(language, "django").with_suffix(".mo").open("wb") as file:
            write_mo(file, catalogue(language, "django"))
        translated = {
            str(message.id): str(message.string)
            for message in catalogue(language, "sentences")
            if message.id and message.string
        }
        text = json.dumps(translated, ensure_ascii=False, indent=0)
        path_of(language, "sentences").with_suffix(".json").write_text(text, "utf-8")


def faults() -> Iterator[str]:
    """What is missing: texts that a catalogue lacks or leaves empty, and some that nothing says any more."""
    for domain in DOMAINS:
        messages = wanted(domain)
        for language in LANGUAGES:
            there = catalogue(language, domain)
            known = {(message.context, _first(message.id)): message for message in there if message.id}
            for (context, key), (_msgid, _context, where) in messages.items():
                message = known.get((context, key))
                strings = () if message is None else _strings(message.string)
                if not strings or not all(strings):
                    yield f"{language}/{domain}: not translated: {key!r} ({where})"
                elif message and (wrong := _other_places(message)):
                    yield f"{language}/{domain}: {wrong} in the translation of {key!r} ({where})"
            for context, key in known.keys() - messages.keys():
                yield f"{language}/{domain}: nothing says {key!r} any more ({context or 'no context'})"


def _other_places(message: Message) -> str:
    """What a translation puts in that the text does not have, or leaves out; empty where all is there."""
    ids, strings = _strings(message.id), _strings(message.string)
    expected = {place for text in ids for place in PLACES.findall(text)}
    # a plural form may say "one" in words
    optional = expected if len(ids) > 1 else set()
    for text in strings:
        there = set(PLACES.findall(text))
        if there - expected:
            return f"{min(there - expected)} stands only"
        if expected - there - optional:
            return f"{min(expected - there)} is missing"
    return ""


def _first(msgid: str | tuple[str, ...] | list[str]) -> str:
    return msgid if isinstance(msgid, str) else msgid[0]


def _strings(string: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return () if string is None else (string,) if isinstance(string, str) else tuple(string)


def main(arguments: list[str]) -> int:
    """0 = done or complete, 1 = not complete, 2 = not understood."""
    if arguments == ["extract"]:
        extract()
    elif arguments == ["compile"]:
        compile_catalogues()
    elif arguments == ["--check"]:
        found = list(faults())
        for fault in found:
            print(fault, file=sys.stderr)
        if found:
            print(f"{len(found)} texts: run `make fix` and translate what is empty.", file=sys.stderr)
        return 1 if found else 0
    else:
        print("messages.py takes extract, compile or --check.", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
