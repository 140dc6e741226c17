"""The method takes values and returns values: no clock, chance, environment or network of its own."""

import ast

import pytest

from architecture.source import method_calls, modules, used

# Full names, and with a dot at the end everything below them.
FORBIDDEN = (
    "datetime.datetime.now",
    "datetime.datetime.today",
    "datetime.datetime.utcnow",
    "datetime.date.today",
    "time.",
    "random.",
    "secrets.",
    "uuid.uuid1",
    "uuid.uuid4",
    "os.urandom",
    "os.environ",
    "os.getenv",
    "os.getpid",
    "os.system",
    "subprocess.",
    "socket.",
    "http.client.",
    "urllib.request.",
    "numpy.random.",
)
# Generators of chance that repeat: refused where they are made without a seed.
SEEDED = ("random.Random", "numpy.random.default_rng", "numpy.random.PCG64", "numpy.random.Generator")
# Calls that lead to a file.
TO_FILES = {"open", "read_bytes", "read_text", "iterdir", "glob", "rglob", "write_bytes", "write_text"}
# The modules that make them, and what for.
SHIPPED = "a table that ships with the package"
FILE_READERS = {
    "lieber.__main__": "the command line reads what it is given",
    "lieber.assess.methodology": SHIPPED,
    "lieber.assess.review": SHIPPED,
    "lieber.assess.weighing": SHIPPED,
    "lieber.code.field_forms.outline": SHIPPED,
    "lieber.code.vocabularies": SHIPPED,
    "lieber.collect.files": "the one door to tables of others",
    "lieber.collect.form": SHIPPED,
    "lieber.collect.spreadsheets": "a part inside a spreadsheet that is open already",
    "lieber.collect.vocabulary": SHIPPED,
    "lieber.examine.films": "a film that is open already",
    "lieber.link.origins": SHIPPED,
    "lieber.preserve.wacz": "a part inside a package that is open already",
}


def is_forbidden(name):
    return any(name == each or (each.endswith(".") and name.startswith(each)) for each in FORBIDDEN)


def called_with_nothing(tree):
    """The callables of calls without an argument."""
    return {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and not node.args and not node.keywords
    }


def impure(tree):
    """Every use of something that differs from one run to the next: its name and its node."""
    unseeded = called_with_nothing(tree)
    for name, node in used(tree):
        if (id(node) in unseeded) if name in SEEDED else is_forbidden(name):
            yield name, node


def test_nothing_of_the_method_reads_clock_chance_environment_or_network():
    found = [
        f"{module}:{node.lineno} {name}" for module in modules("lieber") for name, node in impure(module.tree)
    ]
    assert not found


def file_calls(tree):
    """Lines that touch a file."""
    methods = {call.lineno for name, _, call in method_calls(tree) if name in TO_FILES}
    plain = {
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "open"
    }
    return methods | plain


def test_files_are_touched_only_where_files_are_the_business():
    """And a module that no longer touches files leaves the list."""
    assert {module.name for module in modules("lieber") if file_calls(module.tree)} == set(FILE_READERS)


@pytest.mark.parametrize(
    ("line", "refused"),
    [
        ("from datetime import datetime\ndatetime.now()", True),
        ("import datetime as d\nd.date.today()", True),
        ("import time\ntime.monotonic()", True),
        ("from os import environ\nenviron['A']", True),
        ("import numpy as np\nnp.random.default_rng()", True),
        ("import numpy as np\nnp.random.default_rng(seed)", False),
        ("from datetime import date\ndate(2025, 1, 1)", False),
        ("import random\nrandom.Random(1).random()", False),
        ("import random\nrandom.random()", True),
        ("def f(random):\n    random.random()", False),
    ],
)
def test_the_reader_of_names_sees_through_imports(line, refused):
    assert refused == any(impure(ast.parse(line)))
