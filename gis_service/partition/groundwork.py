"""What every plan of a community stands on: its units, their neighbourhood, and what stays together."""

from dataclasses import dataclass
from typing import Protocol

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gis_service.geo.coverage import IndexArray
from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import UnitGraph, unit_graph
from gis_service.partition.contraction import Bundles, bundle_estates
from gis_service.partition.start import start_of
from gis_service.partition.units import cut_units


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
        Units that go to one grid together.
    special
        Number of the given special grid of each bundle, by name, from 0; -1: none.
    """

    units: gpd.GeoDataFrame
    unit_buildings: pd.DataFrame
    graph: UnitGraph
    bundles: Bundles
    special: IndexArray


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
    graph = unit_graph(cut.units, community.barriers)
    bundles = bundle_estates(cut.units, graph, community.rules)
    special = pd.factorize(cut.units["special"].to_numpy(dtype=object)[bundles.first], sort=True)[0]
    return Groundwork(cut.units, cut.unit_buildings, graph, bundles, special.astype(np.int64))


def start_of_bundles(community: CommunityInput, ground: Groundwork, grids: gpd.GeoDataFrame) -> IndexArray:
    """Return the row of ``grids``, which exist today, that each bundle belongs to; see :func:`start_of`."""
    buildings = community.buildings.set_index("id").loc[ground.unit_buildings["building_id"]]
    return start_of(
        grids,
        ground.units,
        ground.bundles.of_unit,
        shapely.point_on_surface(buildings.geometry.to_numpy()),
        buildings["households"].to_numpy(np.int64),
        ground.unit_buildings["unit"].to_numpy(np.int64),
    )
