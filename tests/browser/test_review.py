"""Assessing, reviewing and judging in a browser, by keyboard where keys are offered.

What is done is undone at the end: other tests share the example.
"""

from __future__ import annotations

import pytest

from browser.test_accessible import THEMES, faults, overflows
from browser.walk import log_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def desks(site, browser):
    """An analyst's and a reviewer's browser."""
    address, password = site
    contexts = {}
    for handle in ("analyst", "reviewer-one"):
        contexts[handle] = browser.new_context(bypass_csp=True, reduced_motion="reduce")
        log_in(contexts[handle].new_page(), address, handle, password)
    yield {handle: context.pages[0] for handle, context in contexts.items()}
    for context in contexts.values():
        context.close()


def without_fault(page):
    return [fault for theme in THEMES for fault in (*overflows(page, theme), *faults(page, theme))]


def first_link(page, within):
    return page.locator(f"main a[href*='{within}']").first.get_attribute("href").split("?")[0]


def test_a_finding_is_drafted_put_before_a_reviewer_returned_and_taken_back(site, desks):
    author, reviewer = desks["analyst"], desks["reviewer-one"]
    author.goto(f"{site[0]}/incidents/")
    author.goto(f"{site[0]}{first_link(author, '/incidents/INC-')}assess/")
    author.locator("[name=reasons]").fill("read again from the beginning")
    author.wait_for_function("document.querySelector('[data-draft-told]').textContent !== ''")
    author.reload()
    assert author.locator("[name=reasons]").input_value() == "read again from the beginning"
    author.locator("details:has(table.claims) summary").first.click()
    author.locator("input[name=claims_for]").first.check()
    author.locator("[name=tier_reason]").fill("as before")
    author.locator("[name=tier_reason]").press("Tab")
    author.locator("button[value=submit]").click()
    author.wait_for_url("**/proposals/PRP-*/")
    assert without_fault(author) == []
    reviewer.goto(author.url)
    assert without_fault(reviewer) == []
    reviewer.locator("input[value=return]").check()
    reviewer.locator("[name=comments]").fill("the day is open")
    reviewer.get_by_role("button", name="Answer").click()
    author.goto(f"{site[0]}/inbox/")
    author.get_by_role("link", name="Findings returned to me").click()
    author.locator("tbody a").first.click()
    assert "the day is open" in author.locator("main").inner_text()
    author.get_by_role("link", name="Mend it").click()
    author.wait_for_url("**/mend/")
    assert without_fault(author) == []
    author.go_back()
    author.locator("details:has(button[value=withdraw]) summary").click()
    author.locator("button[value=withdraw]").click()
    author.wait_for_url("**/proposals/PRP-*/")
    assert "withdrawn" in author.locator("main").inner_text()


def test_an_account_is_judged_by_keys_and_anew(site, desks):
    page = desks["analyst"]
    page.goto(f"{site[0]}/accounts/")
    account = first_link(page, "/accounts/ACC-").split("/")[2]
    page.goto(f"{site[0]}/candidates/{account}/")
    judged = page.locator("section[aria-labelledby=done] a").first.get_attribute("href")
    page.goto(f"{site[0]}/candidates/{account}/{judged}")
    assert without_fault(page) == []
    with page.expect_navigation():
        page.keyboard.press("n")
    page.goto(f"{site[0]}/candidates/")
    assert account in page.locator("main").inner_text()
    page.goto(f"{site[0]}/candidates/{account}/{judged}")
    with page.expect_navigation():
        page.keyboard.press("y")
    page.goto(f"{site[0]}/candidates/")
    assert account not in page.locator("main").inner_text()
