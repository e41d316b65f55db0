"""From when to when the codes of regions hold: the state re-uses codes, so a code alone does not name a region."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source
from gis_service.ingest.values import codes, dates


@dataclass(frozen=True)
class Validity:
    """The days on which the rows of a regions file hold.

    Parameters
    ----------
    valid_from
        First day; None where the file does not say.
    valid_to
        First day on which the row no longer holds; None where it still does, or the file does not say.
    in_force
        True for rows that hold on the data date.
    former
        True for rows that held before it; both of their days are known.
    """

    valid_from: NDArray[np.object_]
    valid_to: NDArray[np.object_]
    in_force: NDArray[np.bool_]
    former: NDArray[np.bool_]


def read_validity(source: Source, data_date: date) -> tuple[Validity, tuple[ImportNote, ...]]:
    """Return when the rows of a regions file hold.

    Parameters
    ----------
    source
        The file; without its optional fields ``valid_from`` and ``valid_to`` every row is in force.
    data_date
        The day that the dataset describes.

    Returns
    -------
    validity : Validity
        Rows that begin after `data_date` are neither in force nor former.
    notes : tuple of ImportNote
        Rows that begin after `data_date`, which are left out, and rows that end after it, which are in force.

    Raises
    ------
    InputError
        A date cannot be read, a row ends before it begins, a former region has no first day, two rows with one code
        hold at the same time, or no row is in force.
    """
    begin, end = dates(source, "valid_from"), dates(source, "valid_to")
    _refuse_backwards(source, begin, end)
    coming = np.array([first is not None and first > data_date for first in begin.tolist()], dtype=bool)
    former = np.array([last is not None and last <= data_date for last in end.tolist()], dtype=bool)
    in_force = ~coming & ~former
    without = np.flatnonzero(former & (begin == None))  # noqa: E711 elementwise
    if len(without):
        raise source.refuse(
            without,
            "valid_from",
            "为空，但本行已停用，请补上启用日期，否则无法按日期查代码",
            "is empty although the row is no longer in force; give its first day, for codes are looked up by day",
        )
    if not in_force.any():
        raise source.refuse(
            np.flatnonzero(~in_force),
            "valid_to",
            f"使所有行在数据日期 {data_date} 都不生效，请核对日期或 dataset.toml 的 data_date",
            f"leaves no row in force on the data date {data_date}; check the dates, or data_date in dataset.toml",
        )
    _refuse_two_at_a_time(source, begin, end, in_force, data_date)
    announced = np.flatnonzero(in_force & (end != None))  # noqa: E711 elementwise
    return Validity(begin, end, in_force, former), _notes(source, np.flatnonzero(coming), announced, data_date)


def _refuse_backwards(source: Source, begin: NDArray[np.object_], end: NDArray[np.object_]) -> None:
    pairs = zip(begin.tolist(), end.tolist(), strict=True)
    rows = np.flatnonzero([first is not None and last is not None and last <= first for first, last in pairs])
    if len(rows):
        raise source.refuse(
            rows,
            "valid_to",
            f"（{end[rows[0]]}）不晚于启用日期（{begin[rows[0]]}），请改正",
            f"({end[rows[0]]}) is not after the first day ({begin[rows[0]]}); correct it",
        )


def _refuse_two_at_a_time(
    source: Source,
    begin: NDArray[np.object_],
    end: NDArray[np.object_],
    in_force: NDArray[np.bool_],
    data_date: date,
) -> None:
    """Refuse rows with one code whose periods overlap; two that are in force are refused as repeats elsewhere."""
    code = codes(source, "code").tolist()
    first = [data_date if day is None else day for day in begin.tolist()]
    last = [date.max if day is None else day for day in end.tolist()]
    order = sorted(range(len(code)), key=lambda row: (code[row], first[row], last[row]))
    for one, next_one in pairwise(order):
        if code[one] == code[next_one] and last[one] > first[next_one] and not (in_force[one] and in_force[next_one]):
            raise source.refuse(
                np.array(sorted((one, next_one))),
                "code",
                f"都是“{code[one]}”，而启用、停用日期有重叠，请改正日期或代码",
                f"are both {code[one]!r} and hold at the same time; correct the dates or the code",
            )


def _notes(
    source: Source, coming: NDArray[np.int64], announced: NDArray[np.int64], data_date: date
) -> tuple[ImportNote, ...]:
    notes = []
    if len(coming):
        notes.append(
            source.note(
                "dropped",
                coming,
                f"（共 {len(coming)} 个单位）在数据日期 {data_date} 尚未启用，未导入",
                f"{len(coming)} regions are not yet in force on the data date {data_date} and were left out",
            )
        )
    if len(announced):
        notes.append(
            source.note(
                "notice",
                announced,
                f"（共 {len(announced)} 个单位）的停用日期晚于数据日期 {data_date}，按仍然有效导入，停用日期未保存",
                f"{len(announced)} regions end after the data date {data_date}; they are in force, and the day was "
                "not kept",
            )
        )
    return tuple(notes)
