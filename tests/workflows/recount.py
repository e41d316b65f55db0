"""Figures of an audit counted once more from its GeoPackage and the dataset, in plain pandas and shapely.

Nothing here calls the product: rules, limits and kinds stand here as people read them in the method.
"""

import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

BANDS = (5, 10, 15)
CUTOFF_S, BEYOND_M, NEARLY = 900, 1000.0, 1e-6
PEOPLE = ("residents", "elderly", "children")
STATION, SERVING = "red_station", ("red_station", "service_centre", "elder_day_care", "elder_canteen", "after_school")
WALKED_TO = ("red_station", "service_centre")
WANTED_M2 = 30.0
DESCRIBED = {"code", "name", "kind", "level", "parent_code", "community_code", "status", "geometry"}
"""Columns that are no figures; what they say of grids is held against their buildings and extents."""

Figures = dict[str, object]


@dataclass(frozen=True)
class Exported:
    """The layers and tables of an audit's GeoPackage."""

    indicators: pd.DataFrame
    regions: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    estates: pd.DataFrame
    facilities: pd.DataFrame
    walked: bool


def read_export(path: Path, *, walked: bool) -> Exported:
    here = set(pyogrio.list_layers(path)[:, 0])

    def layer(name: str) -> pd.DataFrame:
        if name not in here:
            return pd.DataFrame({column: [] for column in ("id", "place", "has_station", "serves", "area_m2")})
        return gpd.read_file(path, layer=name).replace({pd.NaT: None})

    spatial = (gpd.read_file(path, layer=name) for name in ("regions", "grids", "gaps", "buildings"))
    return Exported(layer("indicators"), *spatial, layer("estates"), layer("facilities"), walked=walked)


def read_given(folder: Path, kind: str, crs: object) -> gpd.GeoDataFrame | None:
    """Return a file of the dataset in ``crs``; a table gets empty shapes; None where there is none."""
    files = tomllib.loads((folder / "dataset.toml").read_text(encoding="utf-8"))["files"]
    if kind not in files:
        return None
    path = folder / files[kind]["path"]
    if path.suffix == ".csv":
        table = pd.read_csv(path, dtype=str)
        return gpd.GeoDataFrame(table, geometry=[None] * len(table), crs=crs)
    return gpd.read_file(path).to_crs(crs)


def known_sum(values: "pd.Series[int]") -> int | None:
    return None if values.isna().any() else int(values.sum())


def ratio(part: object, whole: object) -> float | None:
    return float(part) / float(whole) if part is not None and whole else None  # type: ignore[arg-type]


def people_figures(own: pd.DataFrame, *, walked: bool) -> Figures:
    """Return what the buildings of one region or grid give."""
    homes = own[own["households"] > 0]
    figures: Figures = {
        "buildings": len(own),
        "households": int(own["households"].sum()),
        "buildings_inhabited": len(homes),
    }
    for name in PEOPLE:
        figures[name] = known_sum(own[name])
        figures[f"{name}_counted"] = known_sum(homes[name])
    if walked:
        figures |= _walk_figures(homes)
    else:
        lost = ("buildings_covered", "households_covered", "residents_covered", "households_beyond")
        figures |= dict.fromkeys((*lost, "elderly_served", "children_served"))
    wholes = {"buildings": "buildings_inhabited", "households": "households", "residents": "residents_counted"}
    parts = {f"{name}_covered": whole for name, whole in wholes.items()}
    parts |= {f"{group}_served": f"{group}_counted" for group in ("elderly", "children")}
    if walked:
        parts |= {
            f"{name}_{minutes}_min{side}": wholes[name]
            for name in ("households", "residents")
            for minutes in BANDS
            for side in ("", "_straight")
        }
    return figures | {f"{part}_share": ratio(figures[part], figures[whole]) for part, whole in parts.items()}


def _walk_figures(homes: pd.DataFrame) -> Figures:
    """Return what the walks from inhabited buildings give."""
    covered = homes[homes["walk_s"] <= CUTOFF_S + NEARLY]
    figures: Figures = {
        "buildings_covered": len(covered),
        "households_covered": int(covered["households"].sum()),
        "residents_covered": known_sum(covered["residents"]),
        "households_beyond": int(homes.loc[~(homes["walk_m"] <= BEYOND_M + NEARLY), "households"].sum()),
    }
    for minutes in BANDS:
        for side, near in (("", homes["walk_s"]), ("_straight", homes["straight_m"])):  # 1 m/s: metres are seconds
            reached = homes[near <= minutes * 60 + NEARLY]
            figures[f"households_{minutes}_min{side}"] = int(reached["households"].sum())
            figures[f"residents_{minutes}_min{side}"] = known_sum(reached["residents"])
    for group in ("elderly", "children"):
        figures[f"{group}_served"] = known_sum(homes.loc[homes[f"{group}_walk_s"] <= CUTOFF_S + NEARLY, group])
    return figures


def status_of(kind: str, households: int, residents: int | None) -> str:
    """Return how a grid stands against 300–500 households or 1,000–1,500 residents."""
    if kind == "special":
        return "special"
    if not households and not residents:
        return "empty"
    tests = [(households, 300, 500)] + ([] if residents is None else [(residents, 1000, 1500)])
    if any(low <= count <= high for count, low, high in tests):
        return "normal"
    if all(count < low for count, low, _ in tests):
        return "small"
    return "large" if all(count > high for count, _, high in tests) else "conflict"


