"""`python -m benchmarks [--quick] [--out FILE]`: run the benchmarks and print their results as JSON.

Every result names its goal and says whether it was met. Nothing here is a test: a machine that is
busy with something else is slower, so figures are read as ratios of one run.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
from pathlib import Path

from .measured import Result


def main() -> int:
    """Run and print; exit 0 whatever was measured."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the size, to see that it runs")
    parser.add_argument("--out", type=Path, help="write the JSON here too")
    parser.add_argument(
        "--only", choices=("ledger", "register", "pages", "evidence", "near"), help="one part only"
    )
    parser.add_argument("--folder", type=Path, help="build the register here, or measure on the one that is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="lieber-bench-") as temporary:
        folder = options.folder or Path(temporary)
        # The settings read the folder when Django starts, so it is named first.
        os.environ["LIEBER_DATA"] = str(folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lieber_mission.settings")
        results = _run(options, folder)
    written = json.dumps(
        {
            "machine": {
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                "system": platform.platform(),
            },
            "scale": 0.1 if options.quick else 1.0,
            "results": [result.as_json() for result in results],
        },
        indent=2,
    )
    print(written)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(written + "\n", "utf-8")
    return 0


def _run(options: argparse.Namespace, folder: Path) -> list[Result]:
    scale = 0.1 if options.quick else 1.0
    results: list[Result] = []
    if options.only in {None, "ledger"}:
        from . import ledger

        results += ledger.run(scale)
    if options.only in {None, "register"}:
        from . import register

        results += register.run(scale, folder)
    if options.only in {None, "pages"}:
        from . import pages

        results += pages.run(scale, folder)
    if options.only in {None, "evidence"}:
        from . import evidence

        results += evidence.run(scale, folder)
    if options.only == "near":
        from . import near

        results += near.run(scale)
    return results


if __name__ == "__main__":
    sys.exit(main())
