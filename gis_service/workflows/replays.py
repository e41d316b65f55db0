"""Compute stored runs once more and compare what comes out with what was stored, to the last bit."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from gis_service.db.engine import Connection
from gis_service.reach.check import ReachResult
from gis_service.reach.siting.result import SitingResult
from gis_service.workflows.check_city_reach import replay_reach
from gis_service.workflows.input_hash import frames_hash
from gis_service.workflows.site_facilities import replay_siting

REACH_PARTS = ("buildings", "circles", "catchments", "gaps", "coverage", "bands", "service")
SITING_PARTS = ("candidates", "assignment", "gaps", "coverage")


@dataclass(frozen=True)
class Replayed:
    """A run that was computed once more.

    Parameters
    ----------
    run_id
        Its key.
    software_version
        What computed the stored one.
    hashes
        SHA-256 [hex] of each part of the stored one.
    differing
        Parts that came out different; empty: the runs are equal.
    """

    run_id: int
    software_version: str
    hashes: Mapping[str, str]
    differing: tuple[str, ...]


def replay_reach_run(conn: Connection, city_name: str, run_id: int) -> Replayed:
    """Compute a reach run of a city once more and compare.

    Raises
    ------
    InputError
        There is no such run, or its inputs have changed since.
    """
    stored, result = replay_reach(conn, city_name, run_id)
    return _compared(
        run_id, stored.software_version, part_hashes(stored.result, REACH_PARTS), part_hashes(result, REACH_PARTS)
    )


def replay_siting_run(conn: Connection, city_name: str, run_id: int) -> Replayed:
    """Compute a siting run of a city once more and compare; one that a time limit ended may come out different.

    Raises
    ------
    InputError
        There is no such run, or its inputs have changed since.
    """
    stored, result = replay_siting(conn, city_name, run_id)
    return _compared(
        run_id, stored.software_version, part_hashes(stored.result, SITING_PARTS), part_hashes(result, SITING_PARTS)
    )


def part_hashes(result: ReachResult | SitingResult, parts: tuple[str, ...]) -> dict[str, str]:
    """Return the SHA-256 [hex] of some frames of a result and of its summary."""
    hashes = {}
    for part in parts:
        frame: pd.DataFrame = getattr(result, part)
        hashes[part] = frames_hash({}, [(frame, [name for name in frame.columns if name != "geometry"])])
    return hashes | {"summary": frames_hash(result.summary, [])}


def _compared(run_id: int, version: str, stored: dict[str, str], again: dict[str, str]) -> Replayed:
    return Replayed(run_id, version, stored, tuple(part for part, value in stored.items() if again[part] != value))
