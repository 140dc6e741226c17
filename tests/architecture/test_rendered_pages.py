"""The manual's pages of rules and of permissions are what the specifications and policies say."""

import subprocess
import sys

import pytest

from architecture.source import ROOT


@pytest.mark.parametrize("script", ["render_method.py", "render_permissions.py", "render_review.py"])
def test_the_page_is_rendered_from_its_source(script):
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / script, "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_page_of_rules_has_its_chapters():
    page = (ROOT / "docs" / "reference" / "method.md").read_text("utf-8")
    for chapter in ("base", "collect", "link", "assess", "publish"):
        assert f"## {chapter}\n" in page
