"""Everything an audit of a city reads from the store, loaded once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import geopandas as gpd
import pandas as pd

from gis_service.audit.standing import unchanged_since
from gis_service.db import (
    buildings,
    estates,
    facilities,
    given_grids,
    network,
    plan_history,
    plans,
    reach_runs,
    regions,
)
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.plans import PlanRecord, StoredAssignment
from gis_service.errors import NoNetworkError
from gis_service.workflows.input_hash import frames_hash


@dataclass(frozen=True)
class AuditInputs:
    """What is audited, in the city's metric CRS.

    Parameters
    ----------
    city
        The city.
    records
        The plans that count, at most one a community.
    run
        The reach run; None: there is none.
    regions, buildings, estates, facilities, given
        Frames of the city.
    grids
        Grids of the plans, with ``unchanged_since``.
    assigned
        Units and buildings of the plans.
    network
        Nodes and edges; None: the city has no walking network.
    """

    city: City
    records: tuple[PlanRecord, ...]
    run: reach_runs.StoredRun | None
    regions: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    estates: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    given: gpd.GeoDataFrame
    grids: gpd.GeoDataFrame
    assigned: StoredAssignment
    network: tuple[gpd.GeoDataFrame, gpd.GeoDataFrame] | None

    @property
    def communities(self) -> gpd.GeoDataFrame:
        """The communities among the regions."""
        return self.regions[self.regions["level"] == "community"].reset_index(drop=True)

    @property
    def special(self) -> gpd.GeoDataFrame:
        """The special grids among the given ones."""
        return self.given[self.given["kind"] == "special"].reset_index(drop=True)

    def row_counts(self) -> dict[str, int]:
        """Return how many rows each kind of data has."""
        nodes, edges = self.network or ((), ())
        counted = {
            "regions": self.regions,
            "buildings": self.buildings,
            "estates": self.estates,
            "facilities": self.facilities,
            "given_grids": self.given,
            "grids": self.grids,
            "units": self.assigned.units,
            "network_nodes": nodes,
            "network_edges": edges,
        }
        return {name: len(rows) for name, rows in counted.items()}

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The SHA-256 [hex] of each kind of data, whatever the order of its rows."""
        frames: dict[str, list[pd.DataFrame]] = {
            "regions": [self.regions],
            "buildings": [self.buildings],
            "estates": [self.estates],
            "facilities": [self.facilities],
            "given_grids": [self.given],
            "grids": [
                self.grids[["community_code", "code", "name", "kind", "status", "geometry"]],
                self.assigned.buildings[["building_id", "grid_code"]],
            ],
            "network": [] if self.network is None else list(self.network),
        }
        return {
            name: frames_hash(
                {}, [(frame, [str(column) for column in frame if column != "geometry"]) for frame in parts]
            )
            for name, parts in frames.items()
        }


def load_inputs(
    conn: Connection, city: City, records: Sequence[PlanRecord], run: reach_runs.StoredRun | None
) -> AuditInputs:
    """Return everything an audit of some plans and a reach run reads."""
    given = given_grids.load_given_grids(conn, city)
    grids = plans.load_grids(conn, city, records)
    since = _since(conn, city, records, grids, given)
    try:
        streets = network.load_network(conn, city)
    except NoNetworkError:
        streets = None
    return AuditInputs(
        city=city,
        records=tuple(records),
        run=run,
        regions=regions.load_regions(conn, city),
        buildings=buildings.load_buildings(conn, city),
        estates=estates.load_estates(conn, city),
        facilities=facilities.load_facilities(conn, city),
        given=given,
        grids=grids.assign(unchanged_since=pd.Series([since.get(code) for code in grids["code"]], dtype=object)),
        assigned=plans.load_assignment(conn, city, records),
        network=streets,
    )


def _since(
    conn: Connection, city: City, records: Sequence[PlanRecord], grids: gpd.GeoDataFrame, given: gpd.GeoDataFrame
) -> dict[str, date]:
    """Return the day since which each grid is known to have had its land."""
    approved = plan_history.load_approved(conn, city)
    earlier = plans.load_grids(conn, city, approved)
    coded = given[given["code"].notna()]
    since: dict[str, date] = {}
    for record in records:
        community = record.community_code
        before = [
            (other.effective_from, earlier[earlier["plan_id"] == other.id])
            for other in approved
            if other.community_code == community
            and other.effective_from is not None
            and record.effective_from is not None
            and other.effective_from < record.effective_from
        ]
        today = coded[coded["community_code"] == community]
        own = grids[grids["community_code"] == community]
        since |= unchanged_since(own, record.effective_from, [*before, (city.data_date, today)])
    return since
