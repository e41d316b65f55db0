"""What a division must keep to beside its rules, and a community without the rest."""

from dataclasses import dataclass, replace

from gis_service.partition.community import CommunityInput
from gis_service.partition.contiguity import HARD_BARRIERS
from gis_service.partition.groundwork import UnitFrames
from gis_service.partition.units import CutUnits


@dataclass(frozen=True)
class Obligations:
    """What a division must keep to.

    Parameters
    ----------
    keep_estates
        False: estates that would fit into one grid may be divided too.
    follow_barriers
        False: borders need not follow roads and walls. Rivers, railways and expressways count all the same.
    """

    keep_estates: bool = True
    follow_barriers: bool = True


def relieved(
    community: CommunityInput, units: UnitFrames, obligations: Obligations
) -> tuple[CommunityInput, UnitFrames]:
    """Return a community and its units without what the division need not keep to.

    Parameters
    ----------
    community
        The community as it is.
    units
        Its units, cut with all of that.
    obligations
        What the division must keep to.
    """
    if not obligations.keep_estates:
        community = replace(community, buildings=community.buildings.assign(estate_id=None))
        units = CutUnits(units.units.assign(estate_id=None), units.unit_buildings)
    if not obligations.follow_barriers:
        dividing = community.barriers["kind"].isin(HARD_BARRIERS)
        community = replace(community, barriers=community.barriers[dividing].reset_index(drop=True))
    return community, units
