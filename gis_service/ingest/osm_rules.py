"""Where one may walk, by OpenStreetMap tags: a table of rules.

Sources: OpenStreetMap wiki, "OSM tags for routing/Access restrictions", "Key:foot", "Key:sidewalk", "Key:barrier".
"""

from collections.abc import Mapping

WALKABLE = frozenset(
    {
        "footway", "pedestrian", "path", "steps", "corridor", "platform", "crossing", "elevator", "living_street",
        "residential", "unclassified", "service", "track", "road", "cycleway", "tertiary", "tertiary_link", "secondary",
        "secondary_link", "primary", "primary_link",
    }
)  # fmt: skip
"""Values of ``highway`` one may walk on unless something forbids it; steps and indoor corridors are among them."""

NEEDS_SIDEWALK = frozenset({"trunk", "trunk_link", "motorway", "motorway_link"})
"""Values of ``highway`` one may walk on only along a sidewalk or where ``foot`` grants it."""

NEEDS_GRANT = frozenset({"bridleway", "busway", "bus_guideway", "raceway", "escape"})
"""Values of ``highway`` one may walk on only where ``foot`` grants it. Anything unknown, planned or under construction
is in none of the three sets and never walked on."""

TUNNEL_NEEDS_SIDEWALK = frozenset(
    {"tertiary", "tertiary_link", "secondary", "secondary_link", "primary", "primary_link"}
)
"""Values of ``highway`` that need a sidewalk or a grant where they run through a tunnel."""

GRANTS = frozenset({"yes", "designated", "permissive"})
"""Values of ``foot`` that open a way or barrier whatever ``access`` says."""

REFUSES = frozenset({"no", "private", "use_sidepath"})
"""Values of ``foot`` that close it; ``use_sidepath``: the path beside is drawn on its own."""

CLOSED = frozenset({"no", "private", "military"})
"""Values of ``access`` that close a way or barrier to the public."""

SIDEWALKS = frozenset({"both", "left", "right", "yes"})
"""Values of ``sidewalk`` that mean one can walk along the carriageway; ``separate`` ones are drawn on their own."""

IMPASSABLE = frozenset({"wall", "city_wall", "retaining_wall", "fence", "hedge"})
"""Barrier nodes nobody walks through unless ``foot`` grants it; gates, bollards and all others let people pass."""


def walkable(tags: Mapping[str, str]) -> bool:
    """Return whether one may walk along a way.

    Parameters
    ----------
    tags
        The way's tags.

    Returns
    -------
    bool
        ``foot`` decides first, then ``access``, ``motorroad``, then the kind of ``highway`` with its sidewalk and
        tunnel. A ferry is walked on only where ``foot`` grants it. Squares (``area=yes``) are ways like any other:
        their outline is walkable, their inside is not crossed.
    """
    highway, foot = tags.get("highway"), tags.get("foot")
    if highway is None:
        return tags.get("route") == "ferry" and foot in GRANTS
    if highway not in WALKABLE | NEEDS_SIDEWALK | NEEDS_GRANT or foot in REFUSES:
        return False
    if foot in GRANTS:
        return True
    if tags.get("access") in CLOSED or tags.get("motorroad") == "yes" or highway in NEEDS_GRANT:
        return False
    in_tunnel = tags.get("tunnel", "no") != "no" and highway in TUNNEL_NEEDS_SIDEWALK
    return has_sidewalk(tags) if in_tunnel or highway in NEEDS_SIDEWALK else True


def has_sidewalk(tags: Mapping[str, str]) -> bool:
    """Return whether the carriageway itself has a sidewalk, in either of the two spellings."""
    sides = (tags.get(key) for key in ("sidewalk", "sidewalk:left", "sidewalk:right", "sidewalk:both"))
    return any(side in SIDEWALKS for side in sides)


def cuts(tags: Mapping[str, str]) -> bool:
    """Return whether a barrier node cuts the ways through it.

    Parameters
    ----------
    tags
        The node's tags; without ``barrier`` it never cuts.

    Returns
    -------
    bool
        True where it is closed (``access``, ``foot`` or ``locked=yes``) or impassable, unless ``foot`` grants passage.
    """
    if "barrier" not in tags or tags.get("foot") in GRANTS:
        return False
    closed = tags.get("foot") in REFUSES or tags.get("access") in CLOSED or tags.get("locked") == "yes"
    return closed or tags["barrier"] in IMPASSABLE
