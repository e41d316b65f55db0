"""What a plan is worth by each of the soft rules, so that plans can be weighed against each other."""

from dataclasses import dataclass, fields

import geopandas as gpd
import numpy as np

from gis_service.geo.compactness import polsby_popper
from gis_service.partition.community import CommunityInput
from gis_service.partition.following import borders_of
from gis_service.plan.rules import UNTESTED


@dataclass(frozen=True)
class Quality:
    """Sums over the base grids of a plan; qualities of several communities add up.

    Parameters
    ----------
    grids, in_range
        Grids with people, and those of them that meet the size rule [count].
    inner_m, on_lines_m
        Length of the borders between base grids, those without people included, and of the part along roads, walls,
        rivers, railways, expressways and outlines of estates and special grids, as drawn: ``following.borders_of`` [m].
    compactness
        Sum of the Polsby-Popper measures of the grids with people; people are told `mean_compactness`.
    households, squared_households
        Sum of the grids' households, and of their squares [count].
    """

    grids: int = 0
    in_range: int = 0
    inner_m: float = 0.0
    on_lines_m: float = 0.0
    compactness: float = 0.0
    households: int = 0
    squared_households: int = 0

    def __add__(self, other: "Quality") -> "Quality":
        """Return the quality of both plans together."""
        return Quality(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def share_in_range(self) -> float:
        """Share of the grids that meet the size rule; nan without grids."""
        return self.in_range / self.grids if self.grids else float("nan")

    @property
    def share_on_lines(self) -> float:
        """Share of the borders between grids that runs along lines; nan without such borders."""
        return self.on_lines_m / self.inner_m if self.inner_m > 0 else float("nan")

    @property
    def mean_compactness(self) -> float:
        """Mean Polsby-Popper measure; nan without grids."""
        return self.compactness / self.grids if self.grids else float("nan")

    @property
    def imbalance(self) -> float:
        """Coefficient of variation of the grids' households (standard deviation over mean); nan without any."""
        if not self.households:
            return float("nan")
        mean = self.households / self.grids
        return float(np.sqrt(max(self.squared_households / self.grids - mean**2, 0.0)) / mean)

    def as_dict(self) -> dict[str, float]:
        """Return counts, lengths [m] and means as plain values, without the sums that nobody can read by themselves."""
        told = ("grids", "in_range", "households", "inner_m", "on_lines_m")
        means = ("share_in_range", "share_on_lines", "mean_compactness", "imbalance")
        return {name: getattr(self, name) for name in (*told, *means)}


def quality_of(grids: gpd.GeoDataFrame, community: CommunityInput) -> Quality:
    """Return what a plan of one community is worth.

    Parameters
    ----------
    grids
        The grids frame of the plan.
    community
        The community, with the lines that borders may follow.
    """
    tested = ~grids["status"].isin(UNTESTED)
    households = grids.loc[tested, "households"].to_numpy(np.int64)
    borders = borders_of(grids[grids["kind"] == "base"], community)
    return Quality(
        grids=int(tested.sum()),
        in_range=int((grids["status"] == "normal").sum()),
        inner_m=float(borders.length_m.sum()),
        on_lines_m=float(borders.length_m[borders.on_line].sum()),
        compactness=float(polsby_popper(grids.geometry.to_numpy()[tested.to_numpy()]).sum()),
        households=int(households.sum()),
        squared_households=int((households**2).sum()),
    )
