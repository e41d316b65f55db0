"""What kinds of facility are called, on maps and in exports alike."""

from collections.abc import Iterable
from types import MappingProxyType

from gis_service.errors import InputError, Text

KIND_NAMES = MappingProxyType(
    {
        "red_station": Text("近邻红色驿站", "red station"),
        "service_centre": Text("党群服务中心", "service centre"),
        "elder_day_care": Text("老年人日间照料", "elder day care"),
        "elder_canteen": Text("长者食堂", "elder canteen"),
        "after_school": Text("四点半课堂", "after-school care"),
        "shared": Text("共享空间", "shared space"),
        "activity_room": Text("活动室", "activity room"),
        "aed": Text("自动体外除颤器（AED）", "defibrillator (AED)"),
        "clinic": Text("诊所", "clinic"),
        "government_office": Text("政府机构", "government office"),
        "gym": Text("健身房", "gym"),
        "hawker_centre": Text("熟食中心", "hawker centre"),
        "mrt_exit": Text("地铁出入口", "metro exit"),
        "park": Text("公园", "park"),
        "preschool": Text("幼儿园", "preschool"),
        "sport": Text("体育场馆", "sports venue"),
        "supermarket": Text("超市", "supermarket"),
        "welfare": Text("福利机构", "welfare institution"),
    }
)


def kind_name(kind: str) -> Text:
    """Return what a kind of facility is called; a kind that nobody has named is called by its own word."""
    return KIND_NAMES.get(kind, Text(kind, kind))


_KINDS_BY_NAME = MappingProxyType(
    {name.casefold(): kind for kind, names in KIND_NAMES.items() for name in (kind, names.zh, names.en)}
)


def kinds_meant(words: Iterable[str]) -> tuple[str, ...]:
    """Return the kinds of facility that words mean, each once: a kind's own word or what it is called in a language.

    A word that is neither stays as it is: a city may have kinds that nobody has named.
    """
    return tuple(dict.fromkeys(_KINDS_BY_NAME.get(word.strip().casefold(), word) for word in words))


def require_kinds(kinds: Iterable[str], of_city: Iterable[str]) -> None:
    """Refuse kinds of facility that neither the service nor a city knows.

    Raises
    ------
    InputError
        Names them, and those there are.
    """
    known = {*KIND_NAMES, *of_city}
    strange = sorted(set(kinds) - known)
    if strange:
        zh, en = listed_kinds(known)
        raise InputError(
            Text(
                f"不认识设施类别 {'、'.join(strange)}；可用 --kind 选择：{zh}",
                f"unknown kind of facility {', '.join(strange)}; choose with --kind from {en}",
            )
        )


def listed_kinds(kinds: Iterable[str]) -> tuple[str, str]:
    """Return kinds with what they are called, for a sentence in Chinese and in English."""
    names = [(kind, kind_name(kind)) for kind in sorted(kinds)]
    zh = [kind if name.zh == kind else f"{name.zh}（{kind}）" for kind, name in names]
    return "、".join(zh), ", ".join(kind for kind, _ in names)


def any_of(kinds: Iterable[str]) -> Text:
    """Return what a facility of one of several kinds is called: ``近邻红色驿站或党群服务中心``."""
    names = [kind_name(kind) for kind in kinds]
    return Text("或".join(name.zh for name in names), " or ".join(name.en for name in names))


def nearest_of(kinds: Iterable[str]) -> Text:
    """Return the label of the nearest facility on foot, which is the nearest of the kinds that counted and no other."""
    name = any_of(kinds)
    return Text(f"最近的{name.zh}", f"Nearest {name.en}")
