"""A passkey: added, and then all that it takes to log in. Chromium plays the device."""

from __future__ import annotations

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_an_officer_logs_in_with_a_passkey_alone(site, browser):
    address, password = site
    # A passkey is bound to a name, not to a number.
    address = address.replace("127.0.0.1", "localhost")
    with browser.new_context() as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
        device = context.new_cdp_session(page)
        device.send("WebAuthn.enable")
        device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})

        page.goto(f"{address}/log-in/")
        page.get_by_label("Handle").fill("reviewer-two")
        page.get_by_label("Password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/")

        page.goto(f"{address}/own/factor/keys/add/")
        if "/own/confirm/" in page.url:
            page.get_by_label("Password").fill(password)
            page.keyboard.press("Enter")
            page.wait_for_url("**/keys/add/**")
        page.get_by_label("Passwordless").check()
        page.locator("#mfa_webauthn_add").click()
        page.wait_for_url("**/own/factor/recovery/**")

        page.get_by_role("button", name="Log out").click()
        page.wait_for_url("**/log-in/**")
        page.get_by_role("button", name="Log in with a passkey").click()
        page.wait_for_url(f"{address}/")
        assert faults == []
