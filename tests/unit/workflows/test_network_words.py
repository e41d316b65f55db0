"""What people are told of the network, sentence by sentence."""

import pytest

from gis_service.workflows.network_words import network_remarks

WHOLE = {
    "network_m": 1_234_400.0,
    "components": 1,
    "largest_component_share": 1.0,
    "households_other_components": 0,
    "households_left_out_components": 0,
    "households": 2000,
    "households_near_border": 0,
    "households_near_border_uncovered": 0,
}


def test_a_network_in_one_piece_far_beyond_everybody_takes_one_sentence() -> None:
    (said,) = network_remarks(WHOLE)
    assert said.zh == "步行路网共 1,234 公里，全部连成一片"


@pytest.mark.parametrize(
    ("changed", "zh"),
    [
        ({"components": 13, "largest_component_share": 0.987}, "其中 98.7% 连成一片，另有 12 片与它不相通"),
        ({"households_other_components": 56}, "56 户只能在不相通的路网片上步行"),
        ({"households_left_out_components": 7}, "7 户门前最近的路是太短的孤立路段"),
        (
            {"households_near_border": 500, "households_near_border_uncovered": 20},
            "500 户（25.0%）到路网数据边缘比到最近的设施还近，更近的设施或道路可能在数据之外；其中 20 户现按未覆盖计",
        ),
    ],
)
def test_what_is_wrong_with_a_network_is_said(changed: dict[str, float], zh: str) -> None:
    assert zh in "。".join(remark.zh for remark in network_remarks(WHOLE | changed))


def test_a_run_of_an_earlier_version_says_nothing() -> None:
    assert network_remarks({"network_m": 1.0, "households": 3}) == ()


def test_where_no_facility_counts_the_end_of_the_streets_is_not_spoken_of() -> None:
    (said,) = network_remarks(WHOLE | {"households_near_border": 500, "facilities": 0})
    assert "边缘" not in said.zh
