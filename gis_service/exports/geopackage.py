"""Plans and reach runs as GeoPackages, layer by layer as other tools rely on them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pandas as pd
import pyogrio

from gis_service.errors import Text
from gis_service.exports.about import About
from gis_service.exports.files import replacing

CLOCK = "OGR_CURRENT_DATE"
"""GDAL's option for the time it notes in a file: fixed, so that equal exports are equal byte by byte."""

GRIDS = ["code", "name", "kind", "community_code", "households", "residents", "geometry"]
PLAN_BUILDINGS = ["id", "grid_code", "households", "residents", "geometry"]
UNITS = ["id", "grid_code", "geometry"]
REACH_BUILDINGS = ["id", "facility_id", "walk_m", "walk_s", "covered", "geometry"]
REACH_DETAILS = ["status", "straight_m", "access_m2"]
"""What a building tells besides, where it is known; these columns come before the geometry."""
CIRCLES = ["facility_id", "minutes", "geometry"]
CATCHMENTS = ["facility_id", "geometry"]
GAPS = ["households", "residents", "nearest_walk_m", "geometry"]
GAP_DETAILS = [
    "name", "community_code", "elderly", "mean_walk_m", "farthest_walk_m", "missing_min",
    "households_no_path", "facility_id", "facility_name",
]  # fmt: skip
"""What a gap tells besides, where it is known; these columns come before the geometry."""
SITES = [
    "rank", "id", "name", "street", "community_code", "households_gained", "saved_m", "cost", "capacity", "geometry",
]  # fmt: skip
ASSIGNMENT = ["id", "facility_id", "site_id", "walk_m", "walk_s", "covered_before", "covered", "geometry"]


def write_plan(
    path: Path, grids: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame, units: gpd.GeoDataFrame, *, about: About
) -> None:
    """Write a plan: layers ``grids``, ``buildings``, ``units`` in the city's metric CRS, and the table ``about``.

    Parameters
    ----------
    path
        A ``.gpkg`` file; one that exists is replaced.
    grids
        ``code``, ``name``, ``kind``, ``community_code``, ``households``, ``residents``, ``geometry``.
    buildings
        ``id``, ``grid_code`` (None: in no grid), ``households``, ``residents``, ``geometry``.
    units
        ``id`` (unique in the city), ``grid_code``, ``geometry``.
    about
        Provenance.

    Raises
    ------
    InputError
        The suffix is not ``.gpkg`` or the folder does not exist.
    """
    layers = {
        "grids": (grids.sort_values("code")[GRIDS], "MultiPolygon"),
        "buildings": (buildings.sort_values("id")[PLAN_BUILDINGS], "Unknown"),
        "units": (units.sort_values("id")[UNITS], "Polygon"),
    }
    write_layers(path, layers, about)


