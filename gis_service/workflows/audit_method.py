"""The method of an audit in words an official understands, with the parameters in force; pages and exports share it."""

from dataclasses import dataclass

from gis_service.errors import Text
from gis_service.exports.about import rules_sentence
from gis_service.plan.rules import Rules
from gis_service.workflows.audit_reading import OpenAudit
from gis_service.workflows.counted_words import counted_remark
from gis_service.workflows.dashboard import measures_of
from gis_service.workflows.kinds import any_of
from gis_service.workflows.moments import office_minute
from gis_service.workflows.network_words import network_remarks

INPUT_NAMES: dict[str, Text] = {
    "regions": Text("行政区划", "regions"),
    "buildings": Text("楼栋", "buildings"),
    "estates": Text("小区", "estates"),
    "facilities": Text("设施", "facilities"),
    "given_grids": Text("随数据给出的网格", "given grids"),
    "grids": Text("现行或草拟的网格", "grids of the plans"),
    "units": Text("单元", "units"),
    "network_nodes": Text("步行路网节点", "nodes of the walking network"),
    "network_edges": Text("步行路网路段", "edges of the walking network"),
    "network": Text("步行路网", "walking network"),
}


@dataclass(frozen=True)
class Section:
    """A part of the method: a heading and its lines, each a term and a sentence."""

    title: Text
    lines: tuple[tuple[Text, Text], ...]


def method_sections(audit: OpenAudit) -> tuple[Section, ...]:
    """Return the method of an audit with the parameters in force."""
    return (_sources(audit), _figures(audit), _rules(audit), _walks(audit), _checks(audit), _limits(audit))


def provenance_lines(audit: OpenAudit) -> tuple[tuple[Text, Text], ...]:
    """Return where the figures come from: data, counts, hashes, software, who and when."""
    content, head = audit.content, audit.head
    at = office_minute(head.taken_at)
    taken_by = Text(head.taken_by or "未注明", head.taken_by or "not said")
    lines = [
        (Text("快照", "snapshot"), Text(f"{head.id} {head.title}".strip(), f"{head.id} {head.title}".strip())),
        (Text("校验值", "hash"), _same(head.content_hash)),
        (Text("留存", "taken"), Text(f"{at}（北京时间），{taken_by.zh}", f"{at} (Beijing), {taken_by.en}")),
        (Text("软件版本", "software"), _same(head.software_version)),
        (Text("数据日期", "data date"), _same(content["data_date"])),
        (
            Text("数据性质", "nature"),
            Text("合成数据，不反映真实情况", "invented data")
            if content["synthetic"]
            else Text("取自下列来源", "from the sources below"),
        ),
        (Text("数据来源", "sources"), _same("；".join(content["sources"]))),
        (Text("数据许可", "licence"), _same(content["licence"])),
        (Text("数据校验", "data hash"), _same(head.dataset_hash)),
        (Text("行数", "rows"), _rows(audit)),
    ]
    lines += [
        (Text(f"{INPUT_NAMES[name].zh}校验", f"{INPUT_NAMES[name].en} hash"), _same(value))
        for name, value in content["inputs"].items()
    ]
    return tuple(lines)


def caveats(audit: OpenAudit) -> tuple[Text, ...]:
    """Return what a reader has to know before he quotes a figure."""
    content = audit.content
    outside = sum(row["buildings_without_community"] for row in content["indicators"] if row["level"] == "city")
    told = [
        Text(
            "“覆盖”是沿道路步行可达，不等于服务能力足够；面积不足的设施另列",
            "covered means reachable on foot along streets, not that there is enough room; facilities over capacity "
            "are listed apart",
        ),
        Text(
            "户数由小区或社区总数推算的楼栋，其户数不是逐户登记的结果",
            "households of buildings spread from totals of estates or communities were not counted door by door",
        ),
    ]
    if outside:
        told.append(
            Text(
                f"{outside:,} 栋楼不在任何社区内，不计入各项指标",
                f"{outside:,} buildings lie in no community and are in no figure",
            )
        )
    if content["reach"] is not None:
        told += network_remarks(content["reach"]["summary"])
    if content["synthetic"]:
        told.append(Text("所用数据为合成数据，不反映真实情况", "the data are invented"))
    return tuple(told)


