"""How long a throttled phone waits for the list and for the map of the public's page (4 × CPU, 9 Mbit/s, 80 ms).

    scripts/serve.py --port 8000 &
    python tests/benchmarks/web/bench_page.py http://127.0.0.1:8000/find/demo jintan

The first argument is the page of a city, the second a name of a place there as somebody types it. Every round is a
phone of its own, with nothing kept from before.
"""

# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import os
import shutil
import statistics
import time

from playwright.sync_api import Browser, Page, Request, sync_playwright

ROUNDS = 5
PHONE = {"width": 390, "height": 844}
SLOWDOWN = 4
NETWORK = {"offline": False, "latency": 80, "downloadThroughput": 9e6 / 8, "uploadThroughput": 9e6 / 8}


def main() -> None:
    """Print medians and worst of all rounds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page")
    parser.add_argument("words")
    options = parser.parse_args()
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*sandbox, "--disable-gpu"])
        rounds = [measure(browser, options.page, options.words) for _ in range(ROUNDS)]
        browser.close()
    for name in rounds[0]:
        values = [each[name] for each in rounds]
        print(f"{name:40} median {statistics.median(values):8.2f}   worst {max(values):8.2f}")


def measure(browser: Browser, address: str, words: str) -> dict[str, float]:
    """Return seconds until page, list and map are there, and what went over the wire [kB]."""
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
    page = context.new_page()
    wire: list[int] = []

    def weigh(request: Request) -> None:
        wire.append(sum(request.sizes()[f"response{part}Size"] for part in ("Body", "Headers")))

    page.on("requestfinished", weigh)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    told: dict[str, float] = {}
    began = time.monotonic()
    page.goto(address)
    page.wait_for_selector("#locate:visible, #pick:visible")
    told["page usable [s]"] = time.monotonic() - began
    key = choose(page, words)
    began = time.monotonic()
    page.locator("#suggestions li").first.tap()
    page.wait_for_selector(".station")
    told["list after choosing a place [s]"] = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    told["page and list [kB]"] = sum(wire) / 1000
    began = time.monotonic()
    page.locator("[data-path]").first.tap()
    page.wait_for_selector("#map .leaflet-overlay-pane path", state="attached")
    page.wait_for_function("document.querySelectorAll('#map canvas').length > 0")
    told["map with the way [s]"] = time.monotonic() - began
    page.wait_for_load_state("networkidle")
    told["page, list and map [kB]"] = sum(wire) / 1000
    page.remove_listener("requestfinished", weigh)
    context.close()
    fresh = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, service_workers="block")
    page = fresh.new_page()
    session = fresh.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    began = time.monotonic()
    page.goto(f"{address}/at/{key}", wait_until="commit")
    page.wait_for_selector(".station")
    told["list by a link or QR code [s]"] = time.monotonic() - began
    fresh.close()
    return told


def choose(page: Page, words: str) -> str:
    """Type a name and return the key of the first place offered."""
    with page.expect_response(lambda response: "/places" in response.url) as offered:
        page.locator("#words").fill(words)
    page.wait_for_selector("#suggestions li")
    key: str = offered.value.json()["places"][0]["key"]
    return key


if __name__ == "__main__":
    main()
