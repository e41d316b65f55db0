#!/usr/bin/env python3
"""Draw the figures of docs/methods.md again, from the demo city."""

import argparse
from dataclasses import replace
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from gis_service.exports.palette import BUILDING, COMMUNITY, INK, STATUS_STYLES, WARNING
from gis_service.geo.coverage import dissolve
from gis_service.ingest.city import CityFrames, read_city
from gis_service.partition.community import CommunityInput, clipped
from gis_service.partition.groundwork import Groundwork, groundwork_of
from gis_service.partition.part_problems import part_problem
from gis_service.partition.propose import mend, propose
from gis_service.partition.search import search
from gis_service.partition.seeding import bisect
from gis_service.partition.streets import with_streets
from gis_service.plan.arithmetic import target_count, totals_of
from gis_service.plan.rules import Rules, judge

REPOSITORY = Path(__file__).resolve().parents[1]
HALO = withStroke(linewidth=2, foreground="white")
PANEL_INCH, DOTS_PER_INCH = 4.0, 80
KIND_COLOURS = {"block": "#f1ebe4", "cell": "#dcdfe2", "estate": "#c9dcf0", "open": "#cfe3d6"}
LINE_COLOURS = {"road": "#b9a888", "wall": "#7b5b45", "river": "#4a8fc0", "railway": "#333333", "expressway": "#c98a2b"}


def demo_community(city: CityFrames) -> CommunityInput:
    """Return the demo city's community with the most households a hectare, without special grids."""
    regions = city.regions[city.regions["level"] == "community"].set_index("code")
    households = city.buildings.groupby("community_code")["households"].sum()
    code = str((households / regions.geometry.area).idxmax())
    return clipped(
        CommunityInput(
            code=code,
            name=str(regions.loc[code, "name"]),
            geometry=shapely.MultiPolygon(shapely.get_parts(regions.geometry[code]).tolist()),
            buildings=gpd.GeoDataFrame(city.buildings[city.buildings["community_code"] == code].reset_index(drop=True)),
            barriers=city.barriers if city.edges is None else with_streets(city.barriers, city.edges),
            estates=city.estates,
            special=city.given_grids.iloc[:0],
            rules=Rules(basis="households"),
        )
    )


def panels(titles: list[str], community: CommunityInput) -> tuple[Figure, list[Axes]]:
    """Return a figure with a panel for each title, each showing the community's whole extent."""
    x0, y0, x1, y1 = community.geometry.bounds
    height = PANEL_INCH * (y1 - y0) / (x1 - x0) + 0.35
    figure = Figure(figsize=(PANEL_INCH * len(titles), height), dpi=DOTS_PER_INCH, layout="constrained")
    FigureCanvasAgg(figure)
    axes = [figure.add_subplot(1, len(titles), number + 1) for number in range(len(titles))]
    for each, title in zip(axes, titles, strict=True):
        each.set(xlim=(x0 - 15, x1 + 15), ylim=(y0 - 15, y1 + 15), aspect="equal")
        each.set_title(title, color=INK, fontsize=10)
        each.set_axis_off()
    return figure, axes


def save(figure: Figure, path: Path) -> None:
    """Write a figure without the date that would make equal figures differ."""
    figure.savefig(path, metadata={"Software": None})


def outline(axes: Axes, frame: gpd.GeoDataFrame, colour: str, width: float) -> None:
    """Draw borders."""
    frame.boundary.plot(ax=axes, color=colour, linewidth=width)


def figure_units(community: CommunityInput, ground: Groundwork, to: Path) -> None:
    """Draw lines and buildings beside the units cut from them."""
    figure, (left, right) = panels(["lines and footprints", f"{len(ground.units)} units by kind"], community)
    for kind, colour in LINE_COLOURS.items():
        lines = community.barriers[community.barriers["kind"] == kind]
        inside = lines.clip(community.geometry)
        if len(inside):
            inside.plot(ax=left, color=colour, linewidth=0.8)
    community.buildings.plot(ax=left, color=BUILDING)
    for kind, colour in KIND_COLOURS.items():
        units = ground.units[ground.units["kind"] == kind]
        if len(units):
            units.plot(ax=right, color=colour)
    outline(right, ground.units, INK, 0.4)
    for axes in (left, right):
        outline(axes, gpd.GeoDataFrame(geometry=[community.geometry]), COMMUNITY, 1.8)
    save(figure, to / "methods_units.png")


