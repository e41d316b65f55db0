"""Text of a source as identifiers, counts, numbers, choices: checked row by row, refused by row number."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gis_service.ingest.source import Source
from gis_service.ingest.visible import visible

_SCIENTIFIC = r"[+-]?\d(?:\.\d+)?[eE]\+?\d+"
_COUNT_LIMIT = 10_000_000
_TRUE = ("true", "1", "是", "有", "对", "y", "yes", "公开", "t")
_FALSE = ("false", "0", "否", "无", "不", "n", "no", "不公开", "f")
_DAY = re.compile(r"(\d{4})(?:(\d{2})(\d{2})|[-/.年](\d{1,2})[-/.月](\d{1,2})日?)(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_SEPARATORS = re.compile(r"[、，,;；|/]+")


def texts(source: Source, field: str) -> NDArray[np.object_]:
    """Return a field as text in normal form C, None where empty."""
    values = source.texts(field)
    out = np.empty(len(values), dtype=object)
    out[:] = [None if value is None else unicodedata.normalize("NFC", value) for value in values.tolist()]
    return out


def required_texts(source: Source, field: str) -> NDArray[np.object_]:
    """Return a field as text.

    Raises
    ------
    InputError
        A row has none.
    """
    values = texts(source, field)
    empty = _where(values, lambda value: value is None)
    if len(empty):
        raise source.refuse(empty, field, "为空，请填写", "is empty; fill it in")
    return values


def codes(source: Source, field: str) -> NDArray[np.object_]:
    """Return identifiers, which every row must have.

    Raises
    ------
    InputError
        A row has none, or a spreadsheet turned a long code into scientific notation and lost its digits.
    """
    values = required_texts(source, field)
    lost = _where(values, lambda value: re.fullmatch(_SCIENTIFIC, value) is not None)
    if len(lost):
        raise source.refuse(
            lost,
            field,
            f"是科学计数（如 {values[lost[0]]}），编码的末几位已丢失，请把该列设为文本后重新导出",
            f"is in scientific notation ({values[lost[0]]}), the last digits are lost; make the column text and export "
            "again",
        )
    return values


def unique_codes(source: Source, field: str) -> NDArray[np.object_]:
    """Return identifiers of which no two rows share one.

    Raises
    ------
    InputError
        As `codes`, or an identifier stands in several rows.
    """
    values = codes(source, field)
    refuse_repeats(source, field, values)
    return values


def refuse_repeats(source: Source, field: str, values: NDArray[np.object_]) -> None:
    """Refuse values that stand in several rows; None may.

    Raises
    ------
    InputError
        Names the first repeated value and all its rows.
    """
    series = pd.Series(values, dtype=object)
    repeated = series[series.duplicated(keep=False) & series.notna()]
    if len(repeated):
        first = repeated.iloc[0]
        kinds = repeated.nunique()
        raise source.refuse(
            np.flatnonzero((series == first).to_numpy()),
            field,
            f"都是“{first}”（共有 {kinds} 个重复的值），请改成不重复的编号或删去多余的行",
            f"all hold {first!r} ({kinds} values are repeated); make them unique or delete the extra rows",
        )


def counts(source: Source, field: str) -> pd.arrays.IntegerArray:
    """Return counts as ``Int64``, NA where empty.

    Raises
    ------
    InputError
        A value is no number, negative, fractional or beyond ten million.
    """
    values = numbers(source, field)
    known = ~np.isnan(values)
    large = np.flatnonzero(known & (values > _COUNT_LIMIT))
    if len(large):
        raise source.refuse(
            large,
            field,
            f"现为 {values[large[0]]:.0f}，超过单行的上限 {_COUNT_LIMIT}，请核对单位和数值",
            f"holds {values[large[0]]:.0f}, more than the limit {_COUNT_LIMIT} of one row; check unit and value",
        )
    wrong = np.flatnonzero(known & ((values < 0) | (values != np.floor(values))))
    if len(wrong):
        raise source.refuse(
            wrong,
            field,
            f"应是不小于 0 的整数（现为 {values[wrong[0]]:g}），请改正",
            f"must be a whole number of 0 or more (found {values[wrong[0]]:g}); correct it",
        )
    return pd.arrays.IntegerArray(np.where(known, values, 0).astype(np.int64), ~known)


def numbers(source: Source, field: str) -> NDArray[np.float64]:
    """Return a field as numbers, nan where empty.

    Raises
    ------
    InputError
        A value is no finite number.
    """
    given = pd.Series(source.texts(field), dtype=object)
    plain = given.map(lambda value: unicodedata.normalize("NFKC", value).replace(",", "").strip(), na_action="ignore")
    values = pd.to_numeric(plain, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = np.flatnonzero(given.notna().to_numpy() & ~np.isfinite(values))
    if len(wrong):
        found = given.iloc[wrong[0]]
        unseen = (
            ("，其中有看不见的字符", ", with characters that cannot be seen") if visible(found) != found else ("", "")
        )
        raise source.refuse(
            wrong,
            field,
            f"不是数字（现为“{found}”{unseen[0]}），请改成数字或留空",
            f"is no number (found {found!r}{unseen[1]}); write a number or leave it empty",
        )
    return values


def dates(source: Source, field: str) -> NDArray[np.object_]:
    """Return a field as dates, None where empty.

    Raises
    ------
    InputError
        A value is no day of the calendar in one of the forms 2020-03-01, 2020/3/1, 2020.3.1, 20200301, 2020年3月1日.
    """
    given = texts(source, field)
    values = np.full(len(given), None, dtype=object)
    values[:] = [None if value is None else _day(value) for value in given.tolist()]
    wrong = np.flatnonzero((given != None) & (values == None))  # noqa: E711 elementwise
    if len(wrong):
        raise source.refuse(
            wrong,
            field,
            f"不是日期（现为“{given[wrong[0]]}”），请写成 2020-03-01 的形式或留空",
            f"is no date (found {given[wrong[0]]!r}); write it like 2020-03-01 or leave it empty",
        )
    return values


def flags(source: Source, field: str) -> list[bool | None]:
    """Return a field as truth values, None where empty.

    Raises
    ------
    InputError
        A value is neither yes nor no.
    """
    known = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}
    values = [None if value is None else value.strip().casefold() for value in source.texts(field).tolist()]
    wrong = np.flatnonzero([value is not None and value not in known for value in values])
    if len(wrong):
        raise source.refuse(
            wrong,
            field,
            f"应填 是 或 否（现为“{values[wrong[0]]}”），请改正",
            f"must be yes or no (found {values[wrong[0]]!r}); correct it",
        )
    return [None if value is None else known[value] for value in values]


def choices(source: Source, field: str, known: Mapping[str, str]) -> NDArray[np.object_]:
    """Return a field as one of a list of words, None where empty.

    Parameters
    ----------
    source, field
        Where the words stand.
    known
        What people write, in lower case → our word.

    Raises
    ------
    InputError
        A word is not in the list.
    """
    values = texts(source, field)
    plain = [None if value is None else unicodedata.normalize("NFKC", value).casefold() for value in values.tolist()]
    wrong = np.flatnonzero([value is not None and value not in known for value in plain])
    if len(wrong):
        raise source.refuse(
            wrong,
            field,
            f"“{values[wrong[0]]}”不认识，可用：{'、'.join(known)}",
            f"holds the unknown {values[wrong[0]]!r}; use one of {', '.join(sorted(set(known.values())))}",
        )
    out = np.empty(len(values), dtype=object)
    out[:] = [None if value is None else known[value] for value in plain]
    return out


def word_lists(source: Source, field: str) -> NDArray[np.object_]:
    """Return a field as tuples of words, separated by 、，,;；| or /; an empty tuple where empty."""
    out = np.empty(len(source), dtype=object)
    for row, value in enumerate(texts(source, field).tolist()):
        out[row] = tuple(word.strip() for word in _SEPARATORS.split(value or "") if word.strip())
    return out


def _day(text: str) -> date | None:
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    try:
        return date(*(int(part) for part in found.groups() if part is not None))
    except ValueError:
        return None


def _where(values: NDArray[np.object_], test: Callable[[Any], bool]) -> NDArray[np.int64]:
    return np.flatnonzero([test(value) for value in values.tolist()])