def grid_statuses(found: Exported) -> list[str]:
    """Return the status of each grid from the buildings in it."""
    own = found.buildings.groupby("grid_code")
    households = own["households"].sum().to_dict()
    residents = {code: known_sum(values) for code, values in own["residents"]}
    return [
        status_of(kind, int(households.get(code, 0)), residents.get(code, 0))
        for code, kind in zip(found.grids["code"], found.grids["kind"], strict=True)
    ]


def around(found: Exported) -> dict[str | None, set[str]]:
    """Return the regions around each region, itself among them; what lies nowhere is in those without a parent."""
    parent = dict(zip(found.indicators["code"], found.indicators["parent_code"], strict=True))
    containing: dict[str | None, set[str]] = {"": {code for code, above in parent.items() if above not in parent}}
    containing[None] = set()
    for code in parent:
        above, climbed = code, set[str]()
        while above in parent:
            climbed.add(above)
            above = parent[above]
        containing[code] = climbed
    return containing


def places(points: "gpd.GeoSeries", found: Exported) -> list[str]:
    """Return the smallest region around each point, the first by code on a border; empty: none."""
    known, tree = [""] * len(points), shapely.STRtree(points.to_numpy())
    for level in ("city", "county", "street", "community"):  # the smallest last
        areas = found.regions[found.regions["level"] == level].sort_values("code", ascending=False)
        for code, shape in zip(areas["code"], areas.geometry, strict=True):
            for row in tree.query(shape, predicate="intersects"):
                known[row] = code
    return known


def region_figures(found: Exported, region: str, inside: dict[str | None, set[str]]) -> Figures:
    """Return every figure of a region; ``inside`` is what :func:`around` gave."""
    housed = found.buildings[found.buildings["community_code"].notna()]
    lost = found.buildings[found.buildings["community_code"].isna()]

    within_it = [code for code, climbed in inside.items() if region in climbed]

    def within(rows: pd.DataFrame, place: str) -> pd.DataFrame:
        return rows[rows[place].isin(within_it)]

    own, adrift = within(housed, "community_code"), within(lost, "place")
    gridless = own[own["grid_code"].isna()]
    communities = found.indicators.loc[found.indicators["level"] == "community", "code"]
    figures = people_figures(own, walked=found.walked) | {
        "communities": sum(region in inside[code] for code in communities),
        "buildings_without_grid": len(gridless),
        "households_without_grid": int(gridless["households"].sum()),
        "buildings_without_community": len(adrift),
        "households_without_community": int(adrift["households"].sum()),
    }
    grids = within(found.grids, "community_code")
    estates, facilities = within(found.estates, "place"), within(found.facilities, "place")
    return figures | _grid_figures(grids) | _place_figures(estates, facilities, figures["households"])


def _grid_figures(grids: pd.DataFrame) -> Figures:
    counts: Figures = {"grids": len(grids)}
    counts |= {f"grids_{status}": int((grids["status"] == status).sum())
               for status in ("normal", "small", "large", "conflict", "special", "empty")}  # fmt: skip
    tested = ~grids["status"].isin(["special", "empty"])
    dated = grids["unchanged_since"].dropna()
    return counts | {
        "normal_share": ratio(counts["grids_normal"], int(tested.sum())),
        "grids_unchanged": len(dated),
        "unchanged_since": max(dated) if len(dated) and len(dated) == len(grids) else None,
    }


def _place_figures(estates: pd.DataFrame, facilities: pd.DataFrame, households: object) -> Figures:
    serving = facilities[facilities["serves"].astype(bool)]
    area_m2 = serving["area_m2"].astype(float)
    told = len(serving) == 0 or area_m2.notna().any()
    return {
        "estates": len(estates),
        "estates_without_station": int((~estates["has_station"].astype(bool)).sum()),
        "service_facilities": len(serving),
        "service_facilities_area_unknown": int(area_m2.isna().sum()),
        "service_area_m2": float(area_m2.sum()),
        "service_m2_per_100_households": ratio(100 * area_m2.sum(), households) if told else None,
        "facilities_over_capacity": int(facilities["over_capacity"].astype(bool).sum()) if len(facilities) else 0,
    }


def gap_figures(own: pd.DataFrame) -> Figures:
    """Return what the buildings of one gap give."""
    walk_m, walk_s, homes = own["walk_m"], own["walk_s"], own["households"]
    near = walk_m.notna()
    walking = int(homes[near].sum())
    return {
        "buildings": len(own),
        "households": int(homes.sum()),
        "residents": known_sum(own["residents"]),
        "elderly": known_sum(own["elderly"]),
        "nearest_walk_m": walk_m.min() if near.any() else None,
        "mean_walk_m": ratio((walk_m * homes)[near].sum(), walking),
        "farthest_walk_m": walk_m.max() if near.any() else None,
        "missing_min": None if not walking else (walk_s * homes)[near].sum() / walking / 60 - 15,
        "households_no_path": int(homes[~near].sum()),
        "households_beyond": int(homes[~(walk_m <= BEYOND_M + NEARLY)].sum()),
    }


def day(value: object) -> date | None:
    """Return a day as GeoPackages tell it, as text or as a moment."""
    return None if value is None or pd.isna(value) else pd.Timestamp(str(value)).date()  # type: ignore[call-overload]
