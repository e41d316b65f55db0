"""Live judgement of a draft: what is wrong with it now, where, and what would cure it."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gis_service.errors import Text
from gis_service.geo.coverage import IndexArray
from gis_service.plan.cures import assign_cure, tool_cure
from gis_service.plan.draft import UNASSIGNED, Draft
from gis_service.plan.findings import Finding
from gis_service.plan.forced_crossings import forced_crossing
from gis_service.plan.judged import Judged
from gis_service.plan.rules import STATUS_LABELS, UNTESTED, Rules, describe, judge
from gis_service.plan.spacing import set_apart
from gis_service.plan.unit_places import place_of

STRADDLED_M = 20.0
"""Shorter stretches of a river, railway or expressway inside a grid are not worth a remark [m]."""


def judgement(draft: Draft, rules: Rules, estates: Mapping[str, str] = MappingProxyType({})) -> list[Judged]:
    """Return what is wrong with a draft.

    Parameters
    ----------
    draft
        The draft.
    rules
        The size rule.
    estates
        Names of estates by id, for the sentences; others are called by their ids.

    Returns
    -------
    list of Judged
        Faults first, then warnings. Kinds: ``unit_unassigned`` (one a connected patch of land) and ``grid_in_pieces``
        are faults; ``grid_small``, ``grid_large``, ``grid_conflict``, ``straddling`` and ``estate_split`` warnings.
        Pieces are too many where the land itself, special grids left out, hangs together; estates are split without
        need where their land hangs together and fits into one grid.
    """
    found = [
        *_unassigned(draft, estates),
        *_in_pieces(draft),
        *_sizes(draft, rules),
        *_straddling(draft, rules),
        *_split_estates(draft, rules, estates),
    ]
    return [
        *(one for one in found if one.finding.severity == "fault"),
        *(o for o in found if o.finding.severity != "fault"),
    ]


def _unassigned(draft: Draft, estates: Mapping[str, str]) -> Iterator[Judged]:
    free = draft.labels == UNASSIGNED
    if not free.any():
        return
    borders, land = draft.land.borders, draft.land
    patch = _components(draft, free[borders.left] & free[borders.right] & borders.touching)
    for here in _groups(patch, free):
        codes = tuple(str(code) for code in land.code[here])
        households = int(land.households[here].sum())
        place, several = place_of(draft, here, estates), len(codes) > 1
        which = Text(f"{codes[0]} 等", f"{codes[0]} first") if several else Text(codes[0], codes[0])
        yield Judged(
            Finding(
                "unit_unassigned",
                "fault",
                codes[0],
                set_apart(place.zh, f"有 {len(codes)} 个单元、{households} 户没有划入任何网格（{which.zh}）"),
                f"{len(codes)} units with {households} households {place.en} are in no grid ({which.en})"
                if several
                else f"a unit with {households} households {place.en} is in no grid ({which.en})",
            ),
            ("unit_unassigned", codes[0]),
            float(len(codes)),
            (),
            codes,
            assign_cure(draft, here),
        )


def _in_pieces(draft: Draft) -> Iterator[Judged]:
    borders, land, labels = draft.land.borders, draft.land, draft.labels
    special = [key for key, grid in draft.grids.items() if grid.kind == "special"]
    base = ~np.isin(labels, [UNASSIGNED, *special])
    same = labels[borders.left] == labels[borders.right]
    piece = _components(draft, same & borders.touching)
    open_land = ~np.isin(labels, special)
    part = _components(draft, open_land[borders.left] & open_land[borders.right] & borders.touching)
    pairs = np.unique(np.column_stack((draft.rows, part, piece))[base], axis=0)
    in_part, count = np.unique(pairs[:, :2], axis=0, return_counts=True)
    for row in np.unique(in_part[count > 1, 0]).tolist():
        grid = draft.grids[int(draft.keys[row])]
        own = pairs[pairs[:, 0] == row]
        needed = len(np.unique(own[:, 1]))
        strays = _strays(draft, own, piece, labels == grid.key)
        yield Judged(
            Finding(
                "grid_in_pieces",
                "fault",
                grid.title.zh,
                set_apart(grid.title.zh, f"分成 {len(own)} 块，互不相连"),
                f"{grid.title.en} is in {len(own)} pieces that do not touch",
            ),
            ("grid_in_pieces", str(grid.key)),
            float(len(own) - needed),
            (grid.key,),
            tuple(str(code) for code in land.code[strays]),
            assign_cure(draft, np.flatnonzero(strays & (piece == piece[np.flatnonzero(strays)[0]]))),
        )


def _strays(draft: Draft, own: IndexArray, piece: IndexArray, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the units of a grid outside its largest piece in each part of the land, by households, then by land."""
    strays = inside.copy()
    land = draft.land
    for part in np.unique(own[:, 1]):
        pieces = own[own[:, 1] == part, 2]
        size = [
            (int(land.households[piece == p].sum()), float(land.area_m2[piece == p].sum()), -int(p)) for p in pieces
        ]
        strays &= piece != -max(size)[2]
    return strays


