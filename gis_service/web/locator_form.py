"""What somebody asks the public's page: a form that works without JavaScript, and nothing of it in an address."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import abort
from werkzeug.datastructures import MultiDict

from gis_service.workflows.locator import PACES, STANDARD

Number = TypeVar("Number", int, float)

WORDS_LENGTH = 60
"""Longest name that is looked at [characters]."""
MOST_CHOICES = 50
"""Boxes that one may tick; a form with more is not ours."""


@dataclass(frozen=True)
class Asked:
    """A question of the public's page.

    Parameters
    ----------
    words
        A name that was typed; empty: none.
    place
        Key of the place to set out from; None: none was chosen.
    chosen
        ``place`` was chosen just now, whatever stands in ``words``.
    lon, lat, accuracy_m
        Where somebody stands [degrees, WGS 84] and how well that is known [m]; None: not told.
    on_map
        The position was tapped on the map.
    kinds, functions
        What is looked for; empty: whatever counts, and whatever it offers.
    open_now
        Only what is open now.
    pace
        One of `PACES`.
    """

    words: str = ""
    place: str | None = None
    chosen: bool = False
    lon: float | None = None
    lat: float | None = None
    accuracy_m: int | None = None
    on_map: bool = False
    kinds: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    open_now: bool = False
    pace: str = STANDARD

    @property
    def narrowed(self) -> bool:
        """Return whether anything is to be left out."""
        return bool(self.kinds or self.functions or self.open_now)


def read_form(form: "MultiDict[str, str]") -> Asked:
    """Return what a form asks; what no page of ours can send is answered with 400."""
    chosen = form.get("choose")
    lon, lat = _number(form, "lon", 180.0, float), _number(form, "lat", 90.0, float)
    kinds, functions = (tuple(form.getlist(name)) for name in ("kind", "function"))
    pace = form.get("pace", STANDARD)
    accuracy_m = _number(form, "accuracy", 1e7, lambda text: round(float(text)))
    if accuracy_m is not None and accuracy_m < 0:
        abort(400)
    if (lon is None) != (lat is None) or len(kinds) + len(functions) > MOST_CHOICES or pace not in PACES:
        abort(400)
    return Asked(
        words=form.get("q", "").strip()[:WORDS_LENGTH],
        place=chosen or form.get("place") or None,
        chosen=bool(chosen),
        lon=lon,
        lat=lat,
        accuracy_m=accuracy_m,
        on_map=form.get("from") == "map",
        kinds=kinds,
        functions=functions,
        open_now=form.get("open") == "1",
        pace=pace,
    )


def _number(form: "MultiDict[str, str]", name: str, most: float, read: Callable[[str], Number]) -> Number | None:
    text = form.get(name, "")
    if not text:
        return None
    try:
        number = read(text)
    except (ValueError, OverflowError):
        abort(400)
    if not math.isfinite(number) or abs(number) > most:
        abort(400)
    return number
