"""Render the specifications in tests/spec as docs/reference/method.md.

The tables that the tests run are the tables that the manual shows. `--check` writes nothing and
exits 1 where the page is not what the specifications say.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPECIFICATIONS = ROOT / "tests" / "spec"
PAGE = ROOT / "docs" / "reference" / "method.md"
# The chapters in the order of the method.
CHAPTERS = ("base", "collect", "code", "link", "assess", "qualify", "analyse", "publish", "protect")
BEGINNING = """# The rules of the method

This page is made from the specifications that the tests run (`tests/spec`): every row below is
checked on each change. `make fix` renders it anew; `make check` fails where it is out of date.
"""


def rendered() -> str:
    """The whole page."""
    parts = [BEGINNING]
    for chapter in CHAPTERS:
        files = sorted((SPECIFICATIONS / chapter).glob("test_*.py"))
        if files:
            parts.append(f"## {chapter}\n")
            parts += [section(path) for path in files]
    return "\n".join(parts)


def section(path: Path) -> str:
    """One specification: its docstring, then its tables."""
    module = ast.parse(path.read_text("utf-8"))
    summary, _, rest = (ast.get_docstring(module) or path.stem).partition("\n")
    parts = [f"### {summary.rstrip('.')}\n"]
    if rest.strip():
        parts.append(rest.strip() + "\n")
    for name, text in [*tables(module), *texts_beside(path, module)]:
        parts.append(f"*{name.replace('_', ' ').capitalize()}*\n")
        parts.append(markdown(text))
    return "\n".join(parts)


def texts_beside(path: Path, module: ast.Module) -> Iterator[tuple[str, str]]:
    """The tables that stand in text files beside a specification which names them."""
    source = ast.unparse(module)
    for beside in sorted(path.parent.glob("*.txt")):
        if beside.name in source:
            lines = beside.read_text("utf-8").splitlines()
            yield beside.stem, "\n".join(line for line in lines if not line.startswith("#"))


def tables(module: ast.Module) -> Iterator[tuple[str, str]]:
    """The named ASCII tables of a specification, in their order."""
    for node in module.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="table"), args=[ast.Constant(value=str(text)), *_]),
            ):
                yield name, text


def markdown(text: str) -> str:
    """An ASCII table as a Markdown table."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines() if line.strip()]
    rows = [row for row in rows if not set("".join(row)) <= set("-+=")]
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write the page, or with `--check` compare it."""
    page = rendered()
    if "--check" in sys.argv[1:]:
        if PAGE.is_file() and PAGE.read_text("utf-8") == page:
            return 0
        print(f"{PAGE.relative_to(ROOT)} is not what tests/spec says: run `make fix`.", file=sys.stderr)
        return 1
    PAGE.write_text(page, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
