"""Read the walkable ways of an OpenStreetMap extract (``.osm.pbf``) as a network of nodes and edges."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter, KeyFilter
from osmium.osm import NODE, RELATION, WAY

from gis_service.ingest.osm_rules import cuts, walkable
from gis_service.ingest.osm_topology import Piece, WayNetwork, network_of_pieces


@dataclass(frozen=True)
class OsmStreets:
    """The walking network of an extract.

    Parameters
    ----------
    network
        Nodes and edges, longitude and latitude [degrees, WGS 84].
    cut_nodes
        Closed gates and impassable barriers that cut a walkable way.
    missing_nodes
        Nodes of walkable ways that are not in the file because it was clipped; the ways end there.
    """

    network: WayNetwork
    cut_nodes: int
    missing_nodes: int


def read_osm(path: Path) -> OsmStreets:
    """Return the walking network of an OpenStreetMap extract.

    Ways are walked on by the rules of :mod:`gis_service.ingest.osm_rules` and meet only at nodes they share, never
    where they merely cross, so bridges and tunnels stay apart. Squares are walked around, not across, whether they are
    drawn as closed ways or as multipolygons.

    Parameters
    ----------
    path
        The ``.osm.pbf``.

    Returns
    -------
    OsmStreets
        The network and what the reader should know of it.

    Raises
    ------
    RuntimeError
        The file is damaged (raised by osmium).
    """
    pieces: list[Piece] = []
    closed: set[int] = set()
    missing = 0
    outlines = _outlines(path)
    for element in _elements(path):
        tags = dict(element.tags)
        if element.is_node():
            if cuts(tags):
                closed.add(element.id)
        elif walkable(tags):
            missing += _add(pieces, element, tags.get("highway", "ferry"), tags.get("name"))
            outlines.pop(element.id, None)
    for way in _ways(path, outlines):
        missing += _add(pieces, way, *outlines[way.id])
    cut = closed.intersection(ref for piece in pieces for ref in piece.refs)
    return OsmStreets(network_of_pieces(pieces, cut), len(cut), missing)


def _outlines(path: Path) -> dict[int, tuple[str, str | None]]:
    """Return kind and name of the member ways of walkable multipolygons."""
    outlines: dict[int, tuple[str, str | None]] = {}
    relations: Iterable[Any] = osmium.FileProcessor(path, RELATION).with_filter(KeyFilter("highway"))
    for relation in relations:
        tags = dict(relation.tags)
        if tags.get("type") == "multipolygon" and walkable(tags):
            for member in relation.members:
                if member.type == "w":
                    outlines[member.ref] = tags["highway"], tags.get("name")
    return outlines


def _elements(path: Path) -> Iterator[Any]:
    """Yield barrier nodes, streets and ferries, ways with the positions of their nodes."""
    barriers, streets = KeyFilter("barrier"), KeyFilter("highway", "route")
    barriers.enable_for(NODE)
    streets.enable_for(WAY)
    yield from osmium.FileProcessor(path, NODE | WAY).with_locations().with_filter(barriers).with_filter(streets)


def _ways(path: Path, ids: dict[int, tuple[str, str | None]]) -> Iterator[Any]:
    """Yield the ways of some ids with the positions of their nodes."""
    if ids:
        processor = osmium.FileProcessor(path, NODE | WAY).with_locations()
        yield from processor.with_filter(EntityFilter(WAY)).with_filter(IdFilter(ids))


def _add(pieces: list[Piece], way: Any, kind: str, name: str | None) -> int:
    """Add a way in pieces that end where nodes are missing; return how many are."""
    missing = 0
    refs: list[int] = []
    lonlat: list[tuple[float, float]] = []
    for node in way.nodes:
        if not node.location.valid():
            missing += 1
            pieces.append(Piece(refs, lonlat, kind, name))
            refs, lonlat = [], []
        elif not refs or refs[-1] != node.ref:
            refs.append(node.ref)
            lonlat.append((node.lon, node.lat))
    pieces.append(Piece(refs, lonlat, kind, name))
    return missing
