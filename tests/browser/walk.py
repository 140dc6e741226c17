"""How tests walk the site: log in as one of the cast, and find an address for every route by its links."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from lieber_mission.policies.access import ROUTES

# Officers who together reach every page.
WALKERS = (
    "analyst",
    "protection-officer",
    "head-of-mission",
    "administrator",
    "data-officer",
    "reviewer-one",
)


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag == "a" and (address := dict(attrs).get("href")):
            self.found.append(address)


def log_in(page, address: str, handle: str, password: str) -> None:
    """Log in by keyboard."""
    page.goto(f"{address}/log-in/")
    page.locator("#id_login").fill(handle)
    page.locator("#id_password").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda now: "/log-in/" not in now)


def confirm(page, password: str) -> None:
    """Say anew who one is, where the site asks for it."""
    if route_of(page.url) == "account_reauthenticate":
        page.locator("#id_password").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda now: "/own/confirm/" not in now)


def route_of(address: str) -> str:
    """The route that answers an address; empty where none does."""
    try:
        return resolve(urlsplit(address).path).url_name or ""
    except Resolver404:
        return ""


def pages_from(site: str, requests) -> Iterator[tuple[str, str]]:
    """One address for each route that shows this officer a page: by its name, else by the links of pages."""
    waiting, done = [*_without_arguments()], set()
    while waiting:
        address = waiting.pop(0)
        route = route_of(address)
        if not route or route in done:
            continue
        answer = requests.get(urljoin(site, address))
        if answer.status != 200 or route_of(answer.url) != route:
            continue
        done.add(route)
        if answer.headers["content-type"].startswith("text/html"):
            yield route, urljoin(site, address)
            waiting += [link for link in _links(answer.text(), answer.url) if link.startswith(site)]


def _without_arguments() -> Iterator[str]:
    for route in ROUTES:
        try:
            yield reverse(route)
        except NoReverseMatch:
            continue


def _links(text: str, address: str) -> list[str]:
    reader = Links()
    reader.feed(text)
    return [urljoin(address, link) for link in reader.found]
