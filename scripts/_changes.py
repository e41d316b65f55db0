"""What a scenario changes, in lines for people."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
from _walking import share_of

from gis_service.errors import Text
from gis_service.reach.comparison import Comparison

GAPS_SHOWN = 3
MEASURES = {
    "households": Text("住户", "households"),
    "residents": Text("常住人口", "residents"),
    "elderly": Text("老年人", "elderly"),
}


def change_lines(comparison: Comparison) -> list[Text]:
    """Return the change in coverage, whose walk changes, the worst gaps that lose people, and those that gain any."""
    measures = {row["measure"]: row for row in comparison.coverage.to_dict("records")}
    lines = [
        _change(measures[name], word)
        for name, word in MEASURES.items()
        if not pd.isna(measures[name]["before"]) and not pd.isna(measures[name]["after"])
    ]
    gained, lost = len(comparison.gained), len(comparison.lost)
    nearer, farther = comparison.households_nearer, comparison.households_farther
    lines.append(
        Text(
            f"    新覆盖 {gained} 栋楼，不再覆盖 {lost} 栋；{nearer} 户走得更近，{farther} 户走得更远",
            f"    {gained} buildings gained, {lost} lost; {nearer} households walk less, {farther} more",
        )
    )
    lines += [_mended(gap) for gap in comparison.gaps.head(GAPS_SHOWN).to_dict("records")]
    return lines + [_worsened(gap) for gap in comparison.gaps_worsened.head(GAPS_SHOWN).to_dict("records")]


def _change(row: Mapping[Hashable, Any], word: Text) -> Text:
    old, new = row["before"], row["after"]
    total = row["total"]
    before, after = (Text(f"{n}", f"{n}") if pd.isna(total) else share_of(n, total) for n in (old, new))
    return Text(
        f"  变化：覆盖{word.zh} {before.zh} → {after.zh}，{new - old:+d}",
        f"  change: {word.en} covered {before.en} -> {after.en}, {new - old:+d}",
    )


def _mended(gap: Mapping[Hashable, Any]) -> Text:
    covered, whole = gap["households_covered"], gap["households"]
    return Text(
        f"    补上原第 {gap['rank']} 位盲区 {gap['name']}：{covered}/{whole} 户",
        f"    mends the gap that was no. {gap['rank']}, {gap['name']}: {covered} of {whole} households",
    )


def _worsened(gap: Mapping[Hashable, Any]) -> Text:
    lost, whole = gap["households_lost"], gap["households"]
    if lost == whole:
        return Text(
            f"    新出现盲区 {gap['name']}：{whole} 户，列第 {gap['rank']} 位",
            f"    a gap arises, {gap['name']}: {whole} households, no. {gap['rank']}",
        )
    return Text(
        f"    盲区 {gap['name']} 扩大：增加 {lost} 户，共 {whole} 户，列第 {gap['rank']} 位",
        f"    a gap grows, {gap['name']}: {lost} more households, {whole} in all, no. {gap['rank']}",
    )
