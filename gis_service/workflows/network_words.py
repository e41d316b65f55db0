"""What a reader is told of the network under a run, in plain words, on screens and in exports alike."""

from collections.abc import Mapping
from typing import Any

from gis_service.errors import Text


def network_remarks(summary: Mapping[str, Any]) -> tuple[Text, ...]:
    """Return the sentences on pieces of the network and on its end; none for runs of versions that noted nothing.

    Parameters
    ----------
    summary
        Of a reach run, see :func:`gis_service.reach.network_account.network_account`.
    """
    if "households_near_border" not in summary:
        return ()
    return (_pieces(summary), *_small_pieces(summary), *_border(summary))


def _pieces(summary: Mapping[str, Any]) -> Text:
    length = f"{summary['network_m'] / 1000:,.0f}"
    others = summary["components"] - 1
    if others <= 0:
        return Text(
            f"步行路网共 {length} 公里，全部连成一片", f"the walking network has {length} km, all of it connected"
        )
    share = f"{summary['largest_component_share']:.1%}"
    return Text(
        f"步行路网共 {length} 公里，其中 {share} 连成一片，另有 {others:,} 片与它不相通",
        f"the walking network has {length} km; {share} of it hang together, {others:,} more pieces do not join them",
    )


def _small_pieces(summary: Mapping[str, Any]) -> list[Text]:
    """Return who hangs on pieces apart from the longest."""
    said = []
    apart, left_out = summary["households_other_components"], summary["households_left_out_components"]
    if apart:
        said.append(
            Text(
                f"{apart:,} 户只能在不相通的路网片上步行，到不了片外的设施；请核对是否漏了道路",
                f"{apart:,} households walk on a piece of their own and reach nothing beyond; check for missing "
                "streets",
            )
        )
    if left_out:
        said.append(
            Text(
                f"{left_out:,} 户门前最近的路是太短的孤立路段，改从别的路算起；请核对是否漏了道路",
                f"{left_out:,} households live at streets too short and cut off to count; their walks begin at another "
                "street; check for missing streets",
            )
        )
    return said


def _border(summary: Mapping[str, Any]) -> list[Text]:
    near, total = summary["households_near_border"], summary["households"]
    # Where no facility counts, the end of the streets is nearer to everybody and tells nothing.
    if not near or not total or summary.get("facilities") == 0:
        return []
    uncovered = summary["households_near_border_uncovered"]
    share = f"{near / total:.1%}"
    return [
        Text(
            f"{near:,} 户（{share}）到路网数据边缘比到最近的设施还近，更近的设施或道路可能在数据之外；"
            f"其中 {uncovered:,} 户现按未覆盖计",
            f"{near:,} households ({share}) are nearer to the end of the street data than to a facility: a nearer one, "
            f"or a shorter way, may lie beyond; {uncovered:,} of them count as not covered",
        )
    ]
