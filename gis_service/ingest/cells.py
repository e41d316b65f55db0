"""Cells of workbooks and attribute tables as text."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_EXACT = 2.0**53


def cell_text(value: object) -> str | None:  # noqa: PLR0911 one answer a type of cell
    """Return a cell as text.

    Parameters
    ----------
    value
        Text, number, truth value, date or nothing.

    Returns
    -------
    str or None
        Whole numbers without a decimal point, so that codes stored as numbers come back as digits; numbers beyond
        2**53 in scientific notation, because their digits are lost; None for nothing, nan and blank text.
    """
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (float, np.floating)):
        number = float(value)
        if np.isnan(number):
            return None
        if number.is_integer() and abs(number) < _EXACT:
            return str(int(number))
        return f"{number:e}" if abs(number) >= _EXACT else repr(number)
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip() or None


def column_text(column: "pd.Series[Any]") -> NDArray[np.object_]:
    """Return a column as text, None where empty; see `cell_text`."""
    out = np.empty(len(column), dtype=object)
    out[:] = [cell_text(value) for value in column.tolist()]
    return out
