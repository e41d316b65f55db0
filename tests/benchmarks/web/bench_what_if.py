"""How long whoever drags an imagined station waits for the figures of where it is.

    GIS_SERVICE_CLUSTER_DIR=… python tests/benchmarks/web/bench_what_if.py CITY [--seconds 6]

The city must have been imported and checked, for the page of officials also audited. A Chromium of 1366 x 768 without a
graphics card drags an added station to and fro, an event of the pointer every 16 ms, on the city's map and on the page
选址测算. What is told of each page:

- wait: from an event of the pointer until figures that were asked for at or after it have been painted [ms]. Of several
  events between two answers the first waits longest, and all are counted;
- answers: how often a second the figures changed;
- the server's share: from sending a question until its answer is there [ms].
"""

# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import logging
import math
import os
import shutil

import numpy as np
from bench_city_page import LAPTOP, PASSWORD, served, sign_in
from playwright.sync_api import Browser, Page, sync_playwright

from gis_service.config import Settings, read_settings
from gis_service.db.accounts import Grant, load_account_of
from gis_service.db.engine import begin
from gis_service.workflows import accounts

LOGIN = "bench_dragger"
EVENT_S = 0.016
REACH_PX = 180
WATCH = """(figures) => {
  const waits = [], answers = [], pending = [];
  let told = 0, shown = 0;
  const note = ({ timeStamp, buttons }) => { if (buttons) pending.push(timeStamp); };
  addEventListener("pointermove", note, { capture: true });
  const send = window.fetch;
  window.fetch = async (url, options) => {
    const before = shown + pending.length, sent = performance.now();
    const answer = await send(url, options);
    if (!String(url).includes("what-if")) return answer;
    const text = await answer.text();
    answers.push(performance.now() - sent);
    told = before;
    return new Response(text, { status: answer.status, headers: { "Content-Type": "application/json" } });
  };
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => {
    const now = performance.now();
    while (shown < data) { waits.push(now - pending.shift()); shown += 1; }
  };
  // What is posted within a frame arrives after everything of that frame has been painted.
  new MutationObserver(() => { const upTo = told; requestAnimationFrame(() => channel.port2.postMessage(upTo)); })
    .observe(document.querySelector(figures), { childList: true, characterData: true, subtree: true });
  window.dragged = () => ({ waits, answers });
}"""


def main() -> None:
    """Drag and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("city")
    parser.add_argument("--seconds", type=float, default=6.0)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = read_settings()
    _account(settings, options.city)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright, served(settings) as origin:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*sandbox, "--disable-gpu"])
        for opened in (_map, _officials_page):
            page = opened(browser, origin, options.city)
            _drag(page, options.seconds)
            page.close()
        browser.close()


def _account(settings: Settings, city: str) -> None:
    with begin(settings) as conn:
        if load_account_of(conn, LOGIN) is None:
            grants = [Grant(role, city) for role in ("planner", "auditor")]
            accounts.add_account(conn, LOGIN, title="岗", password=PASSWORD, grants=grants)


def _opened(browser: Browser, origin: str, path: str) -> Page:
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN", storage_state=sign_in(browser, origin, LOGIN))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(origin + path)
    page.wait_for_load_state("networkidle")
    return page


def _map(browser: Browser, origin: str, city: str) -> Page:
    """Return the city's map with one added station in the middle."""
    page = _opened(browser, origin, f"/map/{city}")
    page.get_by_role("button", name="假如……").click()
    page.wait_for_timeout(1_000)
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector(".what-if-results tr, .what-if-results table")
    page.evaluate(WATCH, ".what-if-results")
    return page


def _officials_page(browser: Browser, origin: str, city: str) -> Page:
    """Return the page of officials with one added station in the middle."""
    page = _opened(browser, origin, f"/audit/{city}/what-if")
    page.locator("#add-centre").click()
    page.wait_for_selector("html[data-scenario='1']")
    page.locator(".sign-proposed").scroll_into_view_if_needed()
    page.evaluate(WATCH, "#gain-facts")
    return page


def _drag(page: Page, seconds: float) -> None:
    """Drag the added station along a loop and print what it took."""
    box = page.locator(".sign-imagined, .what-if .sign-proposed").last.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    events = int(seconds / EVENT_S)
    for event in range(1, events + 1):
        turn = 2 * math.pi * event / events
        page.mouse.move(x + REACH_PX * math.sin(turn), y + REACH_PX / 3 * math.sin(2 * turn))
        page.wait_for_timeout(1000 * EVENT_S)
    page.wait_for_timeout(1_000)
    told = page.evaluate("window.dragged()")
    page.mouse.up()
    waits, answers = np.array(told["waits"]), np.array(told["answers"])
    p50, p95, most = np.percentile(waits, [50, 95, 100])
    print(f"{page.url.split('/', 3)[3]}: {len(waits)} events, {len(answers)} answers")
    print(f"  wait p50 {p50:.0f} ms, p95 {p95:.0f} ms, most {most:.0f} ms")
    print(f"  server p50 {np.median(answers):.0f} ms, p95 {np.percentile(answers, 95):.0f} ms")


if __name__ == "__main__":
    main()