def _sources(audit: OpenAudit) -> Section:
    return Section(Text("数据从哪里来", "Where the data come from"), provenance_lines(audit))


def _figures(audit: OpenAudit) -> Section:
    lines = tuple((measure.label, measure.method) for measure in measures_of(audit))
    return Section(Text("每项指标怎么算", "How each figure is measured"), lines)


def _rules(audit: OpenAudit) -> Section:
    followed: dict[str, tuple[Text, int]] = {}
    for plan in audit.content["plans"]:
        sentence = rules_sentence(Rules.from_dict(plan["rules"]))
        followed[sentence.zh] = (sentence, followed.get(sentence.zh, (sentence, 0))[1] + 1)
    lines = tuple(
        (Text(f"{number} 个社区", f"{number} communities"), sentence) for sentence, number in followed.values()
    )
    return Section(Text("网格规模按什么规则判定", "The size rule"), lines)


def _walks(audit: OpenAudit) -> Section:
    rules, reach = audit.reach_rules, audit.content["reach"]
    title = Text("步行怎么算", "How walks are measured")
    if rules is None or reach is None:
        return Section(title, ((Text("步行", "walks"), Text("没有步行结果", "nothing was walked")),))
    counted = counted_remark(rules.profile, reach["summary"])
    lines = [
        (Text("目的地", "destinations"), any_of(rules.kinds)),
        (
            Text("时限", "cut-off"),
            Text(
                f"{rules.minutes:g} 分钟 × {rules.speed_m_per_s:g} 米/秒 = {rules.cutoff_m:,.0f} 米，含端点",
                f"{rules.minutes:g} min × {rules.speed_m_per_s:g} m/s = {rules.cutoff_m:,.0f} m, inclusive",
            ),
        ),
        (
            Text("路线", "route"),
            Text(
                f"从楼栋直线到最近的道路（不超过 {rules.max_gap_m:g} 米），沿步行路网走最快的一条，再直线到设施",
                f"straight to the nearest street (at most {rules.max_gap_m:g} m), along the quickest way, and straight "
                "to the facility",
            ),
        ),
    ]
    if counted is not None:
        lines.append((Text("另计", "also counted"), counted))
    return Section(title, tuple(lines))


def _checks(audit: OpenAudit) -> Section:
    checked = audit.content["checked"]
    return Section(
        Text("怎么核对、怎么复算", "How it is checked and repeated"),
        (
            (
                Text("独立核对", "independent checks"),
                Text(
                    "网格由另一套程序逐条重算：铺满、连片、楼栋归属、户数合计、规模判定；"
                    f"步行抽取 {checked['sample']} 栋（随机种子 {checked['seed']}）用另一种搜索重算",
                    "other code checks every grid again: tiling, connected land, buildings, sums, sizes; of the walks "
                    f"{checked['sample']} (seed {checked['seed']}) are computed by another search",
                ),
            ),
            (
                Text("复算", "repeating"),
                Text(
                    f"scripts/audit_city.py {audit.head.city} --replay {audit.head.id}：按当时的方案和参数重新计算，"
                    "逐字节比较",
                    f"scripts/audit_city.py {audit.head.city} --replay {audit.head.id} computes it once more and "
                    "compares the bytes",
                ),
            ),
        ),
    )


def _limits(audit: OpenAudit) -> Section:
    notes = tuple((Text(f"{number}", f"{number}"), text) for number, text in enumerate(caveats(audit), start=1))
    return Section(Text("引用前请注意", "Before you quote a figure"), notes)


def _rows(audit: OpenAudit) -> Text:
    counts = audit.content["rows"]
    return Text(
        "，".join(f"{INPUT_NAMES[name].zh} {number:,}" for name, number in counts.items()),
        ", ".join(f"{INPUT_NAMES[name].en} {number:,}" for name, number in counts.items()),
    )


def _same(words: str) -> Text:
    return Text(words, words)
