"""The manual's page of rules is what the specifications say."""

import subprocess
import sys

from architecture.source import ROOT


def test_the_page_is_rendered_from_the_specifications():
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "render_method.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    page = (ROOT / "docs" / "reference" / "method.md").read_text("utf-8")
    for chapter in ("base", "collect", "link", "assess", "publish"):
        assert f"## {chapter}\n" in page
