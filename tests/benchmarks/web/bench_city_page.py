"""What opening a city of 2,500 grids weighs on the wire: its map for staff and for the public, the planner's list.

    GIS_SERVICE_CLUSTER_DIR=… python tests/benchmarks/web/bench_city_page.py CITY_FOLDER [CITY_FOLDER …]

Run it over a database of its own. The cities of the folders are put side by side into one, imported and partitioned
where that is not done yet. Every page is opened by a fresh Chromium of 1366 x 768 with nothing kept from before;
bytes are those that came over the wire, compressed, heads of answers included.
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
from contextlib import contextmanager
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
from gis_service.errors import UnknownCityError
from gis_service.ingest.dataset import read_dataset
from gis_service.plan.rules import Rules
from gis_service.workflows import accounts
from gis_service.workflows.import_city import import_city
from gis_service.workflows.partition_city import partition_city

NAME = "page"
LOGIN, PASSWORD = "bench", "seven-small-boats"
LAPTOP = {"width": 1366, "height": 768}
APART_M = 5_000.0
"""Between the boxes of cities that are put side by side [m]."""


def main() -> None:
    """Make the city where it is not there yet, open its pages, print what they weigh."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", type=Path, nargs="+", metavar="CITY_FOLDER")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    settings = read_settings()
    make_city(settings, parser.parse_args().folders)
    with reading(settings) as conn:
        print(f"{load_summary(conn, load_edition(conn, load_city(conn, NAME)))['grids']:,} grids")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*sandbox, "--disable-gpu"])
        with served(replace(settings, staff_view=True)) as origin:
            weigh(browser, "map, staff", f"{origin}/map/{NAME}")
        with served(settings) as origin:
            weigh(browser, "map, public", f"{origin}/map/{NAME}")
            weigh(browser, "planner's list", f"{origin}/planner/", sign_in(browser, origin, LOGIN))
        browser.close()


def make_city(settings: Settings, folders: list[Path]) -> None:
    """Import and partition the cities of some folders as one, and let a planner in."""
    migrate.upgrade(settings)
    with begin(settings) as conn:
        try:
            load_city(conn, NAME)
        except UnknownCityError:
            with tempfile.TemporaryDirectory() as made:
                import_city(conn, put_side_by_side(folders, Path(made)))
            partition_city(conn, NAME, rules=Rules(), workers=1)
        if load_account_of(conn, LOGIN) is None:
            accounts.add_account(conn, LOGIN, title="岗", password=PASSWORD, grants=[Grant("planner", NAME)])


def put_side_by_side(folders: list[Path], into: Path) -> Path:
    """Write a dataset folder with regions and buildings of others, each east of the one before."""
    crs = read_dataset(folders[0]).metric_crs
    regions, buildings = [], []
    for number, folder in enumerate(folders):
        own = read_dataset(folder).metric_crs
        area, homes = (gpd.read_file(folder / f"{kind}.gpkg").to_crs(own) for kind in ("regions", "buildings"))
        if number:
            west, south, _, _ = area.total_bounds
            _, lowest, east, _ = regions[-1].total_bounds
            shift = (east + APART_M - west, lowest - south)
            area, homes = (
                frame.set_geometry(frame.geometry.translate(*shift)).set_crs(crs, allow_override=True)
                for frame in (area, homes)
            )
            city, whole = (frame.loc[frame["level"] == "city", "code"].item() for frame in (area, regions[0]))
            area = area[area["level"] != "city"].replace({"parent_code": {city: whole}})
        regions.append(area)
        buildings.append(homes)
    for kind, frames in (("regions", regions), ("buildings", buildings)):
        pd.concat(frames, ignore_index=True).to_crs(4326).to_file(into / f"{kind}.gpkg")
    (into / "dataset.toml").write_text(
        f'[dataset]\nname = "{NAME}"\ntitle = "{NAME}"\ndata_date = 2026-06-30\nsynthetic = false\n'
        f'metric_crs = "{crs}"\nlicence = "of the cities it is made of"\nsources = ["a benchmark"]\n'
        '[files.regions]\npath = "regions.gpkg"\n[files.buildings]\npath = "buildings.gpkg"\n',
        encoding="utf-8",
    )
    return into


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
