"""Roles in regions as people write and read them: ``planner@city/code``."""

from types import MappingProxyType

from gis_service.db.accounts import Grant, Role
from gis_service.errors import InputError, Text

ROLE_NAMES: MappingProxyType[Role, Text] = MappingProxyType(
    {
        "planner": Text("规划员", "planner"),
        "reviewer": Text("审核员", "reviewer"),
        "auditor": Text("核查员", "auditor"),
        "administrator": Text("管理员", "administrator"),
    }
)


def grant_of(words: str) -> Grant:
    """Return the grant that ``ROLE``, ``ROLE@CITY`` or ``ROLE@CITY/REGION`` stands for; a role's Chinese name will do.

    Raises
    ------
    InputError
        There is no such role.
    """
    name, _, place = words.partition("@")
    city, _, region = place.partition("/")
    role = next((role for role, text in ROLE_NAMES.items() if name.strip() in {role, text.zh}), None)
    if role is None or (words.count("@") and not city):
        choices = "、".join(ROLE_NAMES)
        raise InputError(
            Text(
                f"看不懂角色“{words}”，应写作 角色@城市/区划代码，角色可选：{choices}",
                f"{words!r} is no role; write ROLE@CITY/REGION, ROLE being one of {', '.join(ROLE_NAMES)}",
            )
        )
    return Grant(role, city.strip(), region.strip())


def words_of(grant: Grant) -> str:
    """Return how a grant is written; ``grant_of`` reads it."""
    place = f"{grant.city}/{grant.region_code}" if grant.region_code else grant.city
    return f"{grant.role}@{place}" if place else grant.role


def place_of(grant: Grant) -> Text:
    """Return where a grant holds, for people."""
    if not grant.city:
        return Text("全部城市", "every city")
    if not grant.region_code:
        return Text(f"{grant.city} 全市", f"all of {grant.city}")
    return Text(f"{grant.city} 区划 {grant.region_code}", f"{grant.city}, region {grant.region_code}")