def figure_graph(community: CommunityInput, ground: Groundwork, to: Path) -> None:
    """Draw the graph of the units and that of the bundles, in which estates are one node."""
    bundles = ground.bundles
    titles = [f"{len(ground.units)} units are neighbours", f"{len(bundles.first)} nodes: estates stay whole"]
    figure, axes = panels(titles, community)
    centre = shapely.get_coordinates(shapely.point_on_surface(ground.units.geometry.to_numpy()))
    weight = np.bincount(bundles.of_unit, minlength=len(bundles.first))
    middle = np.column_stack([np.bincount(bundles.of_unit, centre[:, i]) / weight for i in (0, 1)])
    counted = (
        (centre, ground.graph, ground.units["households"].to_numpy()),
        (middle, bundles.graph, bundles.households),
    )
    for each, (place, graph, households) in zip(axes, counted, strict=True):
        outline(each, ground.units, "#d5d9dd", 0.4)
        left = np.repeat(np.arange(len(graph.start) - 1), np.diff(graph.start))
        edges = list(np.stack([place[left], place[graph.neighbour]], axis=1))
        each.add_collection(LineCollection(edges, colors=BUILDING, linewidths=0.6))
        each.scatter(place[:, 0], place[:, 1], s=3 + np.sqrt(households), color=INK, zorder=3, linewidths=0)
    save(figure, to / "methods_graph.png")


def figure_search(community: CommunityInput, ground: Groundwork, to: Path) -> None:
    """Draw the seed, the annealed plan and the plan that is proposed."""
    bundles, rules = ground.bundles, community.rules
    every = np.arange(len(bundles.first))
    sizes = (bundles.households, bundles.residents, rules)
    problem = part_problem(bundles.graph, every, *sizes, area_m2=bundles.area_m2, perimeter_m=bundles.perimeter_m)
    count = target_count(totals_of(bundles.households, bundles.residents), rules)
    steps = {"bisected seed": bisect(problem, count, 1), "annealed": search(problem, count, 1)}
    figure, axes = panels([*steps, "proposed"], community)
    drawn = [labels[bundles.of_unit] for labels in steps.values()]
    for each, labels in zip(axes, [*drawn, propose(community, ground).labels], strict=True):
        draw_grids(each, ground, labels, rules)
    save(figure, to / "methods_search.png")


def draw_grids(axes: Axes, ground: Groundwork, labels: NDArray[np.int64], rules: Rules) -> None:
    """Draw grids coloured by status, each with its households."""
    label = np.unique(labels, return_inverse=True)[1]
    shapes = dissolve(ground.units.geometry.to_numpy(), label)
    households = np.bincount(label, ground.units["households"])
    for shape, count in zip(shapes, households, strict=True):
        style = STATUS_STYLES[judge(int(count), None, "base", rules).status]
        grid = gpd.GeoDataFrame(geometry=[shape])
        grid.plot(ax=axes, facecolor=style.fill, edgecolor=INK, linewidth=1.0, hatch=style.hatch)
        place = shapely.point_on_surface(shape)
        axes.text(
            place.x, place.y, f"{count:.0f}", ha="center", va="center", fontsize=7, color=INK, path_effects=[HALO]
        )


def figure_repair(community: CommunityInput, ground: Groundwork, to: Path) -> None:
    """Draw a plan, the same after some buildings changed, and its repair with the land that changed hands."""
    plan = propose(community, ground)
    grid = plan.labels[plan.unit_buildings.set_index("building_id")["unit"].loc[community.buildings["id"]]]
    west = plan.grids.geometry.bounds["minx"].to_numpy().argsort()
    factor = np.where(grid == west[0], 1.5, np.where(grid == west[-1], 0.6, 1.0))
    households = np.rint(community.buildings["households"] * factor).astype(np.int64)
    later = replace(community, buildings=community.buildings.assign(households=households))
    now = groundwork_of(later)
    mended = mend(later, plan.grids[["code", "geometry"]])
    moved = mended.households_moved or 0
    titles = ["a plan", "households have changed", f"repaired: {moved} of {households.sum():,} households move"]
    figure, axes = panels(titles, community)
    draw_grids(axes[0], ground, plan.labels, community.rules)
    draw_grids(axes[1], now, plan.labels, community.rules)
    draw_grids(axes[2], now, mended.labels, community.rules)
    outline(axes[2], plan.grids, WARNING, 0.8)
    save(figure, to / "methods_repair.png")


def main() -> None:
    """Draw all figures."""
    parser = argparse.ArgumentParser(description=f"{__doc__} 由示范城市重新绘制方法文档的插图。")
    parser.add_argument("--to", type=Path, default=REPOSITORY / "docs" / "images", help="文件夹 folder to write to")
    arguments = parser.parse_args()
    community = demo_community(read_city(REPOSITORY / "boundaries" / "demo"))
    ground = groundwork_of(community)
    for draw in (figure_units, figure_graph, figure_search, figure_repair):
        draw(community, ground, arguments.to)
        print(draw.__name__)


if __name__ == "__main__":
    main()
