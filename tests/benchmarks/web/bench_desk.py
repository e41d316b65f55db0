"""How long a planner at the desk waits for painted and dragged units and for what is saved, in a large community.

    GIS_SERVICE_CLUSTER_DIR=… python tests/benchmarks/web/bench_desk.py CITY_FOLDER STREET [STREET …] [--strokes 40]

Run it over a database of its own. The communities of the streets are made one, imported and partitioned where that was
not done yet. A Chromium of 1366 x 768 without a graphics card drags the border of the westernmost grid of each row of
the map over the whole map, then paints with the widest brush over the whole map, into one grid and another, an event of
the pointer every 16 ms. What is told of either:

- frame: from an event of the pointer until the frame that shows it has been handed over [ms];
- save: from sending a stroke until the server's answer is there [ms];
- CPU a frame of the page's thread on our script, styles and layout, and of the browser's processes [ms]; it is nearly
  the same on a busy machine.
"""

# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import logging
import os
import re
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from bench_city_page import LAPTOP, PASSWORD, served, sign_in
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from gis_service.config import Settings, read_settings
from gis_service.db import migrate
from gis_service.db.accounts import Grant, load_account_of
from gis_service.db.cities import load_cities
from gis_service.db.engine import begin
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts, desk
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city

NAME, ONE = "bench_desk", "01"
LOGIN = "brush"
FRAME_MS, SAVE_MS = 50, 300
EVENTS_A_STROKE, EVENT_S = 40, 0.016
MARGIN_PX = 40
WATCH = """() => {
  window.waits = [];
  const channel = new MessageChannel();
  let first = null;
  channel.port1.onmessage = () => { window.waits.push(performance.now() - first); first = null; };
  document.querySelector(".folium-map").addEventListener("pointermove", (event) => {
    if (first !== null || !event.buttons) return;
    first = event.timeStamp;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }, { capture: true });
}"""
"""What is posted within a frame arrives after everything of that frame has been painted."""
SAVES = """() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/steps"))
  .map(({ requestStart, responseEnd }) => responseEnd - requestStart)"""
AGAIN = "() => { window.waits = []; performance.clearResourceTimings(); }"
WEST = """([left, right, y]) => {
  const surface = document.querySelector(".folium-map");
  for (let x = left; x < right; x += 8) {
    surface.dispatchEvent(new PointerEvent("pointermove", { clientX: x, clientY: y, bubbles: true }));
    if (document.getElementById("desk-reading").textContent) return x;
  }
  return null;
}"""
"""Where land begins in a row of the map; null: nowhere."""
OWN_THREAD = {
    "ScriptDuration": "script",
    "RecalcStyleDuration": "styles",
    "LayoutDuration": "layout",
}


