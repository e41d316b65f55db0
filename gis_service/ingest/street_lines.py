"""Streets drawn as lines, with or without node ids, lengths and foot access."""

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gis_service.ingest.coordinates import locate, window_of_crs
from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.notes import ImportNote, Severity, refusal
from gis_service.ingest.osm_rules import GRANTS, NEEDS_GRANT, NEEDS_SIDEWALK, REFUSES
from gis_service.ingest.positions import refuse_other_than
from gis_service.ingest.reading import read_source
from gis_service.ingest.source import Source
from gis_service.ingest.street_frames import NetworkFrames, network_frames
from gis_service.ingest.values import choices, numbers, texts

MEET_M = 0.01
"""Without node ids, lines meet where their ends are the same after rounding to this [m]."""
NODE_SPREAD_M = 5.0
"""Ends that share a node id should lie no farther apart than this [m]."""

_FOOT_WORDS = {
    **dict.fromkeys((*GRANTS, "true", "t", "y", "1", "1.0", "是", "可", "可步行"), "yes"),
    **dict.fromkeys((*REFUSES, "false", "f", "n", "0", "0.0", "否", "不可", "不可步行"), "no"),
}
STRUCTURE_WORDS = {
    **dict.fromkeys(("bridge", "桥", "桥梁", "天桥", "人行天桥"), "bridge"),
    **dict.fromkeys(("tunnel", "隧道", "地道", "地下通道"), "tunnel"),
    **dict.fromkeys(("covered", "连廊", "风雨廊", "骑楼"), "covered"),
    **dict.fromkeys(("indoor", "室内"), "indoor"),
}
"""Words for what carries or covers a street."""
_NOT_BY_DEFAULT = NEEDS_SIDEWALK | NEEDS_GRANT | {"construction", "proposed"}
_DEFAULT_WAY_VOTE = 1.5
_UNIT_RATIO = 5.0
_SHORTCUT_M, _SHORTCUT_SHARE = 5.0, 0.95


def read_lines(spec: FileSpec, metric_crs: str) -> tuple[NetworkFrames, tuple[ImportNote, ...]]:
    """Return the walking network of a file of lines.

    Parameters
    ----------
    spec
        The file. Fields, all optional: ``u`` and ``v`` (node ids), ``length_m`` [m], ``foot`` (yes or no), ``kind``
        (such as the OSM value of ``highway``), ``name``, ``structure`` (bridge, tunnel, covered or indoor),
        ``crossings`` and ``signals`` (how many crossings without and with signals one meets along it).
    metric_crs
        CRS in which lengths are measured.

    Returns
    -------
    frames : tuple of GeoDataFrame
        Nodes and edges. Lines meet at equal node ids, or without these where their ends are the same to `MEET_M`.
    notes : tuple of ImportNote
        What was left out, repaired or noticed.

    Raises
    ------
    InputError
        The geometry is not of lines, a node id is missing in some rows, a length is negative or not in metres, or
        nothing walkable is left.
    """
    source, notes = read_source(spec)
    foot, unwalkable = _walkable(source)
    geometry, _, located = locate(source, metric_crs, window_of_crs(metric_crs))
    refuse_other_than(source, geometry, "l")
    drawn = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    kept = np.flatnonzero(foot & drawn)
    without_line = _note(source, "dropped", np.flatnonzero(~drawn), "没有图形，已略去", "without a geometry, left out")
    has_ids, one_sided = _has_ids(source)
    declared_m = _declared_lengths(source)
    row, line, length_m, share, reshaped = _single_lines(source, kept, geometry[kept], declared_m[kept], whole=has_ids)
    u, v = (texts(source, field)[row] for field in ("u", "v"))
    if has_ids:
        _refuse_missing_ids(source, row, u, v)
    length_m = np.where(np.isnan(length_m), shapely.length(line), length_m)
    nowhere = (shapely.length(line) == 0) & ((u == v) if has_ids else True)
    points = _note(
        source, "dropped", row[nowhere], "长度为零且不连接两个节点，已略去", "without length, joining nothing, left out"
    )
    row, line, length_m, share, u, v = (values[~nowhere] for values in (row, line, length_m, share, u, v))
    if not len(row):
        raise refusal(
            spec.label,
            "没有一条可步行的道路，请检查 foot 列和图形",
            "not one street can be walked on; check the column foot and the geometries",
        )
    doubtful = _check_lengths(source, row, line, length_m)
    if has_ids:
        node_xy, ends, line, spread = _by_ids(source, row, line, u, v)
    else:
        node_xy, ends, spread = *_by_position(line), ()
    columns = {
        "u": ends[0].astype(np.int64),
        "v": ends[1].astype(np.int64),
        "length_m": length_m,
        "kind": texts(source, "kind")[row],
        "name": texts(source, "name")[row],
        "structure": choices(source, "structure", STRUCTURE_WORDS)[row],
        "crossings": _crossings(source, "crossings")[row] * share,
        "signals": _crossings(source, "signals")[row] * share,
    }
    frames = network_frames(node_xy, columns, line, metric_crs)
    groups = (notes, located, unwalkable, without_line, one_sided, reshaped, points, doubtful, spread)
    return frames, tuple(note for group in groups for note in group)


