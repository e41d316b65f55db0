#!/usr/bin/env python3
"""Write the synthetic demo city as a dataset folder, from a seed."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from demo_city.communities import make_regions
from demo_city.lines import Street
from demo_city.network import make_network
from demo_city.parcels import walls
from demo_city.people import settle, straddle_a_lane
from demo_city.services import make_facilities
from demo_city.town import Town, draw_town
from shapely.geometry.base import BaseGeometry

CRS = "EPSG:4549"
ORIGIN = (521_447.0, 3_023_583.0)
"""Easting and northing [m] of the town's centre: 120.2167 E, 27.3243 N."""
RESOLUTION_M = 0.001
TOML = """\
# Synthetic: written by scripts/make_demo_city.py --seed {seed}; every name and number is invented.
[dataset]
name = "demo"
title = "澄汐市（合成示范）"
data_date = 2026-06-30
synthetic = true
metric_crs = "EPSG:4549"
licence = "made by this project, free to use"
sources = ["scripts/make_demo_city.py --seed {seed}"]
"""


def make_demo_city(seed: int) -> dict[str, gpd.GeoDataFrame]:
    """Return the frames of the demo city, kind to frame, in EPSG:4549 with coordinates to the millimetre.

    Parameters
    ----------
    seed
        Seed of everything that is left to chance; the same seed gives the same city.
    """
    rng = np.random.default_rng(seed)
    town = draw_town(rng)
    straddle_a_lane(town.parcels)
    buildings, estates = settle(town.parcels, rng)
    regions = make_regions(town, buildings)
    facilities = make_facilities(town, buildings, estates, regions, rng)
    expressway = Street("澄汐绕城高速", "motorway", town.skeleton.expressway)
    frames = {
        "regions": regions,
        "buildings": buildings,
        "estates": estates,
        "barriers": _barriers(town),
        "streets": make_network([*town.streets, *town.paths], expressway),
        "facilities": facilities,
        "plan": _special_grids(town),
    }
    return {kind: _placed(frame) for kind, frame in frames.items()}


def _barriers(town: Town) -> gpd.GeoDataFrame:
    skeleton = town.skeleton
    rows: list[tuple[str, str | None, BaseGeometry]] = [
        ("river", "汐江", skeleton.river),
        ("river", "望澜水库", skeleton.reservoir),
        ("railway", "汐澜铁路", skeleton.railway),
        ("expressway", "澄汐绕城高速", skeleton.expressway),
    ]
    rows += [("river", "公园湖", parcel.lake) for parcel in town.parcels if parcel.lake is not None]
    rows += [("road", street.name, street.line) for street in town.streets]
    rows += [("wall", None, part) for parcel in town.parcels if parcel.walled for part in walls(parcel)]
    kinds, names, shapes = zip(*rows, strict=True)
    return gpd.GeoDataFrame({"kind": kinds, "name": pd.array(names, dtype=object)}, geometry=list(shapes))


def _special_grids(town: Town) -> gpd.GeoDataFrame:
    granted = [(wish, town.parcels[block]) for block, wish in sorted(town.granted.items()) if wish.special]
    return gpd.GeoDataFrame(
        {"name": [wish.name for wish, _ in granted], "kind": "special"},
        geometry=[parcel.face for _, parcel in granted],
    )


def _placed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = shapely.transform(
        frame.geometry.to_numpy(), lambda xy: np.round((xy + ORIGIN) / RESOLUTION_M) * RESOLUTION_M
    )
    return frame.set_geometry(gpd.GeoSeries(shapes, crs=CRS))


def write_demo_city(frames: dict[str, gpd.GeoDataFrame], seed: int, to: Path) -> None:
    """Write the frames and ``dataset.toml`` to a folder; GDAL's clock is stopped, so equal data give equal files."""
    to.mkdir(parents=True, exist_ok=True)
    toml = TOML.format(seed=seed)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2026-06-30T00:00:00.000Z"})
    for kind, frame in frames.items():
        target = to / f"{kind}.gpkg"
        target.unlink(missing_ok=True)
        pyogrio.write_dataframe(frame, target, layer=kind, SPATIAL_INDEX="NO")
        toml += f'\n[files.{kind}]\npath = "{kind}.gpkg"\ncrs = "{CRS}"\n'
    (to / "dataset.toml").write_text(toml, encoding="utf-8")


def main() -> None:
    """Write the demo city and say how large it is."""
    parser = argparse.ArgumentParser(description=f"{__doc__} 由随机种子生成合成示范城市。")
    parser.add_argument("--seed", type=int, default=1, help="随机种子 seed (default 1)")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="写到哪里 folder to write")
    arguments = parser.parse_args()
    frames = make_demo_city(arguments.seed)
    write_demo_city(frames, arguments.seed, arguments.to)
    buildings = frames["buildings"]
    print(
        f"{arguments.to}: {buildings['households'].sum()} households, {buildings['residents'].sum()} residents, "
        f"{len(buildings)} buildings, {len(frames['estates'])} estates, {len(frames['streets'])} street edges, "
        f"{len(frames['facilities'])} facilities"
    )


if __name__ == "__main__":
    main()
