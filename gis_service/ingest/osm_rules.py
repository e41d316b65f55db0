"""Where one may walk, by OpenStreetMap tags: a table of rules.

Sources: OpenStreetMap wiki, "OSM tags for routing/Access restrictions", "Key:foot", "Key:sidewalk", "Key:barrier",
"Key:crossing", "Tag:highway=traffic signals"; the values of ``access`` that keep people on foot out are those of OSRM's
foot profile, and the two that mean residents only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

GatePolicy = Literal["as_tagged", "open", "closed"]
PrivatePolicy = Literal["as_tagged", "open"]
Crossing = Literal["crossing", "signals"]
"""A crossing without signals, or one with them."""


@dataclass(frozen=True)
class AccessPolicy:
    """What a dataset decides where tags alone cannot.

    Parameters
    ----------
    gates
        ``as_tagged``: gates are open unless tagged as private, forbidden or locked; ``open``: every gate is open;
        ``closed``: every gate is closed unless ``foot`` grants passage.
    private
        ``as_tagged``: nobody walks on private ways and through private gates. ``open``: everybody does, as the
        residents do. The network is the same for all: walks of residents only cannot be told from short cuts of others.
    """

    gates: GatePolicy = "as_tagged"
    private: PrivatePolicy = "as_tagged"


AS_TAGGED = AccessPolicy()
"""The tags decide."""

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

VISITORS = frozenset({"destination", "customers"})
"""Values of ``foot`` that let in whoever walks to an address there, whatever ``access`` says. They make no way of what
is none for people on foot: a kind of ``highway`` that needs a sidewalk or a grant, or a wall."""

PRIVATE = frozenset({"private", "residents", "permit"})
"""Values of ``access`` and ``foot`` that let residents in only; a dataset may open them."""

FORBIDDEN = frozenset({"no", "military", "agricultural", "forestry", "delivery"})
"""Values of ``access`` that keep everybody on foot out. ``destination`` and ``customers`` do not: whoever walks to an
address there may."""

REFUSES = frozenset({"no", "private", "use_sidepath"})
"""Values of ``foot`` that close a way; ``use_sidepath``: the path beside is drawn on its own."""

SIDEWALKS = frozenset({"both", "left", "right", "yes"})
"""Values of ``sidewalk`` that mean one can walk along the carriageway; ``separate`` ones are drawn on their own."""

IMPASSABLE = frozenset({"wall", "city_wall", "retaining_wall", "fence", "hedge"})
"""Barrier nodes nobody walks through unless ``foot`` grants it; bollards and all others let people pass."""

GATES = frozenset(
    {
        "gate", "lift_gate", "swing_gate", "sliding_gate", "sliding_beam", "wicket_gate", "kissing_gate",
        "hampshire_gate", "turnstile", "full-height_turnstile",
    }
)  # fmt: skip
"""Barrier nodes that can be opened and closed; a dataset may decide for all of them."""

FOOTWAYS = frozenset(
    {
        "footway", "path", "pedestrian", "steps", "cycleway", "crossing", "corridor", "platform", "elevator", "track",
        "bridleway",
    }
)  # fmt: skip
"""Values of ``highway`` whose ways cross carriageways. On the others people walk along the carriageway itself, so that
a crossing on them is one across their own street and costs those who walk along it nothing."""

_SPANS = ("bridge", "tunnel", "covered", "indoor")


def walkable(tags: Mapping[str, str], policy: AccessPolicy = AS_TAGGED) -> bool:
    """Return whether one may walk along a way.

    Parameters
    ----------
    tags
        The way's tags. Restrictions at certain hours (``foot:conditional``, ``access:conditional``) are not looked at,
        see `timed`; nor is ``oneway:foot``.
    policy
        Whether private ways are open.

    Returns
    -------
    bool
        ``foot`` decides first, then ``access``, ``motorroad``, then the kind of ``highway`` with its sidewalk and
        tunnel. A ferry is walked on only where ``foot`` grants it. Squares (``area=yes``) are ways like any other:
        their outline is walkable; :mod:`gis_service.ingest.osm_squares` leads across them.
    """
    highway, foot = tags.get("highway"), tags.get("foot")
    if highway is None:
        return tags.get("route") == "ferry" and foot in GRANTS
    if highway not in WALKABLE | NEEDS_SIDEWALK | NEEDS_GRANT or _refuses(foot, policy):
        return False
    if foot in GRANTS:
        return True
    if _closed(tags, policy) or tags.get("motorroad") == "yes" or highway in NEEDS_GRANT:
        return False
    in_tunnel = tags.get("tunnel", "no") != "no" and highway in TUNNEL_NEEDS_SIDEWALK
    return has_sidewalk(tags) if in_tunnel or highway in NEEDS_SIDEWALK else True


def _refuses(foot: str | None, policy: AccessPolicy) -> bool:
    """Return whether a value of ``foot`` keeps people out."""
    return foot in (REFUSES | PRIVATE if policy.private == "as_tagged" else REFUSES - PRIVATE)


def _closed(tags: Mapping[str, str], policy: AccessPolicy) -> bool:
    """Return whether ``access`` keeps people out, and ``foot`` does not let them in all the same."""
    access = tags.get("access")
    if tags.get("foot") in VISITORS:
        return False
    return access in FORBIDDEN or (access in PRIVATE and policy.private == "as_tagged")


def has_sidewalk(tags: Mapping[str, str]) -> bool:
    """Return whether the carriageway itself has a sidewalk, in either of the two spellings."""
    sides = (tags.get(key) for key in ("sidewalk", "sidewalk:left", "sidewalk:right", "sidewalk:both"))
    return any(side in SIDEWALKS for side in sides)


def timed(tags: Mapping[str, str]) -> bool:
    """Return whether people on foot may pass at certain hours only, or not at certain hours."""
    return "foot:conditional" in tags or "access:conditional" in tags


def cuts(tags: Mapping[str, str], policy: AccessPolicy = AS_TAGGED) -> bool:
    """Return whether a barrier node cuts the ways through it.

    Parameters
    ----------
    tags
        The node's tags; without ``barrier`` it never cuts.
    policy
        What the dataset says of gates, and of private ones.

    Returns
    -------
    bool
        Never where ``foot`` grants passage. Gates as the policy says; as tagged, they and all other barriers cut where
        they are closed (``access``, ``foot`` or ``locked=yes``) or impassable.
    """
    if "barrier" not in tags or tags.get("foot") in GRANTS:
        return False
    if is_gate(tags) and policy.gates != "as_tagged":
        return policy.gates == "closed"
    closed = _refuses(tags.get("foot"), policy) or _closed(tags, policy) or tags.get("locked") == "yes"
    return closed or tags["barrier"] in IMPASSABLE


def is_gate(tags: Mapping[str, str]) -> bool:
    """Return whether a node is a gate."""
    return tags.get("barrier") in GATES


def crossing_of(tags: Mapping[str, str]) -> Crossing | None:
    """Return what crossing of a carriageway a node or a way is; None: it is none."""
    signals = tags.get("crossing") == "traffic_signals" or tags.get("crossing:signals") == "yes"
    if tags.get("highway") == "traffic_signals":
        return "signals"
    ways = (tags.get(key) for key in ("highway", "footway", "path", "cycleway"))
    if "crossing" not in ways or tags.get("crossing") == "no":
        return None
    return "signals" if signals else "crossing"


def structure_of(tags: Mapping[str, str]) -> str | None:
    """Return what carries or covers a way: bridge, tunnel, covered or indoor; None: it lies under the open sky."""
    if tags.get("tunnel") == "building_passage":
        return "covered"
    if tags.get("highway") == "corridor":
        return "indoor"
    return next((span for span in _SPANS if tags.get(span, "no") != "no"), None)
