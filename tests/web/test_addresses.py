"""Addresses that are no text must not reach a view."""

import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

import pytest
from flask import Flask
from flask.testing import FlaskClient

import gis_service.web

NO_TEXT = ("a%00b", "%FF", "a%ED%A0%80b", "%C0%80", "%E4%B8")
"""A NUL, bytes that are not UTF-8, a lone surrogate, an overlong NUL, half a character."""
QUERIES = (
    "after",
    "city",
    "community",
    "detail",
    "dir",
    "from",
    "gap",
    "job",
    "kind",
    "lang",
    "level",
    "minutes",
    "new",
    "next",
    "nobody_reads_this",
    "old",
    "on",
    "only",
    "over",
    "page",
    "plan",
    "q",
    "region",
    "run",
    "size",
    "snapshot",
    "sort",
    "state",
    "station",
    "status",
    "to",
    "v",
)


def addresses(app: Flask, word: str) -> list[str]:
    """Return the address of every rule that has a text in it, with ``word`` for each of them."""
    filled = [re.sub(r"<(int:)?[^>]+>", lambda part: "1" if part[1] else word, str(rule)) for rule in rules(app)]
    return [address for address in filled if word in address]


def rules(app: Flask) -> list[str]:
    return sorted({rule.rule for rule in app.url_map.iter_rules()})


def status(client: FlaskClient, path: str, query: str = "") -> int:
    """Return the answer's status to an address sent as it is: the client would mend the path."""
    sent = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
    return client.get("/", environ_overrides=sent, buffered=True).status_code


@pytest.mark.parametrize("word", NO_TEXT)
def test_no_rule_takes_a_path_that_is_no_text(
    client: FlaskClient, app: Flask, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    texts = {rule for rule in rules(app) if re.search(r"<(?!int:)", rule)}
    asked = addresses(app, word)
    assert len(asked) == len(texts) > 0
    assert {address: status(client, address) for address in asked} == dict.fromkeys(asked, 400)
    assert not caplog.records


@pytest.mark.parametrize("word", NO_TEXT)
@pytest.mark.parametrize("name", QUERIES)
def test_no_rule_takes_a_query_that_is_no_text(
    client: FlaskClient, app: Flask, name: str, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    asked = [(address, query) for address in addresses(app, "mini") for query in (f"{name}={word}", f"{word}={name}")]
    asked += [("/", f"{name}={word}"), ("/healthz", f"{name}={word}"), ("/nowhere", f"{name}={word}")]
    assert {each: status(client, *each) for each in asked} == dict.fromkeys(asked, 400)
    assert not caplog.records


@pytest.mark.parametrize("raw", ["lang=\xff", "q=\xed\xa0\x80", "\x00"])
def test_bytes_sent_as_they_are_count_like_escaped_ones(client: FlaskClient, raw: str) -> None:
    asked = ("/", "/map/mini", "/api/v1/cities/mini/search")
    assert [status(client, address, raw) for address in asked] == [400, 400, 400]


def test_a_refused_address_is_answered_in_the_form_of_its_kind(client: FlaskClient) -> None:
    page = client.get("/map/a%00b?lang=en")
    assert page.mimetype == "text/html"
    assert "Content-Security-Policy" in page.headers
    assert client.get("/api/v1/cities/a%00b/search").get_json()["status"] == 400


def test_every_query_that_a_view_reads_is_tried() -> None:
    sources = Path(gis_service.web.__path__[0]).glob("*.py")
    read = {
        name for source in sources for name in re.findall(r'request\.args\.get\("(\w+)"', source.read_text("utf-8"))
    }
    assert read
    assert read <= set(QUERIES)


@pytest.mark.parametrize("words", ["社区", "%E7%A4%BE", "𬇙", "a+b", "%25", "%EF%BF%BD"])
def test_text_in_any_script_passes(client: FlaskClient, words: str) -> None:
    assert client.get(f"/api/v1/cities/mini/search?q={words}").status_code == 200
