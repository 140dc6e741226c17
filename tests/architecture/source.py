"""The repository as the architecture tests read it: files, syntax trees, names by their origin."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"


@dataclass(frozen=True)
class Module:
    """One Python file of the source: its dotted name and its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))


@cache
def modules(package: str) -> tuple[Module, ...]:
    """Every module of a package below src, in order of name: `lieber`, `lieber_mission.web`."""
    folder = SRC.joinpath(*package.split("."))
    paths = sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]
    return tuple(
        Module(_dotted(path), path, ast.parse(path.read_text("utf-8"))) for path in paths if path.is_file()
    )


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that the repository keeps: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def text_of(path: Path) -> str | None:
    """The text of a file; None where it is no text."""
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Everything that a file imports from outside its package, by full name and line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((f"{node.module}.{alias.name}", node.lineno) for alias in node.names)


def used(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Every use of an imported name, or of an attribute of one, by its origin: `datetime.date.today`."""
    origins = _origins(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            first, _, rest = _written(node).partition(".")
            if first in origins:
                yield f"{origins[first]}.{rest}".rstrip("."), node


def _origins(tree: ast.AST) -> dict[str, str]:
    origins: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                origins[name] = alias.name if alias.asname else name
        elif isinstance(node, ast.ImportFrom):
            origins |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return origins


def _written(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _written(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def method_calls(tree: ast.AST) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call of a method: its name, what it is called on as written, the call."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, ast.unparse(node.func.value), node


@dataclass(frozen=True)
class Text:
    """A string in the code, and its line."""

    value: str
    lineno: int


def texts(tree: ast.AST) -> Iterator[Text]:
    """Every string that is no docstring."""
    told = {id(text) for text in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield Text(node.value, node.lineno)


def _docstrings(tree: ast.AST) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr):
                yield first.value
