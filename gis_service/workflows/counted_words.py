"""What a reader is told where walks count more than their lengths, on screens and in exports alike."""

from collections.abc import Mapping
from typing import Any

from gis_service.errors import Text
from gis_service.reach.profile import WalkingProfile


def counted_remark(profile: WalkingProfile, summary: Mapping[str, Any]) -> Text | None:
    """Return what counts besides lengths and how much of it the streets have; None where lengths alone count.

    Parameters
    ----------
    profile
        How people walk.
    summary
        Of a run by it, see :func:`gis_service.reach.costs.counted_facts`.
    """
    if profile.plain:
        return None
    said, found = profile.described(), _found(summary)
    return Text(
        f"时间另计{said.zh}（路网中{found.zh}）；米数是最快路线的实际路程，是否覆盖按时间判断",
        f"times count {said.en} (the streets have {found.en}); metres are walked along the quickest way, and who is "
        "covered is judged by time",
    )


def _found(summary: Mapping[str, Any]) -> Text:
    """Return how much the streets have of what counts."""
    words = {
        "steps_m": ("台阶 {:,.0f} 米", "{:,.0f} m of stairs"),
        "crossings": ("无信号过街 {:,.0f} 处", "{:,.0f} crossings without signals"),
        "signals": ("信号灯过街 {:,.0f} 处", "{:,.0f} crossings with signals"),
        "heights_share": ("{:.0%} 的长度有高程", "heights along {:.0%} of their length"),
    }
    told = [(words[name], summary[name]) for name in words if summary.get(name) is not None]
    zh = "、".join(word[0].format(value) for word, value in told)
    en = ", ".join(word[1].format(value) for word, value in told)
    return Text(zh or "没有街道", en or "no street")
