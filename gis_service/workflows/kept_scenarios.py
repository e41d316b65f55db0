"""Scenarios kept to be compared in a meeting: stored with the figures they had, who kept them and what they rest on."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from gis_service import __version__
from gis_service.db import facilities, reach_runs, scenarios
from gis_service.db.accounts import Account
from gis_service.db.cities import City
from gis_service.db.engine import Connection
from gis_service.db.scenarios import KeptScenario
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.reach.rules import ReachRules
from gis_service.workflows.findings_register import signature
from gis_service.workflows.request_values import TEXT_LENGTH
from gis_service.workflows.scenario_gains import scenario_gains
from gis_service.workflows.what_if_map import Imagined, LonLat, WhatIfCity, load_what_if_rules

LONGEST_NAME = 40
"""Longest name of a scenario [characters]."""
MOST_SITES = 50
"""More new stations than that are no question for one meeting."""
MOST_KEPT = 30
"""Scenarios of a city that stand on the list at once: more cannot be read side by side."""
HIGHEST_COST = 1e12
Repeated = Literal["equal", "different", "changed"]
DRAWN = ("gained", "lost")
"""Parts of the gains that are drawn and not compared; they follow from the rest and are not kept."""


@dataclass(frozen=True)
class Site:
    """A place where a facility is imagined.

    Parameters
    ----------
    name
        What people call it.
    lon, lat
        Where it is [degrees, WGS 84].
    cost
        What it costs, in the unit of the list of rooms; None: unknown.
    candidate
        Code in the siting run it was taken from; None: it was put on the map by hand.
    """

    name: str
    lon: float
    lat: float
    cost: float | None
    candidate: str | None


@dataclass(frozen=True)
class Proposal:
    """A scenario that somebody wants to keep.

    Parameters
    ----------
    name
        What it is to be called.
    sites
        Where facilities are imagined.
    closed
        Ids of facilities imagined closed.
    """

    name: str
    sites: tuple[Site, ...]
    closed: tuple[str, ...]

    @property
    def imagined(self) -> Imagined:
        """What is asked of the city."""
        return imagined_of([(site.lon, site.lat) for site in self.sites], self.closed)


def imagined_of(places: Collection[LonLat], closed: Collection[str]) -> Imagined:
    """Return the question that a kept scenario asks of the city."""
    return Imagined(add=tuple(places), close=tuple(closed))


def proposal_of(values: Mapping[str, Any], places: tuple[LonLat, ...], closed: tuple[str, ...]) -> Proposal:
    """Return the scenario that a request wants to keep.

    Parameters
    ----------
    values
        ``name``, and ``sites``: of every place in turn ``name``, ``cost`` (number or None) and ``candidate`` (text or
        None).
    places, closed
        Where the sites are, and ids of the facilities closed, already read.

    Raises
    ------
    InputError
        A value is missing, too long, no text or no number, or nothing is imagined.
    """
    sites = values["sites"]
    if not places and not closed:
        raise InputError(Text("方案里还没有拟设点或关闭的设施", "the scenario has no site and closes nothing"))
    if len(sites) > MOST_SITES:
        raise InputError(Text(f"最多 {MOST_SITES} 个拟设点", f"at most {MOST_SITES} sites"))
    return Proposal(
        _words(values.get("name"), LONGEST_NAME, "方案名称", "the name of the scenario"),
        tuple(_site(site, place) for site, place in zip(sites, places, strict=True)),
        closed,
    )


def keep_scenario(
    conn: Connection, city: City, ready: WhatIfCity, proposal: Proposal, *, roots: Collection[str] | None, who: Account
) -> int:
    """Compute what a scenario gains and keep both; return its number.

    Parameters
    ----------
    conn
        Open transaction, which the caller commits.
    city, ready
        The city, and the same as it is now, ready to be asked.
    proposal
        What is to be kept.
    roots
        Codes of the regions whose people count; None: the whole city.
    who
        Who keeps it.

    Raises
    ------
    InputError
        As :func:`gis_service.workflows.what_if_map.edits_of`; or there are `MOST_KEPT` already.
    """
    if len(scenarios.load_scenarios(conn, city.name)) >= MOST_KEPT:
        raise InputError(
            Text(
                f"已留存 {MOST_KEPT} 个方案，请先移出不再比较的",
                f"{MOST_KEPT} scenarios are kept already; take some off the list first",
            )
        )
    shown = reach_runs.load_shown(conn, city)
    gains = scenario_gains(ready, proposal.imagined, roots)
    named = facilities.load_facilities(conn, city).set_index("id")["name"]
    return scenarios.save_scenario(
        conn,
        city.name,
        proposal.name,
        roots=sorted(roots or ()),
        content={
            "sites": [asdict(site) for site in proposal.sites],
            "closed": [{"id": code, "name": named[code]} for code in proposal.closed],
        },
        gains=_kept_part(gains),
        rules=ready.standing.rules.as_dict(),
        reach_run=None if shown is None else shown[0],
        data_date=city.data_date,
        dataset_hash=city.content_hash,
        software_version=__version__,
        who=signature(who),
    )


def kept_scenarios(
    conn: Connection, city: City, roots: Collection[str] | None, visible: Collection[str]
) -> list[KeptScenario]:
    """Return the scenarios that a reader may see: those that count nobody outside his regions, the first kept first.

    Parameters
    ----------
    conn, city
        Open transaction, and the city.
    roots
        Codes of the regions the reader may see; None: the whole city.
    visible
        The same with all regions in them.
    """
    every = scenarios.load_scenarios(conn, city.name)
    return [kept for kept in every if roots is None or (kept.roots and set(kept.roots) <= set(visible))]


def gains_again(ready: WhatIfCity, kept: KeptScenario) -> dict[str, Any]:
    """Return what a kept scenario gains in the city as it is now: the figures kept, where data and rules are the same.

    Raises
    ------
    InputError
        As :func:`gis_service.workflows.what_if_map.edits_of`: a facility it closes is there no more.
    """
    places = [(site["lon"], site["lat"]) for site in kept.content["sites"]]
    asked = imagined_of(places, [facility["id"] for facility in kept.content["closed"]])
    return _kept_part(scenario_gains(ready, asked, kept.roots or None))


def repeated(conn: Connection, city: City, ready: WhatIfCity, kept: KeptScenario) -> Repeated:
    """Compute a kept scenario once more and hold it against what was kept.

    Returns
    -------
    str
        ``equal`` or ``different`` figures; ``changed``: data or rules are no longer those it rests on, so that it
        cannot be repeated.
    """
    if not rests_on_today(kept, city, load_what_if_rules(conn, city)):
        return "changed"
    return "equal" if gains_again(ready, kept) == kept.gains else "different"


def rests_on_today(kept: KeptScenario, city: City, rules: ReachRules) -> bool:
    """Return whether a kept scenario was computed from the data and the rules of today."""
    return kept.dataset_hash == city.content_hash and kept.rules == rules.as_dict()


def may_withdraw(kept: KeptScenario, account: Account | None, city: City) -> bool:
    """Return whether somebody may take a scenario off the list: who kept it, and auditors of the whole city."""
    return account is not None and (kept.who == signature(account) or account.may("auditor", city.name))


def withdraw_scenario(conn: Connection, city: City, kept: KeptScenario, account: Account | None) -> None:
    """Take a scenario off the list; what it was stays in the store.

    Raises
    ------
    NotAllowedError
        Somebody else kept it.
    """
    if account is None or not may_withdraw(kept, account, city):
        raise NotAllowedError(
            Text(
                "只有留存人和全市的审核人员可以移出方案",
                "a scenario is taken off the list by who kept it or by auditors of the whole city",
            )
        )
    scenarios.save_withdrawal(conn, kept.id, who=signature(account))


def _kept_part(gains: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in gains.items() if name not in DRAWN}


def _site(values: Mapping[str, Any], place: LonLat) -> Site:
    cost, candidate = values.get("cost"), values.get("candidate")
    is_number = isinstance(cost, int | float) and not isinstance(cost, bool)
    if cost is not None and not (is_number and 0 <= cost <= HIGHEST_COST):
        raise InputError(
            Text(
                f"造价应为 0 到 {HIGHEST_COST:,.0f} 的数，不详时留空",
                f"a cost must be a number from 0 to {HIGHEST_COST:,.0f}, or nothing where it is unknown",
            )
        )
    return Site(
        _words(values.get("name"), TEXT_LENGTH, "拟设点名称", "the name of a site"),
        *place,
        None if cost is None else float(cost),
        None if candidate is None else _words(candidate, TEXT_LENGTH, "候选点编号", "the code of a candidate"),
    )


def _words(value: object, longest: int, zh: str, en: str) -> str:
    words = value.strip() if isinstance(value, str) else ""
    if not words or len(words) > longest or not words.isprintable():
        raise InputError(Text(f"{zh}应为 1 到 {longest} 个字", f"{en} must have 1 to {longest} characters"))
    return words
