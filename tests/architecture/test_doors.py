"""Doors: only actions write, only `outside` reaches the network, only `protect` opens the vault."""

import ast
import re

from architecture.source import imported, method_calls, modules, texts

READING = ("web", "api", "queries", "policies", "management")
READERS = [module for part in READING for module in modules(f"lieber_mission.{part}")]
SITE = modules("lieber_mission")
WRITES = {
    "abulk_create",
    "acreate",
    "append_rows",
    "asave",
    "bulk_create",
    "bulk_update",
    "create",
    "delete",
    "get_or_create",
    "save",
    "update_or_create",
}
# Looks whether the site can listen on a port, and calls nobody.
LISTENS = {"lieber_mission.management.commands.serve"}
# Two ends of a pair of sockets that passes open files to the process in which parsers run: no network.
SOCKETS = {"lieber_mission.parsing.child", "lieber_mission.parsing.process"}
NETWORK = {
    "aiohttp",
    "ftplib",
    "http.client",
    "httpx",
    "imaplib",
    "playwright",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "telnetlib",
    "urllib.request",
    "urllib3",
}
VAULT_DOORS = ("lieber_mission.actions.protect", "lieber_mission.queries.protect")


def within(name, package):
    return name == package or name.startswith(f"{package}.")


def test_only_actions_write():
    found = [
        f"{module}:{call.lineno} {on}.{name}"
        for module in READERS
        for name, on, call in method_calls(module.tree)
        if name in WRITES
    ]
    assert not found


def test_only_outside_reaches_the_network():
    found = [
        f"{module}:{line} {name}"
        for module in SITE
        if not within(module.name, "lieber_mission.outside") and module.name not in LISTENS | SOCKETS
        for name, line in imported(module.tree)
        if any(within(name, network) for network in NETWORK)
    ]
    assert not found


def test_only_actions_go_outside():
    found = [
        f"{module}:{node.lineno}"
        for module in SITE
        if not within(module.name, "lieber_mission.actions")
        and not within(module.name, "lieber_mission.outside")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom | ast.Import)
        and "outside" in re.findall(r"\w+", ast.unparse(node))
    ]
    assert not found


def test_only_two_modules_open_the_vault():
    found = [
        f"{module}:{line} {name}"
        for module in SITE
        if not module.name.startswith(VAULT_DOORS)
        for name, line in imported(module.tree)
        if within(name, "lieber_vault")
    ]
    assert not found


def test_nothing_else_names_the_key_of_the_vault():
    found = [
        f"{module}:{text.lineno}"
        for module in (*modules("lieber"), *SITE)
        if not module.name.startswith(VAULT_DOORS)
        for text in texts(module.tree)
        if "VAULT" in text.value and "KEY" in text.value
    ]
    assert not found
