"""A frozen audit, opened for one reader: what lies in the regions that are his to see."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from gis_service.audit.limits import Limits
from gis_service.audit.shortfalls import COVERAGE_GAP
from gis_service.db import snapshots
from gis_service.db.engine import Connection
from gis_service.db.snapshot_gaps import load_gap_members
from gis_service.db.snapshots import SnapshotHead
from gis_service.reach.rules import ReachRules
from gis_service.workflows.gap_parts import findings_of_gaps, parts_of, shares_of
from gis_service.workflows.kept import Kept

Row = dict[str, Any]
LEVELS = ("city", "county", "street", "community", "grid")
"""From the whole to its parts."""

CONTENTS_KEPT = 8
_contents: Kept[tuple[dict[str, Any], pd.DataFrame]] = Kept(CONTENTS_KEPT)


@dataclass(frozen=True)
class OpenAudit:
    """A snapshot as one reader may see it.

    Parameters
    ----------
    head
        Number, title, hash, who and when.
    content
        Everything frozen; shared between readers and never changed.
    gap_members
        The buildings of its gaps, see :func:`gis_service.db.snapshot_gaps.load_gap_members`; shared likewise.
    roots
        Codes of the regions the reader may see, with all that lies in them; None: the whole city.
    """

    head: SnapshotHead
    content: dict[str, Any]
    gap_members: pd.DataFrame
    roots: tuple[str, ...] | None = None

    @cached_property
    def limits(self) -> Limits | None:
        """What counted as reached; None: nothing was walked."""
        limits = self.content["limits"]
        return None if limits is None else Limits.from_dict(limits)

    @cached_property
    def reach_rules(self) -> ReachRules | None:
        """The rules of the reach run; None: there was none."""
        reach = self.content["reach"]
        return None if reach is None else ReachRules.from_dict(reach["rules"])

    @cached_property
    def all_regions(self) -> dict[str, Row]:
        """Every region by code, whoever reads."""
        return {row["code"]: row for row in self.content["indicators"]}

    @cached_property
    def visible(self) -> frozenset[str]:
        """The codes of the regions that the reader may see."""
        if self.roots is None:
            return frozenset(self.all_regions)
        return frozenset(code for code in self.all_regions if not set(self.ancestors(code)).isdisjoint(self.roots))

    @cached_property
    def tops(self) -> tuple[str, ...]:
        """The visible regions that lie in no other visible one, by code."""
        above = {code: self.all_regions[code]["parent_code"] for code in self.visible}
        return tuple(sorted(code for code, parent in above.items() if parent not in self.visible))

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Return a region and those above it, the smallest first."""
        found: list[str] = []
        while code in self.all_regions and code not in found:
            found.append(code)
            code = self.all_regions[code]["parent_code"]
        return tuple(found)

    def within(self, region: str | None) -> frozenset[str]:
        """Return the codes of the visible regions in a region, itself included; None: all that are visible."""
        if region is None:
            return self.visible
        return frozenset(code for code in self.visible if region in self.ancestors(code))

    def regions(self, level: str, region: str | None = None) -> list[Row]:
        """Return the visible regions of a level in a region, by code."""
        codes = self.within(region)
        return [row for row in self.content["indicators"] if row["level"] == level and row["code"] in codes]

    def grids(self, region: str | None = None) -> list[Row]:
        """Return the visible grids in a region, by code."""
        return self._of("grids", "community_code", region)

    def gaps(self, region: str | None = None) -> list[Row]:
        """Return the gaps of which somebody lives in a region, most people first, each with what lies in the region.

        Of a region the rows are parts of gaps, see :func:`gis_service.workflows.gap_parts.parts_of`.
        """
        gaps: list[Row] = self.content["gaps"]
        if self.is_whole(region) or self.limits is None:
            return list(gaps)
        if region not in self._gap_parts:
            self._gap_parts[region] = parts_of(gaps, self.gap_members, self.within(region), self.limits)
        return list(self._gap_parts[region])

    @cached_property
    def _gap_parts(self) -> dict[str | None, list[Row]]:
        """What `gaps` told of regions so far: a page asks several times, and 500 gaps take 0.3 s of CPU each time."""
        return {}

    def estates(self, region: str | None = None) -> list[Row]:
        """Return the visible estates in a region, by id."""
        return self._of("estates", "place", region)

    def facilities(self, region: str | None = None) -> list[Row]:
        """Return the visible facilities in a region, by id."""
        return self._of("facilities", "place", region)

    def findings(self, region: str | None = None) -> list[Row]:
        """Return findings and shortfalls in a region; those of the city as a whole with all of it.

        A gap is told to every region of which somebody lives in it, with the figures of that part; ``place`` stays the
        community of its centre, whose office answers for it.
        """
        shortfalls = self._of("shortfalls", "place", region)
        if not self.is_whole(region):
            others = [row for row in shortfalls if row["kind"] != COVERAGE_GAP]
            shortfalls = [*findings_of_gaps(self.gaps(region), self.content["shortfalls"]), *others]
        return [*shortfalls, *self._of("findings", "place", region)]

    @cached_property
    def gap_shares(self) -> dict[str, tuple[tuple[str, int], ...]]:
        """The households of each gap in each visible community, by the building in its centre, most first."""
        shares = shares_of(self.content["gaps"], self.gap_members)
        return {
            centre: tuple((code, households) for code, households in own if code in self.visible)
            for centre, own in shares.items()
        }

    def levels(self, region: str | None = None) -> tuple[str, ...]:
        """Return the levels of which there is more than the region itself, from the whole to its parts."""
        codes = self.within(region)
        found = {row["level"] for row in self.content["indicators"] if row["code"] in codes and row["code"] != region}
        if self.grids(region):
            found.add("grid")
        return tuple(level for level in LEVELS if level in found)

    def name_of(self, code: str) -> str:
        """Return what a region is called; the code where it is not known."""
        row = self.all_regions.get(code)
        return code if row is None else str(row["name"])

    def _of(self, part: str, column: str, region: str | None) -> list[Row]:
        """Return the rows of a part that lie in a region; who asks for the whole city gets also what lies in none."""
        everything, codes = self.is_whole(region), self.within(region)
        return [row for row in self.content[part] if everything or row[column] in codes]

    def is_whole(self, region: str | None) -> bool:
        """Return whether somebody who may see the whole city asks for all of it."""
        return self.roots is None and (region is None or self.tops == (region,))


def open_audit(
    conn: Connection, city_name: str, snapshot: int | None = None, *, roots: Iterable[str] | None = None
) -> OpenAudit | None:
    """Return a snapshot of a city, by default the newest, for a reader; None where there is none.

    Parameters
    ----------
    conn, city_name
        Open transaction, and the city.
    snapshot
        Number of the snapshot; None: the newest.
    roots
        Codes of the regions the reader may see; None: the whole city.
    """
    head = snapshots.load_head(conn, city_name, snapshot)
    if head is None:
        return None
    content, members = _contents.get(
        (head.id, head.content_hash), lambda: (snapshots.load_content(conn, head.id), load_gap_members(conn, head.id))
    )
    return OpenAudit(head, content, members, None if roots is None else tuple(sorted(roots)))