def _sizes(draft: Draft, rules: Rules) -> Iterator[Judged]:
    for key, grid in draft.grids.items():
        total = draft.totals[key]
        if total.units == 0 or grid.kind == "special":
            continue
        verdict = judge(total.households, total.residents, grid.kind, rules)
        if verdict.status == "normal" or verdict.status in UNTESTED:
            continue
        label = STATUS_LABELS[verdict.status]
        sizes = describe(total.households, total.residents, verdict, rules)
        yield Judged(
            Finding(
                f"grid_{verdict.status}",
                "warning",
                grid.title.zh,
                set_apart(grid.title.zh, f"{label.zh}：{sizes.zh}"),
                f"{grid.title.en}: {label.en}; {sizes.en}",
            ),
            (f"grid_{verdict.status}", str(key)),
            _beyond(total.households, total.residents, rules),
            (key,),
            tuple(draft.units_of(key)),
            tool_cure(grid, "fix_grid"),
            explained=bool(grid.note),
        )


def _beyond(households: int, residents: int | None, rules: Rules) -> float:
    """Return how far a grid is from its range, as a share of the bound it misses; the nearer of two tests counts."""
    tests = [(households, rules.households_min, rules.households_max)]
    if residents is not None and rules.basis != "households":
        people = (residents, rules.residents_min, rules.residents_max)
        tests = [people] if rules.basis == "residents" else [*tests, people]
    return min(max((low - count) / low, (count - high) / high, 0.0) for count, low, high in tests)


def _straddling(draft: Draft, rules: Rules) -> Iterator[Judged]:
    borders, land, labels = draft.land.borders, draft.land, draft.labels
    inside = (labels[borders.left] == labels[borders.right]) & (labels[borders.left] != UNASSIGNED)
    barrier_m = np.bincount(draft.rows[borders.left[inside]], borders.barrier_m[inside], len(draft.keys))
    long = np.flatnonzero(barrier_m >= STRADDLED_M)
    if len(long) == 0:
        return
    side = _components(draft, inside & borders.open)
    special = [key for key, grid in draft.grids.items() if grid.kind == "special"]
    free = ~np.isin(labels, special) & ~land.given_special
    for row in long.tolist():
        grid = draft.grids[int(draft.keys[row])]
        here = np.flatnonzero(labels == grid.key)
        people = np.bincount(side[here], land.households[here])
        sides = np.flatnonzero(people > 0)
        if grid.kind == "special" or len(sides) < 2:  # noqa: PLR2004 two sides of a barrier
            continue
        lesser = sides[sides != people.argmax()]
        away = here[np.isin(side[here], lesser)]
        why = forced_crossing(land, free, here, rules)
        reason = Text("", "") if why is None else Text(f"：不可避免，{why.zh}", f": it is forced, for {why.en}")
        yield Judged(
            Finding(
                "straddling",
                "warning",
                grid.title.zh,
                set_apart(grid.title.zh, f"跨越河流、铁路或快速路，其内长约 {barrier_m[row]:.0f} 米{reason.zh}"),
                f"{grid.title.en} lies on both sides of a river, railway or expressway, about {barrier_m[row]:.0f} m "
                f"of it{reason.en}",
            ),
            ("straddling", str(grid.key)),
            float(barrier_m[row]),
            (grid.key,),
            tuple(str(code) for code in land.code[away]),
            assign_cure(draft, here[side[here] == lesser[0]]),
            explained=bool(grid.note),
        )