def main() -> None:
    """Make the draft, paint, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="CITY_FOLDER")
    parser.add_argument("streets", nargs="+", metavar="STREET")
    parser.add_argument("--strokes", type=int, default=40)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = read_settings()
    number, units = make_draft(settings, options.folder, options.streets)
    print(f"{units:,} units")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright, served(settings) as origin:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*sandbox, "--disable-gpu"])
        measure(browser, origin, number, options.strokes)
        browser.close()


def make_draft(settings: Settings, folder: Path, streets: list[str]) -> tuple[int, int]:
    """Return the number of a new draft of streets as one community, and how many units its land has."""
    migrate.upgrade(settings)
    name, community = f"{NAME}_{'_'.join(streets)}".lower(), streets[0] + ONE
    with begin(settings) as conn:
        if name not in {city.name for city in load_cities(conn)}:
            with tempfile.TemporaryDirectory() as made:
                import_city(conn, as_one_community(folder, streets, name, Path(made)))
        partition_city(conn, name, rules=Rules(), communities=[community], unless_current=True)
        if load_account_of(conn, LOGIN) is None:
            accounts.add_account(conn, LOGIN, title="岗", password=PASSWORD, grants=[Grant("planner", "")])
        account = load_account_of(conn, LOGIN)
        rules = Rules()
        begun = desk.begin_draft(conn, name, community, origin="proposal", title=NAME, rules=rules, account=account)
    return begun.record.id, len(begun.draft.labels)


def as_one_community(folder: Path, streets: list[str], name: str, into: Path) -> Path:
    """Write a dataset folder in which streets are one community; everything else is that of another folder."""
    regions = gpd.read_file(folder / "regions.gpkg")
    larger = regions[regions["level"] != "community"]
    land = shapely.union_all(regions.geometry[regions["parent_code"].isin(streets)])
    first = streets[0]
    one = larger[larger["code"] == first].assign(code=first + ONE, level="community", parent_code=first)
    buildings = gpd.read_file(folder / "buildings.gpkg")
    shutil.copytree(folder, into, dirs_exist_ok=True)
    pd.concat([larger, one.set_geometry([land])]).to_file(into / "regions.gpkg")
    buildings[buildings.representative_point().within(land)].to_file(into / "buildings.gpkg")
    told = (into / "dataset.toml").read_text(encoding="utf-8")
    (into / "dataset.toml").write_text(re.sub(r'(?m)^name = ".*"$', f'name = "{name}"', told), encoding="utf-8")
    return into


def measure(browser: Browser, origin: str, number: int, strokes: int) -> None:
    """Drag borders, paint, and print what either took."""
    context = browser.new_context(viewport=LAPTOP, locale="zh-CN", storage_state=sign_in(browser, origin, LOGIN))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{origin}/planner/drafts/{number}")
    page.wait_for_selector("html[data-desk=ready]")
    page.wait_for_load_state("networkidle")
    page.evaluate(WATCH)
    thread = context.new_cdp_session(page)
    thread.send("Performance.setTimeDomain", {"timeDomain": "threadTicks"})
    thread.send("Performance.enable")
    for command in ("border", "brush"):
        page.locator(f"[data-command={command}]").click()
        if command == "brush":
            page.locator("[data-size='30']").click()
        page.evaluate(AGAIN)
        before = cpu_of(browser, thread)
        for stroke in range(strokes):
            page.locator("#desk-grids tr").nth(stroke % 2).get_by_role("button").click()
            page.locator("[data-command=whole]").click()
            draw(page, stroke, strokes, from_land=command == "border")
            expect(page.locator("#desk-saved")).to_have_attribute("data-status", "saved", timeout=60_000)
        after = cpu_of(browser, thread)
        frames = np.array(page.evaluate("window.waits"))
        print(f"{command}:")
        tell("frame", frames, FRAME_MS)
        tell("save", np.array(page.evaluate(SAVES)), SAVE_MS)
        spent = {kind: (seconds - before.get(kind, 0.0)) * 1000 / len(frames) for kind, seconds in after.items()}
        print("  CPU a frame [ms]: " + ", ".join(f"{kind} {ms:.1f}" for kind, ms in spent.items()))
    context.close()


def draw(page: Page, stroke: int, strokes: int, *, from_land: bool) -> None:
    """Move the pressed pointer across the map, a row further down each time; nothing where it must begin on land."""
    box = page.locator(".folium-map").bounding_box()
    assert box is not None
    left, right = box["x"] + MARGIN_PX, box["x"] + box["width"] - MARGIN_PX
    y = box["y"] + MARGIN_PX + (box["height"] - 2 * MARGIN_PX) * (stroke + 0.5) / strokes
    west = page.evaluate(WEST, [left, right, y]) if from_land else left
    if west is None:
        return
    page.mouse.move(west, y)
    page.mouse.down()
    for step in range(1, EVENTS_A_STROKE + 1):
        began = time.perf_counter()
        page.mouse.move(west + (right - west) * step / EVENTS_A_STROKE, y)
        time.sleep(max(0.0, EVENT_S - (time.perf_counter() - began)))
    page.mouse.up()


def cpu_of(browser: Browser, thread: CDPSession) -> dict[str, float]:
    """Return the CPU time so far of the page's own thread, by what it did, and of the browser's processes [s]."""
    metrics = {metric["name"]: metric["value"] for metric in thread.send("Performance.getMetrics")["metrics"]}
    told = {f"page's {what}": metrics[name] for name, what in OWN_THREAD.items()}
    session = browser.new_browser_cdp_session()
    listed: list[dict[str, Any]] = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    for process in listed:
        told[process["type"]] = told.get(process["type"], 0.0) + process["cpuTime"]
    return told


def tell(what: str, waits: np.ndarray, limit_ms: float) -> None:
    """Print how long somebody waited."""
    median, most = np.percentile(waits, (50, 95))
    over = np.mean(waits > limit_ms)
    print(
        f"  {what}: {len(waits)}, p50 {median:.0f} ms, p95 {most:.0f} ms, longest {waits.max():.0f} ms, "
        f"{over:.1%} over {limit_ms:.0f} ms"
    )


if __name__ == "__main__":
    main()
