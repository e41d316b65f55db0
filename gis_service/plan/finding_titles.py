"""What kinds of finding are called where many are told at once, and which of them come first."""

from collections import Counter
from collections.abc import Iterable

from gis_service.errors import Text
from gis_service.plan.findings import Finding, Severity

SEVERITIES: dict[Severity, Text] = {
    "fault": Text("违反硬性规则", "faults"),
    "warning": Text("提醒", "warnings"),
    "note": Text("说明", "notes"),
}
"""The worst first."""

TITLES: dict[str, Text] = {
    "grid_large": Text("网格过大", "grids too large"),
    "grid_small": Text("网格过小", "grids too small"),
    "grid_conflict": Text("网格两项相悖", "grids whose tests contradict"),
    "estate_split": Text("小区被拆分", "estates split"),
    "straddling": Text("网格跨河流、铁路或快速路", "grids across a river, railway or expressway"),
    "land_across": Text("无住户土地隔着河流、铁路或快速路", "land across a river, railway or expressway from its grid"),
    "rules_differ": Text("各社区规则不同", "communities with other rules"),
    "codes_unfit": Text("编码不合规则", "codes that do not follow the pattern"),
    "size_indivisible": Text("相连的楼栋和小区无法凑成合规网格", "buildings and estates that cannot be grouped"),
    "size_impossible": Text("合计规模无法划分", "totals that cannot be divided"),
    "building_too_large": Text("单栋超过上限", "buildings above the maximum alone"),
    "building_outside": Text("楼栋在其社区之外", "buildings outside their community"),
    "building_estate_differs": Text("楼栋与小区归属不一", "buildings whose estate differs"),
    "buildings_inseparable": Text("楼栋无法分开", "buildings that cannot be told apart"),
    "buildings_across_borders": Text("楼栋跨社区边界", "buildings across borders of communities"),
    "buildings_outside_communities": Text("楼栋不在任何社区", "buildings outside every community"),
    "special_grid_across_communities": Text("专属网格跨社区", "special grids across communities"),
    "special_grids_overlap": Text("专属网格重叠", "special grids that overlap"),
    "special_grid_in_pieces": Text("专属网格不连片", "special grids in pieces"),
    "network_ends_early": Text("路网在社区附近中断", "networks that end near communities"),
    "residents_unknown": Text("缺少人数", "residents unknown"),
    "retired_codes": Text("停用编码", "codes that end"),
    "no_households": Text("无住户", "no households"),
    "alike": Text("备选方案差别不明显", "alternatives that hardly differ"),
    "set_apart": Text("另行拉开的备选方案", "alternatives set apart"),
    "grid_parts_forced": Text("土地不相连的网格", "grids whose land is not connected"),
}
"""Of warnings and notes, in the order in which people should look at them."""


def title_of(kind: str) -> Text:
    """Return what a kind of finding is called; faults, which only we can mend, go by the word in the code."""
    return TITLES.get(kind, Text(kind, kind))


def counted(findings: Iterable[Finding]) -> list[tuple[Severity, Text, int]]:
    """Return severity, title and number of each kind of finding, the worst first."""
    numbers = Counter((finding.severity, finding.kind) for finding in findings)
    return [(severity, title_of(kind), numbers[severity, kind]) for severity, kind in sorted(numbers, key=_rank)]


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with those first that people should look at first."""
    return sorted(findings, key=lambda finding: (_rank((finding.severity, finding.kind)), finding))


def _rank(of: tuple[Severity, str]) -> tuple[int, int, str]:
    severity, kind = of
    place = list(TITLES).index(kind) if kind in TITLES else len(TITLES)
    return list(SEVERITIES).index(severity), place, kind