def write_reach(
    path: Path,
    buildings: gpd.GeoDataFrame,
    reach_buildings: pd.DataFrame,
    circles: gpd.GeoDataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    about: About,
    nearest: Text,
    catchments: gpd.GeoDataFrame | None = None,
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> None:
    """Write a reach run: layers ``buildings``, ``buildings_outside``, ``service_circles``, ``gaps``, table ``about``.

    Buildings of the communities, which every total counts, and those outside every community, which none does, are
    layers of their own, so that what is counted in a layer is what the summary says.

    Parameters
    ----------
    path
        A ``.gpkg`` file; one that exists is replaced.
    buildings
        ``id``, ``community_code`` (None: outside every community) and ``geometry`` in the city's metric CRS.
    reach_buildings
        ``id``, ``facility_id``, ``walk_m``, ``walk_s``, ``covered``; nan and None become NULL: no path exists. A column
        ``walk_back_s`` is written where ways back differ from ways there, and any of `REACH_DETAILS` behind.
    circles
        ``facility_id`` (NULL: all facilities merged), ``minutes``, ``geometry``.
    gaps
        ``rank`` (their order in the file), ``households``, ``residents``, ``nearest_walk_m``, ``geometry``, and any of
        `GAP_DETAILS`.
    about
        Provenance.
    nearest
        What the facility of a building is called, as the descriptions of the layers of buildings tell.
    catchments
        ``facility_id``, ``geometry``, for a layer ``catchments``; None: no such layer.
    tables
        Tables without geometry, by the name of their layer, written as they are.

    Raises
    ------
    InputError
        The suffix is not ``.gpkg`` or the folder does not exist.
    """
    results = reach_buildings.drop(columns="geometry", errors="ignore")
    located = buildings[["id", "community_code", "geometry"]].merge(results, on="id", validate="one_to_one")
    walks = gpd.GeoDataFrame(located.sort_values("id"), crs=buildings.crs)
    outside = walks["community_code"].isna()
    details = [name for name in GAP_DETAILS if name in gaps]
    uneven = "walk_back_s" in walks and not walks["walk_back_s"].equals(walks["walk_s"])
    told = [name for name in REACH_DETAILS if name in walks]
    columns = [*REACH_BUILDINGS[:-1], *["walk_back_s"] * uneven, *told, REACH_BUILDINGS[-1]]
    layers = {
        "buildings": (walks.loc[~outside, columns], "Unknown"),
        "buildings_outside": (walks.loc[outside, columns], "Unknown"),
        "service_circles": (circles.sort_values(["minutes", "facility_id"])[CIRCLES], "MultiPolygon"),
        "gaps": (gaps.sort_values("rank")[[*GAPS[:-1], *details, GAPS[-1]]], "MultiPolygon"),
    }
    if catchments is not None:
        layers["catchments"] = (catchments.sort_values("facility_id")[CATCHMENTS], "MultiPolygon")
    walks_of_gaps = "nearest_walk_m / mean_walk_m / farthest_walk_m：最近楼栋、按户平均、最远楼栋的步行距离（米）"
    facility = f"facility_id：步行{nearest.zh} / {nearest.en} on foot"
    descriptions = {
        "buildings": f"社区内的楼栋 / buildings of the communities. {facility}",
        "buildings_outside": f"不在任何社区内的楼栋，不计入合计 / buildings outside every community. {facility}",
        "gaps": f"盲区，人多的在前 / gaps, most people first. {walks_of_gaps}",
    }
    write_layers(path, layers, about, descriptions, tables)


def write_siting(
    path: Path,
    sites: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    assignment: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    *,
    about: About,
) -> None:
    """Write a siting run: layers ``sites``, ``assignment`` and ``gaps`` in the city's metric CRS, and table ``about``.

    Parameters
    ----------
    path
        A ``.gpkg`` file; one that exists is replaced.
    sites
        What is to be opened, see :class:`gis_service.reach.siting.result.SitingResult`.
    buildings
        ``id`` and ``geometry``.
    assignment
        ``id``, ``facility_id`` or ``site_id``, ``walk_m``, ``walk_s``, ``covered_before``, ``covered``; nan and None
        become NULL.
    gaps
        What stays uncovered: ``rank`` (their order in the file), ``households``, ``residents``, ``nearest_walk_m``,
        ``geometry``.
    about
        Provenance.

    Raises
    ------
    InputError
        The suffix is not ``.gpkg`` or the folder does not exist.
    """
    located = buildings[["id", "geometry"]].merge(assignment, on="id", validate="one_to_one").sort_values("id")
    layers = {
        "sites": (sites.sort_values("rank")[SITES], "Point"),
        "assignment": (gpd.GeoDataFrame(located, crs=buildings.crs)[ASSIGNMENT], "Unknown"),
        "gaps": (gaps.sort_values("rank")[GAPS], "MultiPolygon"),
    }
    descriptions = {
        "sites": "建议新增的设施点 / sites to open",
        "assignment": "新增后各楼栋步行最近的设施（facility_id）或新增点（site_id）/ nearest once the sites are open",
        "gaps": "新增后仍未覆盖的盲区 / what stays uncovered",
    }
    write_layers(path, layers, about, descriptions)


def write_layers(
    path: Path,
    layers: Mapping[str, tuple[gpd.GeoDataFrame, str]],
    about: About,
    descriptions: Mapping[str, str] = MappingProxyType({}),
    tables: Mapping[str, pd.DataFrame] = MappingProxyType({}),
) -> None:
    """Write layers, tables without geometry and the table ``about``; equal ones give equal bytes.

    Parameters
    ----------
    path
        A ``.gpkg`` file; one that exists is replaced.
    layers
        Frame and geometry type of each layer by its name.
    about
        Provenance.
    descriptions
        What layers are, by name, for those who open the file.
    tables
        Tables by name.
    """
    with replacing(path, ".gpkg") as temporary, _clock_at(about.made_at):
        for number, (name, (frame, geometry_type)) in enumerate(layers.items()):
            pyogrio.write_dataframe(
                frame,
                temporary,
                layer=name,
                driver="GPKG",
                geometry_type=geometry_type,
                promote_to_multi=geometry_type == "MultiPolygon",
                append=number > 0,
                layer_options={"DESCRIPTION": descriptions.get(name, "")},
            )
        for name, rows in tables.items():
            pyogrio.write_dataframe(rows, temporary, layer=name, driver="GPKG", append=True)
        table = pd.DataFrame([about.as_dict()]).astype({"minutes": "float64", "speed_m_per_s": "float64"})
        pyogrio.write_dataframe(table, temporary, layer="about", driver="GPKG", append=True)


@contextmanager
def _clock_at(moment: datetime) -> Iterator[None]:
    before = pyogrio.get_gdal_config_option(CLOCK)
    pyogrio.set_gdal_config_options({CLOCK: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({CLOCK: before})
