"""The canonical form in which an audit is frozen: equal contents give equal bytes, whatever made them."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

SIGNIFICANT_DIGITS = 12
"""Digits of a frozen number: fewer than float64 has, so that the order of a summation does not show."""


def canonical_json(content: Any) -> str:
    """Return the one JSON text of a content: equal contents give equal texts, whatever made them.

    Parameters
    ----------
    content
        Mappings with text keys, sequences, text, numbers (NumPy's included), booleans, dates, None and ``<NA>``.

    Returns
    -------
    str
        Keys sorted, no spaces, Chinese as it is; numbers to 12 significant digits, whole ones without a point; nan,
        ``<NA>`` and None as ``null``; dates as ISO 8601.

    Raises
    ------
    TypeError
        A value or a key is of another type.
    ValueError
        A number is infinite.
    """
    return json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: Any) -> Any:
    """Return a value as JSON's own types."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("keys of a frozen content must be text")
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (np.ndarray, Sequence)):
        return [_plain(entry) for entry in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> bool | int | float | str | None:
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if pd.isna(value):
        return None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (float, np.floating)):
        rounded = float(f"{value:.{SIGNIFICANT_DIGITS}g}")
        return int(rounded) if rounded.is_integer() else rounded
    raise TypeError(f"a {type(value).__name__} cannot be frozen")
