"""Operations: everything a planner does to a draft, each a small record that can be stored, sent and replayed."""

from dataclasses import dataclass
from typing import TypeAlias

from gis_service.plan.land import Recut


@dataclass(frozen=True)
class Assign:
    """Put units into grids; painting, dragging and the hand tools all come down to this.

    Parameters
    ----------
    moves
        Key of a grid and the codes of the units it gets. A key from ``Draft.next_key`` on, without gaps, makes a new
        base grid.
    """

    moves: tuple[tuple[int, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Unassign:
    """Take units out of their grids.

    Parameters
    ----------
    units
        Their codes.
    """

    units: tuple[str, ...]


@dataclass(frozen=True)
class Merge:
    """Put all land of some grids into another; the emptied ones stay known, without land.

    Parameters
    ----------
    grids
        Keys of the grids that lose their land.
    into
        Key of the grid that gets it.
    """

    grids: tuple[int, ...]
    into: int


@dataclass(frozen=True)
class SplitUnits:
    """Cut units; the pieces stay in the grids their units are in.

    Parameters
    ----------
    cuts
        Code of a unit and the codes of its pieces.
    buildings
        Code of a piece and the ids of the buildings in it, for the store; the draft itself knows counts only.
    recut
        The pieces, the vertices their neighbours get, and their borders.
    """

    cuts: tuple[tuple[str, tuple[str, ...]], ...]
    buildings: tuple[tuple[str, tuple[str, ...]], ...]
    recut: Recut


@dataclass(frozen=True)
class NewGrid:
    """Make a base grid without land.

    Parameters
    ----------
    grid
        Its key; must be ``Draft.next_key``.
    name
        Its name; None: it is named by its running number in the end.
    """

    grid: int
    name: str | None = None


@dataclass(frozen=True)
class MakeSpecial:
    """Make a base grid a special one, to which no size rule applies.

    Parameters
    ----------
    grid
        Its key.
    name
        Its name, which a special grid needs.
    """

    grid: int
    name: str


@dataclass(frozen=True)
class MakeBase:
    """Make a special grid a base one; none of its units may be given as special."""

    grid: int


@dataclass(frozen=True)
class Rename:
    """Give a grid another name; None: it is named by its running number in the end (base grids only)."""

    grid: int
    name: str | None


@dataclass(frozen=True)
class Lock:
    """Keep a grid as it is until it is unlocked."""

    grid: int


@dataclass(frozen=True)
class Unlock:
    """Allow a grid to change again."""

    grid: int


@dataclass(frozen=True)
class Note:
    """Write a remark on a grid in place of the one it has; an empty one takes it away. Locked grids may get notes."""

    grid: int
    note: str


@dataclass(frozen=True)
class Together:
    """Operations that are done, refused and undone as one; none of them is such a bundle itself."""

    operations: tuple["Single", ...]


Single: TypeAlias = (
    Assign | Unassign | Merge | SplitUnits | NewGrid | MakeSpecial | MakeBase | Rename | Lock | Unlock | Note
)
"""One thing a planner does."""
Operation: TypeAlias = Single | Together
"""What a planner does as one step."""