def _split_estates(draft: Draft, rules: Rules, names: Mapping[str, str]) -> Iterator[Judged]:
    land, labels, borders = draft.land, draft.labels, draft.land.borders
    ids, estate = np.unique([name or "" for name in land.estate_id.tolist()], return_inverse=True)
    special = [key for key, grid in draft.grids.items() if grid.kind == "special"]
    of_estate = (ids[estate] != "") & ~land.given_special & ~np.isin(labels, special)
    member = of_estate & (labels != UNASSIGNED)
    inside = member[borders.left] & member[borders.right] & (estate[borders.left] == estate[borders.right])
    if not (inside & (labels[borders.left] != labels[borders.right])).any():
        return
    patch = _components(draft, inside & borders.touching)
    lived_in = member & (land.households > 0)
    pairs = np.unique(np.column_stack((patch, labels))[lived_in], axis=0)
    patches, first, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
    # Whether an estate fits is a matter of all who live there, whatever patch is split and whether or not all of it is
    # in a grid already: above the maximum it may be split.
    households = np.bincount(estate[of_estate], land.households[of_estate], len(ids))
    residents = np.bincount(estate[of_estate], np.maximum(land.residents[of_estate], 0), len(ids))
    blind = np.bincount(estate[of_estate], land.residents[of_estate] < 0, len(ids)) > 0
    for row in np.flatnonzero(count > 1).tolist():
        here = np.flatnonzero(patch == patches[row])
        number = estate[here[0]]
        people = None if blind[number] else int(residents[number])
        total = int(households[number])
        if judge(total, people, "base", rules).status != "large":
            own, keys = str(ids[number]), pairs[first[row] : first[row] + count[row], 1]
            yield _split_estate(draft, own, names.get(own, own), total, here, keys)


def _split_estate(draft: Draft, estate: str, name: str, households: int, here: IndexArray, keys: IndexArray) -> Judged:
    land, labels = draft.land, draft.labels
    people = [int(land.households[here[labels[here] == key]].sum()) for key in keys]
    main = int(keys[int(np.argmax(people))])
    away = here[labels[here] != main]
    grids = [draft.grids[int(key)] for key in keys]
    return Judged(
        Finding(
            "estate_split",
            "warning",
            estate,
            set_apart(
                f"小区“{name}”共 {households} 户，可整体放入一个网格，却分在",
                "、".join(grid.title.zh for grid in grids),
            ),
            f"estate {name} with {households} households fits into one grid but lies in "
            f"{', '.join(grid.title.en for grid in grids)}",
        ),
        ("estate_split", estate),
        float(len(keys) - 1),
        tuple(grid.key for grid in grids),
        tuple(str(code) for code in land.code[away]),
        assign_cure(draft, away, to=main),
        explained=any(grid.note for grid in grids),
    )


def _components(draft: Draft, joined: NDArray[np.bool_]) -> IndexArray:
    """Return the component of each unit over the borders where ``joined``."""
    borders, n = draft.land.borders, len(draft.land)
    pairs = (borders.left[joined], borders.right[joined])
    graph = coo_array((np.ones(len(pairs[0]), np.int8), pairs), shape=(n, n))
    component: IndexArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return component


def _groups(component: IndexArray, chosen: NDArray[np.bool_]) -> Iterator[IndexArray]:
    """Yield the positions of the chosen units of each component, in the order of their first units."""
    units = np.flatnonzero(chosen)
    order = units[np.argsort(component[units], kind="stable")]
    bounds = np.flatnonzero(np.diff(component[order])) + 1
    yield from sorted(np.split(order, bounds), key=lambda group: int(group[0])) if len(units) else ()
