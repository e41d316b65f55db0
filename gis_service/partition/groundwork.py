"""What every plan of a community stands on: its units, their neighbourhood, and what stays together."""

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import UnitGraph, unit_graph
from gis_service.partition.contraction import Bundles, bundle_estates
from gis_service.partition.following import lines_of
from gis_service.partition.start import grid_of_points, start_of
from gis_service.partition.units import cut_units
from gis_service.partition.vacant import within_reach


class UnitFrames(Protocol):
    """The units of a community, as they were cut or stored."""

    @property
    def units(self) -> gpd.GeoDataFrame:
        """The units frame."""

    @property
    def unit_buildings(self) -> pd.DataFrame:
        """The unit buildings frame."""


@dataclass(frozen=True)
class Groundwork:
    """Units of a community, ready to be assigned.

    Parameters
    ----------
    units, unit_buildings
        The frames of those names.
    graph
        Neighbourhood of the units.
    bundles
        Units that go to one grid together, and their neighbourhood as far as a grid may reach: see
        :func:`gis_service.partition.vacant.within_reach`.
    special
        Number of the given special grid of each bundle, by name, from 0; -1: none.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame
    graph: UnitGraph
    bundles: Bundles
    special: IndexArray


@dataclass(frozen=True)
class Begun:
    """Grids that exist today, as the groundwork sees them.

    Parameters
    ----------
    ground
        Units of the community; estates are not held together across the border of a locked grid.
    start
        Row of the grid each bundle belongs to today; -1: none.
    held
        True for bundles of locked grids.
    building
        Row of the grid each building of ``unit_buildings`` stands in; -1: none.
    households
        Households of each of these buildings [count].
    """

    ground: Groundwork
    start: IndexArray
    held: NDArray[np.bool_]
    building: IndexArray
    households: IndexArray


def groundwork_of(community: CommunityInput, units: UnitFrames | None = None) -> Groundwork:
    """Return the groundwork of a community.

    Parameters
    ----------
    community
        The community and what lies in it.
    units
        Its units and their buildings, sorted by ``unit``, if it has been cut before, by whatever rules; None cuts it.

    Raises
    ------
    CoverageError
        The community's geometry, or that of the given units, is invalid.
    """
    cut = cut_units(community) if units is None else units
    return _groundwork(community, cut, np.zeros(len(cut.units), dtype=bool), None)


def begin_with(
    community: CommunityInput, grids: gpd.GeoDataFrame, units: UnitFrames | None, locked: frozenset[str]
) -> Begun:
    """Return the groundwork of a community whose plan starts from grids that exist.

    Parameters
    ----------
    community, units
        As for :func:`groundwork_of`.
    grids
        Grids that exist, see :func:`gis_service.partition.start.start_of`, with ``code``.
    locked
        Codes of those that stay as they are.
    """
    cut = cut_units(community) if units is None else units
    buildings = community.buildings.set_index("id").loc[cut.unit_buildings["building_id"]]
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    households = buildings["households"].to_numpy(np.int64)
    unit = cut.unit_buildings["unit"].to_numpy(np.int64)
    rows = np.flatnonzero(grids["code"].isin(locked))
    of_unit = start_of(grids, cut.units, np.arange(len(cut.units)), points, households, unit)
    ground = _groundwork(community, cut, np.isin(of_unit, rows), of_unit)
    start = start_of(grids, cut.units, ground.bundles.of_unit, points, households, unit)
    return Begun(ground, start, np.isin(start, rows), grid_of_points(grids, points), households)


def _groundwork(
    community: CommunityInput, cut: UnitFrames, apart: NDArray[np.bool_], start: IndexArray | None
) -> Groundwork:
    graph = unit_graph(cut.units, community.barriers, lines_of(community))
    reach = within_reach(cut.units, graph, community.barriers, community.rules, start)
    bundles = bundle_estates(cut.units, reach, community.rules, apart)
    special = pd.factorize(cut.units["special"].to_numpy(dtype=object)[bundles.first], sort=True)[0]
    return Groundwork(cut.units, cut.unit_buildings, graph, bundles, special.astype(np.int64))