def _note(source: Source, severity: Severity, rows: NDArray[np.int64], zh: str, en: str) -> tuple[ImportNote, ...]:
    """Return a note about rows, none where there are none."""
    return (source.note(severity, rows, zh, en),) if len(rows) else ()


def _walkable(source: Source) -> tuple[NDArray[np.bool_], tuple[ImportNote, ...]]:
    """Return which rows may be walked on: as ``foot`` says, else by their kind."""
    foot, kind = choices(source, "foot", _FOOT_WORDS), texts(source, "kind")
    by_kind = np.array([value in _NOT_BY_DEFAULT for value in kind.tolist()], dtype=bool)
    refused = (foot == "no") | (pd.isna(foot) & by_kind)
    count = int(np.count_nonzero(refused))
    if not count:
        return ~refused, ()
    note = source.note(
        "notice",
        None,
        f"{len(source)} 条道路中有 {count} 条不可步行（foot 为否，或高速、快速路等），未纳入步行网络",
        f"{count} of {len(source)} streets may not be walked on (foot says no, or motorways and the like), left out",
    )
    return ~refused, (note,)


def _has_ids(source: Source) -> tuple[bool, tuple[ImportNote, ...]]:
    """Return whether both node ids are there; one alone is of no use."""
    given = [field for field in ("u", "v") if source.has(field)]
    if len(given) != 1:
        return len(given) > 0, ()
    header = source.headers[given[0]]
    note = source.note(
        "notice",
        None,
        f"只有节点列“{header}”，缺另一端的节点列，改按端点坐标连接道路",
        f"there is the node column {header!r} but not the other end's; streets are joined by their end points",
    )
    return False, (note,)


def _refuse_missing_ids(source: Source, row: NDArray[np.int64], u: NDArray[np.object_], v: NDArray[np.object_]) -> None:
    """Refuse rows that lack a node id where the others have one."""
    for field, ids in (("u", u), ("v", v)):
        missing = np.unique(row[pd.isna(ids)])
        if len(missing):
            raise source.refuse(
                missing,
                field,
                "为空，请填写节点编号，或删去两列节点编号（改按端点坐标连接）",
                "is empty; fill in the node id, or delete both columns (streets are then joined by their end points)",
            )


def _declared_lengths(source: Source) -> NDArray[np.float64]:
    """Return the lengths given [m], nan where none is."""
    length_m = numbers(source, "length_m")
    negative = np.flatnonzero(length_m < 0)
    if len(negative):
        raise source.refuse(negative, "length_m", "为负数，请改正或留空", "is negative; correct it or leave it empty")
    return length_m


def _crossings(source: Source, field: str) -> NDArray[np.float64]:
    """Return how many crossings a row has, none where empty."""
    found = np.nan_to_num(numbers(source, field))
    negative = np.flatnonzero(found < 0)
    if len(negative):
        raise source.refuse(negative, field, "为负数，请改正或留空", "is negative; correct it or leave it empty")
    return found


def _single_lines(
    source: Source,
    row: NDArray[np.int64],
    geometry: NDArray[np.object_],
    length_m: NDArray[np.float64],
    *,
    whole: bool,
) -> tuple[NDArray[np.int64], NDArray[np.object_], NDArray[np.float64], NDArray[np.float64], tuple[ImportNote, ...]]:
    """Return one LineString per edge, its row, its length and its share of the row.

    Parts that touch are joined. Others become one line with straight links where node ids say that the row is one edge
    (`whole`), and edges of their own otherwise, each with its share of the row's length.
    """
    several = np.flatnonzero(shapely.get_num_geometries(geometry) > 1)
    geometry = geometry.copy()
    geometry[several] = shapely.line_merge(geometry[several])
    split = several[shapely.get_num_geometries(geometry[several]) > 1]
    if whole:
        geometry[split] = [shapely.LineString(shapely.get_coordinates(parts)) for parts in geometry[split]]
        note = _note(
            source,
            "repaired",
            row[split],
            "的线断成几段，已用直线相连",
            "lines in separate parts, joined by straight links",
        )
    else:
        note = _note(source, "repaired", row[split], "的线有几段，已拆开", "lines in separate parts, taken apart")
    line, owner = shapely.get_parts(geometry, return_index=True)
    total_m = shapely.length(geometry)[owner]
    share = np.divide(shapely.length(line), total_m, out=np.ones(len(line)), where=total_m > 0)
    return row[owner], line, length_m[owner] * share, share, note


