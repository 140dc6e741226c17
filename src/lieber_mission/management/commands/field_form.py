"""`mission field-form`: the interview form for KoboToolbox and ODK."""

from __future__ import annotations

import argparse
from pathlib import Path

from lieber.base import BadInput
from lieber.code.field_forms import interview_form, write_xlsx

from ..command import DONE, MissionCommand, print_json


class Command(MissionCommand):
    """Write the interview form as XLSForm, in English, Ukrainian and Russian."""

    help = "write the interview form (XLSForm) for KoboToolbox or ODK"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Where it goes."""
        parser.add_argument("--out", type=Path, default=Path("interview.xlsx"), help="default: %(default)s")

    def handle(self, options: argparse.Namespace) -> int:
        """Write it; an existing file is left as it is."""
        form = interview_form()
        if options.out.exists():
            raise BadInput(f"{options.out} is there already: name another file with --out.")
        options.out.write_bytes(write_xlsx(form))
        told = {"form": form.id, "version": form.version, "file": str(options.out)}
        if options.json:
            print_json(told)
        else:
            print(f"{form.id}, version {form.version}, is in {options.out}.")
        return DONE
