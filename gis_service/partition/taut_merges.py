"""Points where borders meet, merged into crossings (compiled)."""

import numpy as np
from numba import njit

from gis_service.geo.coverage import FloatArray, IndexArray
from gis_service.partition.taut_net import NONE, REACH_M, Flags, Net, blocked, distance, height

MOST_M = 15.0
"""So far in all a border may move [m, inclusive]."""
SHORT_M = 8.0
"""Borders up to this length between two meeting points become one crossing [m, inclusive]."""
ON_LINE_M = 0.01
"""Three vertices on one straight line are off it by no more than this [m, inclusive]."""
FORK, CROSSING = 3, 4
"""Borders that meet in a point."""


@njit(cache=True)
def place_of(net: Net, v: int, other: int) -> int:
    """Return the place of vertex ``other`` in the row of vertex ``v``, `NONE` where they are not joined."""
    for k in range(net.degree[v]):
        if net.joined[v, k] == other:
            return k
    return NONE


@njit(cache=True)
def merge_short(net: Net, held: Flags, slides: Flags, kin: IndexArray) -> None:
    """Let points where three borders meet become one with the next such point, where that is near and can be.

    Parameters
    ----------
    net
        The borders, changed in place.
    held, slides, kin
        As for `gis_service.partition.taut_strings.straighten`.
    """
    for p in range(len(held)):
        if net.heir[p] == p and net.degree[p] == FORK:
            if slides[p]:
                _slide_if_short(net, p, kin)
            elif not held[p]:
                _merge_if_short(net, held, p, kin)


@njit(cache=True)
def _merge_if_short(net: Net, held: Flags, p: int, kin: IndexArray) -> None:
    """Let the first short border of a fork become a crossing, if one can."""
    for k in range(FORK):
        q = net.joined[p, k]
        short = distance(net.xy, p, q) <= SHORT_M
        if short and not held[q] and net.degree[q] == FORK and _merge(net, p, k, kin):
            return


@njit(cache=True)
def _merge(net: Net, p: int, k: int, kin: IndexArray) -> bool:
    """Let the fork at the end of border ``k`` of fork ``p`` take over its borders; return whether that was possible.

    The border between two polygons of one group stays.
    """
    q = net.joined[p, k]
    back = place_of(net, q, p)
    one, other = net.beside[p, k], net.beside[q, back]
    ahead, behind = _third(net, q, one, other), _third(net, p, one, other)
    if min(one, other, ahead, behind) < 0 or one == other or ahead == behind:
        return False
    if kin[one] >= 0 and kin[one] == kin[other]:
        return False
    off_m = distance(net.xy, p, q)
    for step in (1, 2):
        place = (k + step) % FORK
        a = net.joined[p, place]
        if net.moved_m[p, place] + off_m > MOST_M or place_of(net, q, a) != NONE:
            return False
        if blocked(net, net.xy[a], net.xy[p], net.xy[q], (a, p, q), REACH_M):
            return False
    for step, slot in ((1, back), (2, FORK)):
        place = (k + step) % FORK
        a = net.joined[p, place]
        net.joined[q, slot], net.beside[q, slot] = a, net.beside[p, place]
        net.moved_m[q, slot] = net.moved_m[p, place] + off_m
        there = place_of(net, a, p)
        net.joined[a, there], net.moved_m[a, there] = q, net.moved_m[q, slot]
    net.degree[q] = CROSSING
    net.heir[p] = q
    return True


@njit(cache=True)
def _third(net: Net, v: int, one: int, other: int) -> int:
    """Return the polygon at a fork that is neither of two; `NONE` where there is none or it is the outside."""
    for k in range(FORK):
        if net.beside[v, k] != one and net.beside[v, k] != other:
            return int(net.beside[v, k])
    return NONE


@njit(cache=True)
def _slide_if_short(net: Net, p: int, kin: IndexArray) -> None:
    """Let a fork on a line become one crossing with the next fork of the line, if that can be.

    The next one is at most `SHORT_M` away, straight on, and its third border leaves to the other side.
    """
    xy = net.xy
    for k in range(FORK):
        q = net.joined[p, k]
        if net.degree[q] != FORK or distance(xy, p, q) > SHORT_M:
            continue
        for step in (1, 2):
            a, stem = net.joined[p, (k + step) % FORK], net.joined[p, (k + 3 - step) % FORK]
            if height(xy, a, p, q) <= ON_LINE_M and _opposite(net, p, q, stem) and _merge(net, p, k, kin):
                return


@njit(cache=True)
def _opposite(net: Net, p: int, q: int, stem: int) -> bool:
    """Tell whether the borders that leave the way from fork p to fork q do so to different sides."""
    ahead = net.joined[q, 0]
    least = np.inf
    for k in range(FORK):
        v = net.joined[q, k]
        if v != p:
            straight = height(net.xy, p, q, v)
            if straight < least:
                least, ahead = straight, v
    sides = 1.0
    for v in net.joined[q, :FORK]:
        if v not in (p, ahead):
            sides *= _turn(net.xy, p, q, v)
    return bool(least <= ON_LINE_M and sides * _turn(net.xy, p, q, stem) < 0.0)


@njit(cache=True)
def _turn(xy: FloatArray, a: int, b: int, v: int) -> float:
    """Return on which side of the way from a to b a vertex lies: positive on the left."""
    side: float = (xy[b, 0] - xy[a, 0]) * (xy[v, 1] - xy[a, 1]) - (xy[b, 1] - xy[a, 1]) * (xy[v, 0] - xy[a, 0])
    return side
