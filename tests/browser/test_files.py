"""A team is let into a compartment, and a recording goes into the vault and out again, in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PASSPHRASE = "slate river lantern 40"
# Longer than what servers usually hold in memory.
SOUND = b"OggS" + b"sound of a voice " * 300_000


def entered(browser, site, handle):
    """A page in which an officer logged in and said anew who they are."""
    address, password = site
    page = browser.new_context().new_page()
    page.goto(f"{address}/log-in/")
    page.get_by_label("Handle").fill(handle)
    page.get_by_label("Password").fill(password.strip())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/log-in/" not in url)
    page.goto(f"{address}/own/confirm/")
    page.get_by_label("Password").fill(password.strip())
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/confirm/" not in url)
    page.wait_for_load_state("networkidle")
    return page


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def let_in(page, button, choice):
    """Choose who is let in, and say why."""
    form = page.locator("form", has=page.get_by_role("button", name=button))
    form.locator("select").select_option(label=choice)
    form.get_by_label("Reason").fill("works on it")
    form.get_by_role("button").click()
    page.get_by_text("Recorded.").wait_for()


def team_let_in(page, address):
    """A team with a protection officer in it, let into a compartment that opens to one officer."""
    page.goto(f"{address}/teams/")
    page.get_by_label("Name").fill("Northern office")
    page.get_by_role("button", name="Record the team").click()
    let_in(page, "Put in", "Protection officer")
    assert fits(page)
    page.goto(f"{address}/compartments/")
    page.get_by_label("Name").fill("Column at the bridge")
    page.get_by_label("Opening what the vault holds").uncheck()
    page.get_by_role("button", name="Open it").click()
    let_in(page, "Let the team in", "Northern office")
    page.get_by_text("by the team Northern office").wait_for()
    assert fits(page)


def key_unlocked(page, address):
    """An own key, made and unlocked."""
    page.goto(f"{address}/protect/key/")
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.get_by_label("The same passphrase again").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_text("Your key is made").wait_for()
    page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/openings/")


def consented(page, address):
    """A new person who agreed that what they give is stored."""
    page.goto(f"{address}/protect/new/")
    page.get_by_label("Who it is").select_option(index=1)
    page.get_by_role("button", name="Seal and give").click()
    page.get_by_text("Record a decision").click()
    form = page.locator("form", has=page.locator("input[value=consent]"))
    chosen = {"purpose": "store", "decision": "granted", "given_by": "self", "form": "oral_noted"}
    for name, word in chosen.items():
        form.locator(f"[name={name}]").select_option(word)
    for box in form.locator("[name=informed_of]").all():
        box.check()
    form.locator("[name=given_on]").fill("2025-03-01")
    form.get_by_role("button").click()
    page.get_by_text("The decision is recorded").wait_for()


def sealed(page, file):
    """A file sent with the form of the person's page."""
    page.get_by_text("Seal a file").click()
    form = page.locator("form", has=page.locator("input[value=seal]"))
    form.locator("[name=kind]").select_option("audio")
    form.locator("[name=file]").set_input_files(str(file))
    form.locator("button.main").click()


def test_a_recording_goes_in_and_comes_out_once(site, browser, tmp_path):
    address, _password = site
    team_let_in(entered(browser, site, "head-of-mission"), address)
    page = entered(browser, site, "protection-officer")
    key_unlocked(page, address)
    consented(page, address)
    large, voice = tmp_path / "large.ogg", tmp_path / "voice.ogg"
    large.write_bytes(b"0" * (65 * 2**20))
    voice.write_bytes(SOUND)
    person = page.url
    sealed(page, large)
    page.get_by_text("At most 64 MiB are taken in at once").first.wait_for()
    page.goto(person)
    sealed(page, voice)
    page.get_by_text("The file is sealed").wait_for()
    assert fits(page)
    ask = page.locator("form", has=page.locator("input[value=open]"))
    ask.get_by_label("Purpose").fill("hear the witness again")
    ask.get_by_role("button").click()
    page.goto(f"{address}/protect/openings/")
    page.get_by_role("link", name="open", exact=True).click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Open it now, once").click()
    assert waiting.value.suggested_filename.endswith(".ogg")
    assert Path(waiting.value.path()).read_bytes() == SOUND
    page.locator("form[data-sent]").wait_for(state="detached")
    page.get_by_role("button", name="Open it now, once").click()
    page.get_by_text("ask for another opening").wait_for()
