"""A whole day at the desks: a report arrives, is screened, coded, judged, assessed and reviewed; the figure
changes by what was recorded, and the difference of two days says by what.

Everything is done as officers do it, from the inbox, in Chromium.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from browser.walk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ASKED = "victims=UA&tier=credible&since=2024-08-31"
WORDS = "On 17 January 2025 two captives were shot near the village.\n\nIt was held by those who shot them."
TITLE = "Two captives shot near the village"


@pytest.fixture(scope="module")
def desk(own_site, browser):
    """An officer's page, logged in, by the officer's handle."""
    pages = {}

    def page_of(handle):
        if handle not in pages:
            pages[handle] = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            log_in(pages[handle], own_site[0], handle, own_site[1])
        return pages[handle]

    yield page_of
    for page in pages.values():
        page.context.close()


def best(page, site):
    """The best figure of persons, as the page of figures shows it."""
    page.goto(f"{site[0]}/figures/?{ASKED}")
    return int(page.locator("main .value b").first.inner_text())


def from_inbox(page, site, queue):
    """Open a queue."""
    page.goto(f"{site[0]}/inbox/")
    page.locator("#main").get_by_role("link", name=queue).click()


def an_item_arrives(page, site):
    page.goto(f"{site[0]}/items/new/")
    page.locator("#id_address").fill("https://example.org/report")
    page.locator("#id_item_kind").select_option("web_page")
    page.locator("#id_source_name").fill("Example Monitor")
    page.locator("#id_source_kind").select_option(label="non-governmental organisation")
    page.locator("#id_language").fill("en")
    page.locator("#id_published_earliest").fill("2025-01-20")
    page.locator("#id_graphic").select_option("none")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/items/ITM-*/")
    page.get_by_role("link", name="Take down its words").first.click()
    page.locator("#id_text_kind").select_option(index=1)
    page.locator("#id_language").fill("en")
    page.locator("#id_body").fill(WORDS)
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/items/ITM-*/")


def it_is_screened(page, site):
    from_inbox(page, site, "Items to screen")
    page.locator("tbody a").first.click()
    page.locator("#id_outcome").select_option("to_code")
    page.get_by_role("button", name="Record").click()
    page.wait_for_url("**/items/ITM-*/")


def it_is_coded(page, site):
    from_inbox(page, site, "Items to code")
    page.get_by_role("link", name="Code the one that waits longest").click()
    page.locator("#id_summary").fill(TITLE)
    page.locator("#id_killed_quantifier").select_option("exact")
    page.locator("#id_killed_n").fill("2")
    # the place of the number is chosen in the item, by keys: choose the passage, Enter
    page.locator("#id_where_killed").focus()
    page.keyboard.press("F8")
    page.keyboard.press("Enter")
    assert page.locator("#id_where_killed").input_value() == "¶1"
    page.locator("#id_occurred_earliest").fill("2025-01-17")
    page.locator("#id_occurred_precision").select_option("day")
    page.locator("#id_settlement").fill("Lozova")
    page.locator("#id_country").fill("UA")
    page.locator("#id_place_precision").select_option("settlement")
    page.locator("#id_victim_party").fill("UA")
    page.locator("#id_perpetrator_party").fill("RU")
    page.locator("[name=victim_statuses][value=in_custody]").check()
    page.locator("[name=manners][value=shot]").check()
    for group in ("occurred", "place", "victim_party", "victim_statuses", "perpetrator_party", "manners"):
        page.locator(f"#id_where_{group}").fill("¶2" if group == "perpetrator_party" else "¶1")
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_url("**/items/ITM-*/")


def it_is_judged(page, site):
    from_inbox(page, site, "Accounts to judge")
    page.locator("tbody a").first.click()
    opening = page.locator("form", has=page.locator("input[name=deed][value=open]"))
    if not opening.locator("[name=title]").is_visible():
        page.get_by_text("Open an incident for this account").click()
    opening.locator("[name=title]").fill(TITLE)
    opening.locator("[name=reason]").fill("no other incident comes near it")
    with page.expect_navigation():
        opening.get_by_role("button").click()


def a_finding_is_drafted(page, site):
    from_inbox(page, site, "Incidents without a finding")
    page.locator("tbody a").first.click()
    if "/assess/" not in page.url:
        page.get_by_role("link", name="Assess it").click()
    # what the account says stands in the form already
    assert page.locator("[name=killed_best]").input_value() == "2"
    page.locator("[name=reasons]").fill("The report names the day, the place and the number.")
    page.locator("#id_tier").select_option("credible")
    page.locator("[name=tier_reason]").fill("a monitor whose reports held until now")
    page.locator("details:has(table.claims) summary").first.click()
    page.locator("input[name=claims_for]").first.check()
    page.get_by_role("button", name="Put before reviewers", exact=True).click()
    page.wait_for_url("**/proposals/PRP-*/")


def it_is_reviewed(page, site):
    from_inbox(page, site, "Findings to review")
    page.locator("tbody a").first.click()
    page.locator("input[value=approve]").check()
    page.get_by_role("button", name="Answer").click()
    page.get_by_text("Your answer is recorded").wait_for()


def it_is_recorded(page, site):
    from_inbox(page, site, "Findings to record")
    page.locator("tbody a").first.click()
    with page.expect_navigation():
        page.get_by_role("button", name="Record the finding").click()


def test_a_whole_day(own_site, desk):
    analyst = desk("analyst")
    before = best(analyst, own_site)
    for step in (an_item_arrives, it_is_screened, it_is_coded, it_is_judged, a_finding_is_drafted):
        step(analyst, own_site)
    assert best(analyst, own_site) == before
    it_is_reviewed(desk("reviewer-one"), own_site)
    assert best(analyst, own_site) == before
    it_is_recorded(analyst, own_site)
    assert best(analyst, own_site) == before + 2
    today = datetime.now(UTC).date()
    days = f"from={today - timedelta(days=1)}&to={today}"
    analyst.goto(f"{own_site[0]}/figures/difference/?{ASKED}&{days}")
    steps = analyst.locator("section[aria-labelledby=steps] tbody tr")
    assert steps.count() == 1
    assert TITLE in steps.inner_text()
    # it opens down to the passage that was coded
    steps.locator("a").first.click()
    analyst.locator("tbody a[href*='/accounts/']").first.click()
    analyst.get_by_text("Field by field").wait_for()
    assert "¶1" in analyst.locator("main").inner_text()
