"""What opening a city of 2,500 grids weighs on the wire: its map for staff, for the public and for a planner, the list.

    GIS_SERVICE_CLUSTER_DIR=… python tests/benchmarks/web/bench_city_page.py CITY_FOLDER [CITY_FOLDER …] [--workers 2]

Run it over a database of its own. The cities of the folders are put side by side into one, with all they hold but the
grids of today, imported, partitioned and, where there are streets and stations, walked where that is not done yet. A
folder may be named several times: ten times the demo city is a city of ten times its grids. Every page is opened by a
fresh Chromium of 1366 x 768 with nothing kept from before; bytes are those that came over the wire, compressed, heads
of answers included.
"""

# ruff: noqa: T201 a report on the terminal is what this is for

import argparse
import logging
import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
from playwright.sync_api import Browser, Request, StorageState, sync_playwright
from werkzeug.serving import make_server

from gis_service.app import create_app
from gis_service.config import Settings, read_settings
from gis_service.db import migrate
from gis_service.db.accounts import Grant, load_account_of
from gis_service.db.cities import load_city
from gis_service.db.engine import begin, reading
from gis_service.db.layers import load_edition, load_summary
from gis_service.errors import NoNetworkError, UnknownCityError
from gis_service.ingest.dataset import read_dataset
from gis_service.plan.rules import Rules
from gis_service.reach.rules import ReachRules
from gis_service.workflows import accounts
from gis_service.workflows.check_city_reach import check_city_reach
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city

NAME = "page"
LOGIN, PASSWORD = "bench", "seven-small-boats"
LAPTOP = {"width": 1366, "height": 768}
APART_M = 5_000.0
"""Between the boxes of cities that are put side by side [m]."""
KINDS = ("regions", "buildings", "estates", "barriers", "facilities", "streets")
IDS = ("id", "estate_id")
FIRST_PREFIX, WHOLE = 11, "990000000000"
"""Codes of regions begin with the number of their city, counted from here; the code of the city that they make up."""
NODES_APART = 10_000_000
"""Between the numbers of the nodes of cities."""


