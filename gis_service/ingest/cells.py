"""Cells of workbooks and attribute tables as text."""

from datetime import date, datetime

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_EXACT = 2.0**53


def cell_text(value: object) -> str | None:
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
    if value is None or value is pd.NaT:
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
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value).strip() or None


def column_text(column: pd.Series) -> NDArray[np.object_]:
    """Return a column as text, None where empty; see `cell_text`."""
    values, positions = (
        np.unique(column.to_numpy(), return_inverse=True) if column.dtype.kind in "iufb" else (None, None)
    )
    if values is not None:
        texts = np.array([cell_text(value) for value in values], dtype=object)
        return texts[positions] if len(texts) else np.empty(0, dtype=object)
    out = np.empty(len(column), dtype=object)
    out[:] = [None if value is pd.NA else cell_text(value) for value in column.tolist()]
    return out
