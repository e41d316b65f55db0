"""Read the walkable ways of an OpenStreetMap extract (``.osm.pbf``) as a network of nodes and edges."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter, KeyFilter
from osmium.osm import AREA, NODE, RELATION, WAY

from gis_service.ingest.osm_rules import (
    AS_TAGGED,
    FOOTWAYS,
    AccessPolicy,
    Crossing,
    crossing_of,
    cuts,
    is_gate,
    structure_of,
    timed,
    walkable,
)
from gis_service.ingest.osm_squares import Ring, Square, ways_across
from gis_service.ingest.osm_topology import Piece, Street, WayNetwork, network_of_pieces


@dataclass(frozen=True)
class OsmStreets:
    """The walking network of an extract.

    Parameters
    ----------
    network
        Nodes and edges, longitude and latitude [degrees, WGS 84].
    cut_nodes
        Closed gates and impassable barriers that cut a walkable way.
    open_gates
        Gates on walkable ways that let people pass.
    missing_nodes
        Nodes of walkable ways that are not in the file because it was clipped; the ways end there.
    timed_ways
        Walkable ways that are open at certain hours only; they are taken as their other tags say.
    ferries
        Ferries that are walked on.
    large_squares
        Squares with so many corners that nothing leads across them.
    """

    network: WayNetwork
    cut_nodes: int
    open_gates: int
    missing_nodes: int
    timed_ways: int
    ferries: int
    large_squares: int


@dataclass
class _Found:
    """What was found in the file so far."""

    pieces: list[Piece] = field(default_factory=list)
    cuts: set[int] = field(default_factory=set)
    gates: set[int] = field(default_factory=set)
    crossings: dict[int, Crossing] = field(default_factory=dict)
    missing: int = 0
    timed: int = 0
    ferries: int = 0


def read_osm(path: Path, policy: AccessPolicy = AS_TAGGED) -> OsmStreets:
    """Return the walking network of an OpenStreetMap extract.

    Ways are walked on by the rules of :mod:`gis_service.ingest.osm_rules` and meet only at nodes they share, never
    where they merely cross, so bridges and tunnels stay apart. Squares, drawn as closed ways with ``area=yes`` or as
    multipolygons, are walked around and, by :mod:`gis_service.ingest.osm_squares`, straight across. Lifts and indoor
    corridors are walked on like any other way.

    Parameters
    ----------
    path
        The ``.osm.pbf``, its nodes before its ways as usual.
    policy
        Whether gates and private ways are open.

    Returns
    -------
    OsmStreets
        The network and what the reader should know of it.

    Raises
    ------
    RuntimeError
        The file is damaged (raised by osmium).
    """
    found = _Found()
    outlines = _outlines(path, policy)
    squares_drawn = bool(outlines)
    for element in _elements(path):
        tags = dict(element.tags)
        if element.is_node():
            _note_node(found, element.id, tags, policy)
        elif walkable(tags, policy):
            _add(found, element, _street(tags), tags)
            squares_drawn |= tags.get("area") == "yes"
            outlines.pop(element.id, None)
    for way in _ways(path, outlines):
        _add(found, way, outlines[way.id], {})
    squares = _squares(path, policy) if squares_drawn else iter(())
    across, too_large = ways_across(squares, found.pieces, frozenset(found.cuts))
    walked_on = {ref for piece in found.pieces for ref in piece.refs}
    cut = found.cuts & walked_on
    return OsmStreets(
        network=network_of_pieces(found.pieces + across, cut),
        cut_nodes=len(cut),
        open_gates=len((found.gates & walked_on) - cut),
        missing_nodes=found.missing,
        timed_ways=found.timed,
        ferries=found.ferries,
        large_squares=len(too_large),
    )


def _street(tags: Mapping[str, str]) -> Street:
    """Return what a walkable way is."""
    return Street(tags.get("highway", "ferry"), tags.get("name"), structure_of(tags))


def _note_node(found: _Found, ref: int, tags: Mapping[str, str], policy: AccessPolicy) -> None:
    """Remember a node that is a barrier or a crossing."""
    if is_gate(tags):
        found.gates.add(ref)
    if cuts(tags, policy):
        found.cuts.add(ref)
    crossing = crossing_of(tags)
    if crossing is not None:
        found.crossings[ref] = crossing


def _outlines(path: Path, policy: AccessPolicy) -> dict[int, Street]:
    """Return what the member ways of walkable multipolygons are."""
    outlines: dict[int, Street] = {}
    relations: Iterable[Any] = osmium.FileProcessor(path, RELATION).with_filter(KeyFilter("highway"))
    for relation in relations:
        tags = dict(relation.tags)
        if tags.get("type") == "multipolygon" and walkable(tags, policy):
            for member in relation.members:
                if member.type == "w":
                    outlines[member.ref] = _street(tags)
    return outlines


def _elements(path: Path) -> Iterator[Any]:
    """Yield nodes that are barriers or crossings, streets and ferries, ways with the positions of their nodes."""
    points, streets = KeyFilter("barrier", "highway"), KeyFilter("highway", "route")
    points.enable_for(NODE)
    streets.enable_for(WAY)
    yield from osmium.FileProcessor(path, NODE | WAY).with_locations().with_filter(points).with_filter(streets)


def _ways(path: Path, ids: Mapping[int, Street]) -> Iterator[Any]:
    """Yield the ways of some ids with the positions of their nodes."""
    if ids:
        processor = osmium.FileProcessor(path, NODE | WAY).with_locations()
        yield from processor.with_filter(EntityFilter(WAY)).with_filter(IdFilter(ids))


def _squares(path: Path, policy: AccessPolicy) -> Iterator[Square]:
    """Yield the areas one may walk on."""
    processor = osmium.FileProcessor(path).with_areas(KeyFilter("highway"))
    areas: Iterable[Any] = processor.with_filter(EntityFilter(AREA)).with_filter(KeyFilter("highway"))
    for area in areas:
        tags = dict(area.tags)
        if walkable(tags, policy) and (not area.from_way() or tags.get("area") == "yes"):
            for outer in area.outer_rings():
                holes = [_ring(inner) for inner in area.inner_rings(outer)]
                yield Square(_ring(outer), holes, _street(tags))


def _ring(nodes: Iterable[Any]) -> Ring:
    """Return the nodes of a ring."""
    places = [(node.ref, (node.lon, node.lat)) for node in nodes]
    return Ring([ref for ref, _ in places], [lonlat for _, lonlat in places])


def _add(found: _Found, way: Any, street: Street, tags: Mapping[str, str]) -> None:
    """Add a way in pieces that end where nodes are missing."""
    found.timed += timed(tags)
    found.ferries += street.kind == "ferry"
    refs: list[int] = []
    lonlat: list[tuple[float, float]] = []
    runs = [(refs, lonlat)]
    for node in way.nodes:
        if not node.location.valid():
            found.missing += 1
            refs, lonlat = [], []
            runs.append((refs, lonlat))
        elif not refs or refs[-1] != node.ref:
            refs.append(node.ref)
            lonlat.append((node.lon, node.lat))
    for refs, lonlat in runs:
        crossed = _crossed(refs, street.kind, found.crossings, crossing_of(tags))
        marks = ([int(kind == wanted) for kind in crossed] for wanted in ("crossing", "signals"))
        found.pieces.append(Piece(refs, lonlat, street, *marks))


def _crossed(
    refs: list[int], kind: str, crossings: Mapping[int, Crossing], whole: Crossing | None
) -> list[Crossing | None]:
    """Return what crossing each node of a way is for those who walk along it.

    Parameters
    ----------
    refs
        The nodes.
    kind
        Value of ``highway`` of the way: on a carriageway only signals count, which stop people at its junctions too.
    crossings
        Nodes that are crossings.
    whole
        What the way is as a whole: a way drawn as a crossing without such a node has its crossing in the middle, or
        half of one at each end where it has no node between them.
    """
    own = [crossings.get(ref) for ref in refs]
    if kind not in FOOTWAYS:
        return [None if crossing == "crossing" else crossing for crossing in own]
    if whole is None or any(own) or not refs:
        return own
    if len(refs) == 2:  # noqa: PLR2004 the ends alone
        return [whole, whole]
    return [whole if place == len(refs) // 2 else None for place in range(len(refs))]
