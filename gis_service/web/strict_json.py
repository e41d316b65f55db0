"""JSON as the standard has it: what is sent with NaN, endless numbers or bottomless nesting cannot be read."""

from math import isfinite
from typing import Any, NoReturn

from flask import Flask
from flask.json.provider import DefaultJSONProvider


class StrictJSON(DefaultJSONProvider):
    """Reads what clients send; ValueError, which views answer with 400, is all that can go wrong."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text.

        Raises
        ------
        ValueError
            It is no JSON, holds NaN, Infinity or a number beyond the range of floats, or is nested so deeply that it
            cannot be read.
        """
        try:
            return super().loads(s, parse_constant=_refused, parse_float=_finite, **kwargs)
        except RecursionError as fault:
            message = "nested too deeply"
            raise ValueError(message) from fault


def init_json(app: Flask) -> None:
    """Let ``app`` read no other JSON."""
    app.json = StrictJSON(app)


def _refused(name: str) -> NoReturn:
    message = f"{name} is no JSON"
    raise ValueError(message)


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        message = f"{digits[:20]} is beyond all numbers"
        raise ValueError(message)
    return number
