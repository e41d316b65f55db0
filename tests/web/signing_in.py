"""Somebody who signs in: a browser without a window, the token of its pages, and the desk's interface through it."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

PASSWORD = "seven-small-boats"  # noqa: S105 of a test


def token_in(page: str) -> str:
    """Return the token that the forms of a page send along."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def token_at(browser: FlaskClient, address: str = "/account/sign-in") -> str:
    """Return the token that the forms at an address send along."""
    return token_in(browser.get(address).text)


def signed_in(app: Flask, login: str) -> FlaskClient:
    """Return a browser of its own in which somebody has signed in through the form."""
    browser = app.test_client()
    form = {"csrf_token": token_at(browser), "login": login, "password": PASSWORD}
    assert browser.post("/account/sign-in", data=form).status_code == 302
    return browser


def entering(app: Flask) -> Callable[[str], FlaskClient]:
    """Return a function from a login to a browser in which it is signed in."""
    return lambda login: signed_in(app, login)


def island_of(page: str) -> dict[str, Any]:
    """Return what a page tells its script."""
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    read: dict[str, Any] = json.loads(found[1])
    return read


@dataclass
class Desk:
    """Somebody at the desk: a browser with the page's token; empty: a stranger's."""

    client: FlaskClient
    token: str = ""

    def send(self, address: str, body: object = None) -> Any:
        """Send a body to an address of the service."""
        return self.client.post(address, json={} if body is None else body, headers={"X-CSRFToken": self.token})

    def get(self, address: str) -> Any:
        """Read an address below the drafts."""
        return self.client.get(f"/api/v1/drafts/{address}")

    def post(self, address: str, body: object, seen: int | None = 0) -> Any:
        """Send a body to an address below the drafts, naming the revision that was seen."""
        headers = {"X-CSRFToken": self.token} | ({} if seen is None else {"If-Match": f'"{seen}"'})
        return self.client.post(f"/api/v1/drafts/{address}", json=body, headers=headers)


def at_desk_of(app: Flask) -> Callable[[str], Desk]:
    """Return a function that lets somebody in who signs in, each in a browser of their own."""

    def enter(login: str) -> Desk:
        browser = signed_in(app, login)
        return Desk(browser, token_at(browser, "/account/"))

    return enter
