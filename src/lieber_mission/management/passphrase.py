"""Asking for a passphrase: at the terminal, or from a file that its owner alone can read."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from lieber.base import BadInput


def passphrase_option(parser: argparse.ArgumentParser) -> None:
    """Add the option of a file; a passphrase on the command line would stand in its history."""
    parser.add_argument("--passphrase-file", type=Path, help="read the passphrase from this file")


def ask_passphrase(options: argparse.Namespace, *, twice: bool = False) -> str:
    """The passphrase. Raises BadInput without a terminal and a file, and where two do not agree."""
    if options.passphrase_file:
        try:
            return str(options.passphrase_file.read_text("utf-8")).rstrip("\r\n")
        except UnicodeDecodeError:
            raise BadInput(f"{options.passphrase_file} must hold a passphrase in UTF-8.") from None
    if not sys.stdin.isatty():
        raise BadInput(
            "A passphrase is typed at a terminal, or read with --passphrase-file FILE: found neither."
        )
    first = getpass.getpass("Passphrase: ")
    if twice and getpass.getpass("The same again: ") != first:
        raise BadInput("The two passphrases are not the same: begin again.")
    return first