def _check_lengths(
    source: Source, row: NDArray[np.int64], line: NDArray[np.object_], length_m: NDArray[np.float64]
) -> tuple[ImportNote, ...]:
    """Refuse lengths in another unit; note streets that are shorter than the straight line between their ends."""
    drawn_m, given_m = float(shapely.length(line).sum()), float(length_m.sum())
    if not drawn_m / _UNIT_RATIO <= given_m <= drawn_m * _UNIT_RATIO:
        raise refusal(
            source.spec.label,
            f"length_m 合计 {given_m:.0f} 米，而图上长 {drawn_m:.0f} 米，单位应为米，请改正该列或删去（改用图上长度）",
            f"length_m adds up to {given_m:.0f} m but {drawn_m:.0f} m are drawn; give metres, or delete the column "
            "(lengths are then measured)",
        )
    straight_m = shapely.distance(shapely.get_point(line, 0), shapely.get_point(line, -1))
    short = row[(length_m < straight_m - _SHORTCUT_M) & (length_m < straight_m * _SHORTCUT_SHARE)]
    return _note(
        source,
        "notice",
        np.unique(short),
        "的 length_m 比两端直线距离还短，请核对",
        "length_m is less than the straight line between the ends; check it",
    )


def _by_ids(
    source: Source, row: NDArray[np.int64], line: NDArray[np.object_], u: NDArray[np.object_], v: NDArray[np.object_]
) -> tuple[
    NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]], NDArray[np.object_], tuple[ImportNote, ...]
]:
    """Return node positions, end nodes and lines drawn from u to v.

    A node stands where most of the ends of its edges are. An end that is drawn as the file's order says (u first)
    counts a little more than the other one, which decides at dead ends.
    """
    _, number = np.unique(np.concatenate([u, v]).astype("U"), return_inverse=True)
    ends = number[: len(u)], number[len(u) :]
    first, last = (shapely.get_coordinates(shapely.get_point(line, place)) for place in (0, -1))
    votes = pd.DataFrame(np.vstack([first, last, last, first]), columns=["x", "y"])
    votes["node"] = np.concatenate([ends[0], ends[1], ends[0], ends[1]])
    votes["vote"] = np.repeat([_DEFAULT_WAY_VOTE, 1.0], 2 * len(line))
    votes[["column", "row"]] = np.round(votes[["x", "y"]] / MEET_M)
    places = votes.groupby(["node", "column", "row"], as_index=False).agg(
        x=("x", "min"), y=("y", "min"), vote=("vote", "sum")
    )
    places = places.sort_values(["node", "vote", "x", "y"], ascending=[True, False, True, True])
    node_xy = places.drop_duplicates("node")[["x", "y"]].to_numpy(np.float64)
    at_u, at_v = node_xy[ends[0]], node_xy[ends[1]]
    as_drawn, turned = (
        np.column_stack([np.hypot(*(a - at_u).T), np.hypot(*(b - at_v).T)]) for a, b in ((first, last), (last, first))
    )
    turn = turned.sum(axis=1) < as_drawn.sum(axis=1)
    off = row[np.where(turn, turned.max(axis=1), as_drawn.max(axis=1)) > NODE_SPREAD_M]
    note = _note(
        source,
        "notice",
        np.unique(off),
        f"的端点与同编号节点的其他端点相距超过 {NODE_SPREAD_M:g} 米，请核对 u、v",
        f"an end lies more than {NODE_SPREAD_M:g} m from other ends with its node id; check u and v",
    )
    return node_xy, ends, np.where(turn, shapely.reverse(line), line), note


def _by_position(
    line: NDArray[np.object_],
) -> tuple[NDArray[np.float64], tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Return node positions and end nodes of lines that meet where their ends are the same to `MEET_M`."""
    ends = np.vstack([shapely.get_coordinates(shapely.get_point(line, place)) for place in (0, -1)])
    cells, number = np.unique(np.round(ends / MEET_M), axis=0, return_inverse=True)
    return cells * MEET_M, (number[: len(line)], number[len(line) :])
