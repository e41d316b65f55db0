"""Whether pieces make up the units they were cut from: nobody is lost, nobody counted twice, no land missing."""

from collections.abc import Sequence

import numpy as np
import shapely

from gis_service.errors import InputError, Text
from gis_service.geo.crs import RESOLUTION_M
from gis_service.plan.land import Land, LandUnit, Recut


def check_recut(land: Land, cuts: Sequence[tuple[str, tuple[str, ...]]], recut: Recut) -> None:
    """Refuse pieces that do not make up their units.

    Parameters
    ----------
    land
        The land before; it has all units of ``cuts``.
    cuts
        Code of each cut unit and the codes of its pieces.
    recut
        The pieces.

    Raises
    ------
    InputError
        A piece is missing, has a code of another form or one that is taken, or households, residents, land, estate or
        special grid of the pieces are not those of the unit, or pieces and neighbours do not share every vertex, or
        neighbours no longer share those of units cut elsewhere. Land may differ by the resolution along its outline.
    """
    come = {unit.code: unit for unit in recut.come}
    named = [piece for _, pieces in cuts for piece in pieces]
    if (
        set(recut.leave) != {unit for unit, _ in cuts}
        or sorted(come) != sorted(named)
        or len(come) < len(recut.come)
        or any(code in land.position for code in come)
        or any(code not in land.position or code in recut.leave for code, _ in recut.reshaped)
        or any(len(pieces) < 2 or not _are_of(unit, pieces) for unit, pieces in cuts)  # noqa: PLR2004 two halves
    ):
        raise _refusal(recut.leave[0] if recut.leave else "?")
    for code, pieces in cuts:
        if not _make_up(land.unit(code), [come[piece] for piece in pieces]):
            raise _refusal(code)
    ends = {code for border in recut.borders for code in (border.one, border.other)}
    if not ends <= (set(land.position) - set(recut.leave)) | set(come) or any(
        border.one not in come and border.other not in come for border in recut.borders
    ):
        raise _refusal(recut.leave[0])
    if not _tile(land, cuts, recut):
        raise _refusal(recut.leave[0])
    if not _keep_corners(land, recut):
        code = recut.leave[0]
        raise InputError(
            Text(
                f"单元 {code} 旁边的单元另有切分，这一刀不再吻合；请重新画切分线",
                f"a unit beside {code} has been cut otherwise, so this cut no longer fits; draw the line again",
            )
        )


def _keep_corners(land: Land, recut: Recut) -> bool:
    """Tell whether neighbours keep the vertices of units that stay: a cut may come from another state of the land."""
    leave = {land.position[code] for code in recut.leave}
    borders = land.borders
    for code, shape in recut.reshaped:
        at = land.position[code]
        beside = {*borders.left[borders.right == at].tolist(), *borders.right[borders.left == at].tolist()} - leave
        lost = _corners([land.polygon[at]]) - _corners([shape])
        if lost & _corners([land.polygon[other] for other in beside]):
            return False
    return True


def _corners(polygons: Sequence[shapely.Polygon]) -> set[tuple[float, float]]:
    return {(x, y) for x, y in shapely.get_coordinates(np.array(polygons, dtype=object)).tolist()}


def _tile(land: Land, cuts: Sequence[tuple[str, tuple[str, ...]]], recut: Recut) -> bool:
    """Tell whether pieces and neighbours lie where the units and they lay, and share every vertex."""
    polygon = {unit.code: unit.polygon for unit in recut.come}
    was = [land.polygon[land.position[code]] for code in (*(unit for unit, _ in cuts), *(c for c, _ in recut.reshaped))]
    now = [shapely.union_all([polygon[piece] for piece in pieces]) for _, pieces in cuts]
    moved_m2 = shapely.area(shapely.symmetric_difference(was, [*now, *(shape for _, shape in recut.reshaped)]))
    leave = [land.position[code] for code in recut.leave]
    ends = np.column_stack((land.borders.left, land.borders.right))
    beside = np.setdiff1d(ends[np.isin(ends, leave).any(axis=1)], leave).tolist()
    reshaped = dict(recut.reshaped)
    around = [reshaped.get(str(land.code[at]), land.polygon[at]) for at in beside]
    return bool(
        (moved_m2 <= (shapely.length(was) + 1.0) * RESOLUTION_M).all()
        and set(reshaped) <= {str(land.code[at]) for at in beside}
        and shapely.coverage_is_valid([*polygon.values(), *around])
    )


def _are_of(unit: str, pieces: Sequence[str]) -> bool:
    return all(piece.startswith(f"{unit}.") and piece[len(unit) + 1 :].isdigit() for piece in pieces)


def _make_up(unit: LandUnit, pieces: Sequence[LandUnit]) -> bool:
    residents = [piece.residents for piece in pieces]
    people = None if None in residents else sum(count or 0 for count in residents)
    missing_m2 = abs(sum(piece.polygon.area for piece in pieces) - unit.polygon.area)
    return (
        sum(piece.households for piece in pieces) == unit.households
        and all(piece.households >= 0 for piece in pieces)
        and people == unit.residents
        and all((piece.estate_id, piece.special) == (unit.estate_id, unit.special) for piece in pieces)
        and missing_m2 <= (unit.polygon.length + 1.0) * RESOLUTION_M
    )


def _refusal(unit: str) -> InputError:
    return InputError(
        Text(
            f"单元 {unit} 切出的各块与原单元的户数、人数或面积不符；请重新画切分线",
            f"the pieces of unit {unit} do not add up to its households, residents or land; draw the line again",
        )
    )
