"""City, county, street, community: levels and parents, completed from 12-digit codes where the file leaves them out."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source
from gis_service.ingest.values import choices, required_texts, texts, unique_codes

LEVELS = ("city", "county", "street", "community")
_PREFIX = {"city": 4, "county": 6, "street": 9, "community": 12}
_WORDS = {
    **dict.fromkeys(("city", "市", "地级市", "设区市", "市级"), "city"),
    **dict.fromkeys(("county", "县", "区", "区县", "县区", "县级", "县级市", "区县级", "市辖区"), "county"),
    **dict.fromkeys(("street", "街道", "乡镇", "镇", "乡", "街镇", "乡镇街道", "乡级", "街道办", "乡镇级"), "street"),
    **dict.fromkeys(("community", "社区", "村", "村居", "居委会", "村委会", "社区级", "村级", "社区村"), "community"),
}  # fmt: skip


@dataclass(frozen=True)
class Rows:
    """Regions: those of the file in its order, then those that were derived.

    Parameters
    ----------
    code, name, level
        Text.
    parent_code
        Code of the region above; None for cities.
    """

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    level: NDArray[np.object_]
    parent_code: NDArray[np.object_]


def complete_hierarchy(source: Source, city_name: str) -> tuple[Rows, tuple[ImportNote, ...]]:
    """Return the hierarchy of a regions file.

    Parameters
    ----------
    source
        The file; ``level`` and ``parent_code`` may be missing where the codes are Chinese ones of 12 digits (or of
        4, 6 or 9, without the trailing zeros).
    city_name
        Name of a city that has to be derived.

    Returns
    -------
    rows : Rows
        Every region but the cities has a parent of a higher level among the rows.
    notes : tuple of ImportNote
        What was derived.

    Raises
    ------
    InputError
        A code is missing or repeated, a level is unknown or cannot be derived, a parent is unknown, not of a higher
        level, or cannot be derived.
    """
    code = unique_codes(source, "code")
    name = required_texts(source, "name")
    full = _padded_all(code)
    level = levels(source, code)
    parent = texts(source, "parent_code")
    parent[level == "city"] = None
    _refuse_unknown_parents(source, code, parent)
    orphans = np.flatnonzero((parent == None) & (level != "city"))  # noqa: E711 elementwise
    stuck = orphans[[full[row] is None for row in orphans.tolist()]]
    if len(stuck):
        raise source.refuse(
            stuck,
            "parent_code",
            "为空，而代码不是 12 位行政区划代码，无法推出上级，请补上上级代码",
            "is empty and the code is no 12-digit code from which it follows; add the code of the region above",
        )
    by_full = {value: code[row] for row, value in enumerate(full.tolist()) if value is not None}
    added = _Added(source, full, city_name)
    for row in orphans.tolist():
        parent[row] = _parent_of(full[row], level[row], by_full, added)
    for row in _wrong_order(code, level, parent):
        raise source.refuse(
            np.array([row]),
            "parent_code",
            f"“{parent[row]}”的级别不高于本行，请改正上级代码",
            f"{parent[row]!r} is not of a higher level than the row; correct it",
        )
    rows = Rows(
        np.array([*code, *added.code], dtype=object),
        np.array([*name, *added.name], dtype=object),
        np.array([*level, *added.level], dtype=object),
        np.array([*parent, *added.parent], dtype=object),
    )
    return rows, _notes(source, len(orphans), added)


class _Added:
    """Regions above the file's that only their codes tell of, with names from the columns that name parents."""

    def __init__(self, source: Source, full: NDArray[np.object_], city_name: str) -> None:
        self.code: list[str] = []
        self.name: list[str] = []
        self.level: list[str] = []
        self.parent: list[str | None] = []
        self.unnamed: list[str] = []
        self._source, self._full, self._city_name = source, full, city_name

    def add(self, code: str, level: str, parent: str | None) -> None:
        """Append a region."""
        name = self._name(code, level)
        if name is None:
            self.unnamed.append(code)
        self.code.append(code)
        self.name.append(name or code)
        self.level.append(level)
        self.parent.append(parent)

    def _name(self, code: str, level: str) -> str | None:
        """Return what the rows below call a region; only the first row of a group need say it."""
        prefix = code[: _PREFIX[level]]
        given = texts(self._source, level)
        below = np.array([value is not None and value.startswith(prefix) for value in self._full.tolist()])
        said = below & np.array([value is not None for value in given.tolist()])
        names = sorted(set(given[said].tolist()))
        if len(names) > 1:
            raise self._source.refuse(
                np.flatnonzero(said),
                level,
                f"对同一个代码 {code} 有不同的名称（{'、'.join(names)}），请改成一致",
                f"names {code} differently ({', '.join(names)}); make them the same",
            )
        if names:
            return str(names[0])
        return self._city_name if level == "city" else None


