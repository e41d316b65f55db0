"""Which remarks of a plan concern a grid, whatever they name: the grid, or what it is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

from gis_service.plan.findings import Finding


@dataclass(frozen=True)
class Members:
    """What a grid is made of.

    Parameters
    ----------
    grid, community
        Codes of the grid and of its community.
    units, buildings, estates
        Codes of its units and buildings, and of the estates that any of its units belongs to.
    """

    grid: str
    community: str
    units: frozenset[str]
    buildings: frozenset[str]
    estates: frozenset[str]


def findings_of_grid(findings: Iterable[Finding], members: Members) -> tuple[Finding, ...]:
    """Return the findings that concern a grid, in their order.

    Parameters
    ----------
    findings
        Findings about one community's plan. What a subject is, a building, an estate, a unit or a grid, follows from
        the kind of the finding: codes of one sort may be codes of another.
    members
        The grid.

    Notes
    -----
    A size that is impossible for a whole community concerns each of its grids.
    """
    return tuple(finding for finding in findings if finding.subject in _subjects(finding.kind, members))


def _subjects(kind: str, members: Members) -> frozenset[str]:
    sort = kind.split("_", 1)[0]
    if sort in ("building", "buildings"):
        return members.buildings
    if sort == "estate":
        return members.estates
    if sort == "size":
        return members.units | {members.community}
    return frozenset({members.grid})
