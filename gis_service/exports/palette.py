"""How the statuses of grids look in print: the colours of the web pages, and a hatch for prints without colour."""

from dataclasses import dataclass

from gis_service.plan.rules import Status


@dataclass(frozen=True)
class Style:
    """The look of a grid.

    Parameters
    ----------
    fill, edge
        Colours, ``#rrggbb``; the same as ``--<status>`` and ``--<status>-edge`` of the pages' ``tokens.css``.
    hatch
        Matplotlib hatch, different for every status.
    """

    fill: str
    edge: str
    hatch: str


STATUS_STYLES: dict[Status, Style] = {
    "normal": Style("#cfe3d6", "#4f8a6b", ""),
    "small": Style("#c9dcf0", "#2f6aa8", "..."),
    "large": Style("#f6d9b4", "#b2610f", "///"),
    "conflict": Style("#e3d3ee", "#75479c", "xxx"),
    "special": Style("#dcdfe2", "#5f6973", "---"),
    "empty": Style("#f1ebe4", "#7a6654", "||"),
}

INK = "#1d2733"
COMMUNITY = "#3d4853"
BUILDING = "#8d99a3"
WARNING = "#8f2a2a"