def levels(source: Source, code: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the level of every row: as given, else from its 12-digit code.

    Raises
    ------
    InputError
        A level is unknown or cannot be derived.
    """
    full = _padded_all(code)
    level = choices(source, "level", _WORDS)
    for row in np.flatnonzero(level == None).tolist():  # noqa: E711 elementwise
        level[row] = _level_of(full[row])
    unknown = np.flatnonzero(level == None)  # noqa: E711 elementwise
    if len(unknown):
        raise source.refuse(
            unknown,
            "level",
            "为空，而代码不是 12 位行政区划代码，无法推出级别，"
            "请填 city、county、street 或 community（市、区县、街道、社区）",
            "is empty and the code is no 12-digit code from which it follows; write city, county, street or community",
        )
    return level


def _refuse_unknown_parents(source: Source, code: NDArray[np.object_], parent: NDArray[np.object_]) -> None:
    known = set(code.tolist())
    wrong = np.flatnonzero([value is not None and value not in known for value in parent.tolist()])
    if len(wrong):
        raise source.refuse(
            wrong,
            "parent_code",
            f"“{parent[wrong[0]]}”不在文件里，请改正，或补上这个上级",
            f"{parent[wrong[0]]!r} is not in the file; correct it or add that region",
        )


def _parent_of(full: str, level: str, by_full: dict[str, str], added: _Added) -> str:
    """Return the code of the region above, adding it and those above it where the file lacks them."""
    above = LEVELS[LEVELS.index(level) - 1]
    wanted = full[: _PREFIX[above]].ljust(12, "0")
    if wanted not in by_full:
        parent = None if above == "city" else _parent_of(wanted, above, by_full, added)
        added.add(wanted, above, parent)
        by_full[wanted] = wanted
    return by_full[wanted]


def _wrong_order(code: NDArray[np.object_], level: NDArray[np.object_], parent: NDArray[np.object_]) -> list[int]:
    rank = {value: LEVELS.index(level[row]) for row, value in enumerate(code.tolist())}
    return [
        row for row, above in enumerate(parent.tolist()) if above in rank and rank[above] >= LEVELS.index(level[row])
    ]


def _padded_all(code: NDArray[np.object_]) -> NDArray[np.object_]:
    full = np.full(len(code), None, dtype=object)
    full[:] = [_padded(value) for value in code.tolist()]
    return full


def _padded(code: str) -> str | None:
    """Return a Chinese administrative code in 12 digits; None for other codes."""
    return code.ljust(12, "0") if re.fullmatch(r"\d{4}|\d{6}|\d{9}|\d{12}", code) else None


def _level_of(full: str | None) -> str | None:
    if full is None:
        return None
    for level in LEVELS:
        if full[_PREFIX[level] :].strip("0") == "":
            return level
    return None


def _notes(source: Source, orphans: int, added: _Added) -> tuple[ImportNote, ...]:
    notes = []
    if orphans:
        notes.append(
            source.note(
                "notice",
                None,
                f"{orphans} 个单位没有写上级代码，已按 12 位代码的前缀推出",
                f"{orphans} regions name no parent; it was derived from their 12-digit codes",
            )
        )
    if added.code:
        notes.append(
            source.note(
                "notice",
                None,
                f"文件里没有 {len(added.code)} 个上级单位，已按下级的代码补出；没有市名时用数据集标题",
                f"{len(added.code)} regions above are not in the file; they were derived from the codes below them, "
                "a city without a name takes the dataset's title",
            )
        )
    if added.unnamed:
        notes.append(
            source.note(
                "notice",
                None,
                f"{len(added.unnamed)} 个补出的上级单位没有名称，以代码代替：{'、'.join(added.unnamed[:5])}",
                f"{len(added.unnamed)} derived regions have no name, their code stands in: "
                f"{', '.join(added.unnamed[:5])}",
            )
        )
    return tuple(notes)
