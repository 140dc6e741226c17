"""Where things lie, and what files may be called."""

import ast

from architecture.source import ROOT, SRC, kept_files, modules

# The folders of unit tests, and the package that each is about: the method's chapters, and the vault.
TESTED = {
    path.name: path for path in sorted((SRC / "lieber").iterdir()) if (path / "__init__.py").is_file()
} | {"vault": SRC / "lieber_vault"}
# Names that say nothing of what is inside.
EMPTY_NAMES = {"common", "data", "helper", "helpers", "manager", "managers", "misc", "util", "utils"}


def test_unit_tests_lie_in_the_chapters_of_the_method_or_are_of_the_vault():
    folders = {path.name for path in (ROOT / "tests" / "unit").iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders <= TESTED.keys()


def test_a_unit_test_is_named_after_its_module():
    nameless = []
    for path in sorted((ROOT / "tests" / "unit").rglob("test_*.py")):
        module = TESTED[path.parent.name] / path.stem.removeprefix("test_")
        if not module.with_suffix(".py").is_file() and not (module / "__init__.py").is_file():
            nameless.append(str(path.relative_to(ROOT)))
    assert not nameless


def test_no_module_has_an_empty_name():
    python = [path for path in kept_files() if path.suffix == ".py"]
    called = {path: {path.stem.lstrip("_"), path.parent.name} for path in python}
    assert not [str(path) for path, names in called.items() if names & EMPTY_NAMES]


def test_tests_are_no_packages():
    """Their folders repeat the names of Python's own modules, `code` and `site` among them."""
    assert not [
        path for path in kept_files() if path.is_relative_to(ROOT / "tests") and path.name == "__init__.py"
    ]


def test_a_package_says_what_it_is():
    """All but the migrations, which Django writes."""
    silent = [
        str(module)
        for package in ("lieber", "lieber_mission", "lieber_vault")
        for module in modules(package)
        if module.path.name == "__init__.py"
        and module.path.parent.name != "migrations"
        and not ast.get_docstring(module.tree)
    ]
    assert not silent
