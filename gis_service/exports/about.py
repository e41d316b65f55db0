"""Where an export comes from: what every file says about its data, rules and parameters."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from gis_service.errors import Text
from gis_service.plan.code_pattern import format_code
from gis_service.plan.priorities import SOFT_RULES
from gis_service.plan.rules import BASIS_LABELS, Rules

SYNTHETIC_MARK = "合成数据"
GIVEN = "取自下列来源，并非虚构；来源自身的推算以其说明为准"
"""What data are that nobody invented: whether each was observed, only their source can say."""

BEIJING = timezone(timedelta(hours=8))
"""Every time is told in Beijing time, with its offset; China has kept no summer time since 1991."""


@dataclass(frozen=True)
class About:
    """Provenance of an export.

    Parameters
    ----------
    city
        Slug of the city.
    title
        Name of the city that people read.
    data_date
        The data describe this day.
    synthetic
        Invented data; every export then says 合成数据.
    licence, sources
        Licence and sources of the data as the dataset gives them.
    software_version
        Version of this software that computed the results.
    made_at
        When the results were made, with time zone.
    content_hash
        SHA-256 [hex] over the dataset's files.
    plan, seeds
        Name of the plan and seeds it was made with; empty where no plan is exported.
    rules
        The size rule in words (:func:`rules_text`); empty where no plan is exported.
    derived
        What in the file is not given but worked out, in words; empty where nothing is.
    minutes, speed_m_per_s
        Cut-off [min] and walking speed [m/s]; None where no walk is exported.
    counted
        What the walks count besides their lengths, in words; empty where nothing does.
    kinds
        Kinds of facility that counted; empty where no walk is exported.
    scenario
        What was imagined, in words; empty where the facilities are those that exist.
    network
        What is to be known of the walking network, in words; empty where no walk is exported.
    buildings_outside, households_outside
        How many buildings and households [count] lie in no community and so in no figure of a plan.
    map_approval
        审图号 of the maps; empty when there is none.
    operator
        Office that runs the service; empty when not said.
    """

    city: str
    title: str
    data_date: date
    synthetic: bool
    licence: str
    sources: tuple[str, ...]
    software_version: str
    made_at: datetime
    content_hash: str
    plan: str = ""
    seeds: tuple[int, ...] = ()
    rules: str = ""
    derived: str = ""
    minutes: float | None = None
    speed_m_per_s: float | None = None
    counted: str = ""
    kinds: tuple[str, ...] = ()
    scenario: str = ""
    network: str = ""
    buildings_outside: int = 0
    households_outside: int = 0
    map_approval: str = ""
    operator: str = ""

    @property
    def outside(self) -> str:
        """What lies in no community, in words, as it stands beside every total; empty where there is nothing."""
        if not self.buildings_outside:
            return ""
        counts = f"{self.buildings_outside:,} 栋楼、{self.households_outside:,} 户"
        return f"另有 {counts}不在任何社区内，不计入各网格、各社区和全市的合计"

    def as_dict(self) -> dict[str, str | float | bool | None]:
        """Return the provenance as plain values, dates in ISO 8601 and lists joined, in a fixed order."""
        return {
            "city": self.city,
            "title": self.title,
            "data_date": self.data_date.isoformat(),
            "synthetic": self.synthetic,
            "scenario": self.scenario,
            "plan": self.plan,
            "seed": "; ".join(map(str, self.seeds)),
            "rules": self.rules,
            "derived": self.derived,
            "buildings_outside": self.buildings_outside,
            "households_outside": self.households_outside,
            "minutes": self.minutes,
            "speed_m_per_s": self.speed_m_per_s,
            "counted": self.counted,
            "kinds": "; ".join(self.kinds),
            "network": self.network,
            "content_hash": self.content_hash,
            "software_version": self.software_version,
            "licence": self.licence,
            "sources": "; ".join(self.sources),
            "made_at": self.made_at.astimezone(BEIJING).isoformat(timespec="seconds"),
            "map_approval": self.map_approval,
            "operator": self.operator,
        }

    def lines(self) -> list[tuple[str, str]]:
        """Return the provenance as Chinese labels and texts for people; what does not apply is left out."""
        metres = None if self.minutes is None or self.speed_m_per_s is None else self.minutes * 60 * self.speed_m_per_s
        every = [
            ("城市", f"{self.title}（{self.city}）"),
            ("数据日期", self.data_date.isoformat()),
            ("数据性质", f"{SYNTHETIC_MARK}，不反映真实情况" if self.synthetic else GIVEN),
            ("推算内容", self.derived),
            ("假设情景", self.scenario),
            ("方案", self.plan),
            ("随机种子", "、".join(map(str, self.seeds))),
            ("划分规则", self.rules),
            ("未计入", self.outside),
            (
                "步行口径",
                "" if metres is None else f"{self.minutes:g} 分钟 × {self.speed_m_per_s:g} 米/秒 = {metres:g} 米（含）",
            ),
            ("步行另计", self.counted),
            ("设施类别", "、".join(self.kinds)),
            ("步行路网", self.network),
            ("数据来源", "；".join(self.sources)),
            ("数据许可", self.licence),
            ("数据校验", self.content_hash),
            ("软件版本", self.software_version),
            ("制作时间", self.made_at.astimezone(BEIJING).isoformat(sep=" ", timespec="minutes")),
            ("制作单位", self.operator),
            ("审图号", self.map_approval),
        ]
        return [(label, text) for label, text in every if text]


def rules_text(rules: Rules) -> str:
    """Return the rules in one Chinese sentence, as every export prints it."""
    return rules_sentence(rules).zh


def rules_sentence(rules: Rules) -> Text:
    """Return the rules of a plan in full: sizes, target, what decides, the order of the soft rules, and codes."""
    households = f"{rules.households_min}–{rules.households_max}"
    residents = f"{rules.residents_min}–{rules.residents_max}"
    target, basis = target_of(rules), BASIS_LABELS[rules.basis]
    order = [SOFT_RULES[rule] for rule in rules.soft_order]
    zh_code = format_code(rules.code_pattern, "社区编码", 1)
    en_code = format_code(rules.code_pattern, "(community)", 1)
    return Text(
        f"每个基础网格 {households} 户或 {residents} 人（含端点），判定依据：{basis.zh}，目标 {target:g} 户；"
        f"专属网格和无住户的网格不检验规模；软性规则先后：{'＞'.join(rule.zh for rule in order)}；"
        f"网格编码形如“{zh_code}”",
        f"base grids of {households} households or {residents} residents (inclusive), judged by {basis.en}, target "
        f"{target:g} households; special grids and land without households have no size test; soft rules in order: "
        f"{' > '.join(rule.en for rule in order)}; codes such as {en_code}",
    )


def target_of(rules: Rules) -> float:
    """Return the households wanted per grid [count]: the rules' own, or the middle of their range."""
    return rules.target_households or (rules.households_min + rules.households_max) / 2
