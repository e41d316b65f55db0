"""Checks of a plan's sizes: what is stored of them must follow from the totals, and what is out of range is told."""

import geopandas as gpd
import pandas as pd

from gis_service.plan.findings import Finding
from gis_service.plan.rules import STATUS_LABELS, Rules, describe, judge


def check_sizes(grids: gpd.GeoDataFrame, rules: Rules, community_code: str) -> list[Finding]:
    """Return stored statuses that contradict the stored totals, grids outside the size rule and empty ones."""
    findings = []
    empty: list[str] = []
    columns = zip(grids["code"], grids["kind"], grids["status"], grids["households"], grids["residents"], strict=True)
    for code, kind, status, households, residents in columns:
        known = None if pd.isna(residents) else int(residents)
        verdict = judge(int(households), known, kind, rules)
        sentence = describe(int(households), known, verdict, rules)
        wanted = STATUS_LABELS[verdict.status]
        if status != verdict.status:
            findings.append(
                Finding(
                    "grid_status_wrong",
                    "fault",
                    code,
                    f"网格 {code} 记为 {status}，按规则应为“{wanted.zh}”（{verdict.status}）：{sentence.zh}",
                    f"grid {code} is stored as {status} but by the rules it is {verdict.status}: {sentence.en}",
                )
            )
        if households == 0 and not known:
            empty += [str(code)] if kind == "base" else []
        elif verdict.status not in ("normal", "special"):
            findings.append(
                Finding(
                    f"grid_{verdict.status}",
                    "warning",
                    code,
                    f"网格 {code} 规模{wanted.zh}：{sentence.zh}",
                    f"grid {code}: {wanted.en}; {sentence.en}",
                )
            )
    return findings + _without_households(empty, grids, community_code)


def _without_households(empty: list[str], grids: gpd.GeoDataFrame, community_code: str) -> list[Finding]:
    """Return one finding for a community without households, otherwise one for every base grid without."""
    if empty and not grids["households"].any() and not grids["residents"].fillna(0).any():
        return [
            Finding(
                "no_households",
                "note",
                community_code,
                f"社区 {community_code} 没有住户，无需按规模评判网格",
                f"community {community_code} has no households, so its grids are not judged by size",
            )
        ]
    return [
        Finding(
            "no_households",
            "note",
            code,
            f"网格 {code} 没有住户，无需按规模评判",
            f"grid {code} has no households, so it is not judged by size",
        )
        for code in empty
    ]
