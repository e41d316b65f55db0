"""What a check imagines: facilities added, moved or closed, paths opened, the time of day."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from gis_service.errors import Text

LonLat = tuple[float, float]
"""Longitude, latitude [degrees, WGS 84]."""


@dataclass(frozen=True)
class Scenario:
    """What is imagined; nothing of it is stored.

    Parameters
    ----------
    add
        Places of new facilities.
    without
        Ids of facilities that are closed.
    move
        Ids of facilities that are moved, each with its new place.
    paths
        New paths: places from one end to the other, or a file of lines.
    at
        Only facilities open at this local time count; None: all, whatever their hours.
    unknown_open
        Facilities whose hours are not known count as open then; imagined ones always do.
    """

    add: tuple[LonLat, ...] = ()
    without: tuple[str, ...] = ()
    move: tuple[tuple[str, LonLat], ...] = ()
    paths: tuple[tuple[LonLat, ...] | Path, ...] = ()
    at: datetime | None = None
    unknown_open: bool = False

    @property
    def changes(self) -> bool:
        """Return whether facilities or paths are imagined, so that there is a before and an after."""
        return bool(self.add or self.without or self.move or self.paths)

    @property
    def imagined(self) -> bool:
        """Return whether anything differs from the state of things at large."""
        return self.changes or self.at is not None

    @property
    def text(self) -> Text:
        """Return what is imagined in one sentence, which goes wherever the result goes; empty for nothing."""
        if not self.imagined:
            return Text("", "")
        said = [*self._facilities(), *self._paths(), *self._time()]
        zh, en = "；".join(each.zh for each in said), "; ".join(each.en for each in said)
        return Text(f"假设情景，不是现状：{zh}", f"what if, not the present state: {en}")

    def _facilities(self) -> list[Text]:
        said = []
        if self.add:
            zh = "、".join(f"added-{number}（{_zh(place)}）" for number, place in enumerate(self.add, 1))
            en = ", ".join(f"added-{number} ({_en(place)})" for number, place in enumerate(self.add, 1))
            said.append(Text(f"新增 {zh}", f"added {en}"))
        if self.move:
            zh = "、".join(f"{facility} 到（{_zh(place)}）" for facility, place in self.move)
            en = ", ".join(f"{facility} to ({_en(place)})" for facility, place in self.move)
            said.append(Text(f"迁移 {zh}", f"moved {en}"))
        if self.without:
            said.append(Text(f"关闭 {'、'.join(self.without)}", f"closed {', '.join(self.without)}"))
        return said

    def _paths(self) -> list[Text]:
        said = []
        for path in self.paths:
            if isinstance(path, Path):
                said.append(Text(f"新增通道 {path.name}", f"paths of {path.name}"))
            else:
                zh, en = _zh(path[0]), _en(path[0])
                said.append(Text(f"新增通道（{zh}至{_zh(path[-1])}）", f"a path ({en} to {_en(path[-1])})"))
        return said

    def _time(self) -> list[Text]:
        if self.at is None:
            return []
        zh, en = (
            ("开放时间不明的按开放计", "those of unknown hours count as open")
            if self.unknown_open
            else ("开放时间不明的不计", "those of unknown hours do not count")
        )
        when = f"{self.at:%Y-%m-%d %H:%M}"
        return [Text(f"只计 {when} 开放的设施，{zh}", f"only facilities open at {when}, {en}")]


AS_IT_IS = Scenario()
"""Nothing is imagined."""


def _zh(place: LonLat) -> str:
    return f"东经 {place[0]:.6f}，北纬 {place[1]:.6f}"


def _en(place: LonLat) -> str:
    return f"{place[0]:.6f} E, {place[1]:.6f} N"