def main() -> None:
    """Make the city where it is not there yet, open its pages, print what they weigh."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="CITY_FOLDER")
    parser.add_argument("--workers", type=int, default=1, help="processes to partition with")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = read_settings()
    arguments = parser.parse_args()
    make_city(settings, arguments.folders, arguments.workers)
    with reading(settings) as conn:
        print(f"{load_summary(conn, load_edition(conn, load_city(conn, NAME)))['grids']:,} grids")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*sandbox, "--disable-gpu"])
        with served(replace(settings, staff_view=True)) as origin:
            weigh(browser, "map, staff", f"{origin}/map/{NAME}")
        with served(settings) as origin:
            weigh(browser, "map, public", f"{origin}/map/{NAME}")
            planner = sign_in(browser, origin, LOGIN)
            weigh(browser, "map, planner", f"{origin}/map/{NAME}", planner)
            weigh(browser, "planner's list", f"{origin}/planner/", planner)
        browser.close()


def make_city(settings: Settings, folders: list[Path], workers: int) -> None:
    """Import, partition and walk the cities of some folders as one, and let a planner in."""
    migrate.upgrade(settings)
    with begin(settings) as conn:
        try:
            load_city(conn, NAME)
        except UnknownCityError:
            with tempfile.TemporaryDirectory() as made:
                import_city(conn, put_side_by_side(folders, Path(made)))
            partition_city(conn, NAME, rules=Rules(), workers=workers)
            with suppress(NoNetworkError):
                check_city_reach(conn, NAME, rules=ReachRules())
        if load_account_of(conn, LOGIN) is None:
            accounts.add_account(conn, LOGIN, title="岗", password=PASSWORD, grants=[Grant("planner", NAME)])


def put_side_by_side(folders: list[Path], into: Path) -> Path:
    """Write a dataset folder of all others, each east of the one before; codes and ids are those of none of them."""
    crs = read_dataset(folders[0]).metric_crs
    parts: dict[str, list[gpd.GeoDataFrame]] = {kind: [] for kind in KINDS}
    for number, folder in enumerate(folders):
        own = read_dataset(folder).metric_crs
        frames = {
            kind: gpd.read_file(folder / f"{kind}.gpkg").to_crs(own)
            for kind in KINDS
            if (folder / f"{kind}.gpkg").exists()
        }
        shift = (0.0, 0.0)
        if number:
            west, south, _, _ = frames["regions"].total_bounds
            _, lowest, east, _ = parts["regions"][-1].total_bounds
            shift = (east + APART_M - west, lowest - south)
        for kind, frame in frames.items():
            moved = frame.set_geometry(frame.geometry.translate(*shift)).set_crs(crs, allow_override=True)
            parts[kind].append(renamed(moved, kind, number))
    lines = []
    for kind, made in parts.items():
        if made:
            pd.concat(made, ignore_index=True).to_crs(4326).to_file(into / f"{kind}.gpkg")
            lines.append(f'[files.{kind}]\npath = "{kind}.gpkg"\n')
    (into / "dataset.toml").write_text(
        f'[dataset]\nname = "{NAME}"\ntitle = "{NAME}"\ndata_date = 2026-06-30\nsynthetic = false\n'
        f'metric_crs = "{crs}"\nlicence = "of the cities it is made of"\nsources = ["a benchmark"]\n' + "".join(lines),
        encoding="utf-8",
    )
    return into


def renamed(frame: gpd.GeoDataFrame, kind: str, number: int) -> gpd.GeoDataFrame:
    """Return rows of a city with codes and ids that tell which of several it was; the first alone stays a city."""
    if kind == "regions":
        whole = frame.loc[frame["level"] == "city", "code"].item()
        new = {code: f"{FIRST_PREFIX + number}{code[2:]}" for code in frame["code"]} | {whole: WHOLE}
        told = frame.assign(code=frame["code"].map(new), parent_code=frame["parent_code"].map(new))
        return told[told["level"] != "city"] if number else told
    texts = {name: frame[name].map(f"{number}-{{}}".format, na_action="ignore") for name in IDS if name in frame}
    nodes = {name: frame[name] + number * NODES_APART for name in ("u", "v") if name in frame}
    return frame.assign(**texts, **nodes)


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve the application on a free port."""
    server = make_server("127.0.0.1", 0, create_app(settings), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def sign_in(browser: Browser, origin: str, login: str) -> StorageState:
    """Return what a browser keeps of the planner's session."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{origin}/account/sign-in?next=/planner/")
    page.fill("[name=login]", login)
    page.fill("[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("table.communities")
    kept = context.storage_state()
    context.close()
    return kept


def weigh(browser: Browser, what: str, address: str, session: StorageState | None = None) -> None:
    """Open a page and print what came over the wire, in all and by kind."""
    context = browser.new_context(viewport=LAPTOP, storage_state=session, service_workers="block")  # type: ignore[arg-type]
    page = context.new_page()
    wire: Counter[str] = Counter()

    def note(request: Request) -> None:
        sizes = request.sizes()
        wire[kind_of(request.url)] += sizes["responseBodySize"] + sizes["responseHeadersSize"]

    page.on("requestfinished", note)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_000)
    parts = ", ".join(f"{kind} {size / 1000:.0f}" for kind, size in wire.most_common() if size >= 1000)
    print(f"{what}: {sum(wire.values()) / 1000:.0f} kB ({parts})")
    context.close()


def kind_of(url: str) -> str:
    """Return what a request asks for: a layer, tiles, a script, a style, or the page."""
    path = url.partition("?")[0]
    last = path.rsplit("/", 1)[-1]
    if path.endswith((".geojson", ".json")):
        return last
    if "/tiles/" in path:
        return f"tiles {path.split('/tiles/')[1].split('/')[0]}"
    return {"js": "scripts", "css": "styles", "svg": "signs"}.get(last.rpartition(".")[2], "page")


if __name__ == "__main__":
    main()
