"""What proposals side by side are called."""

from typing import Any

import pytest

from gis_service.workflows.proposal_titles import titles_of

LINES, COMPACT, BALANCE = "边界沿道路、围墙、水系优先", "形状紧凑优先", "户数均衡优先"


def proposal(wish: str, lines: float | None, compactness: float | None, imbalance: float | None) -> dict[str, Any]:
    return {"wish": wish, "share_on_lines": lines, "mean_compactness": compactness, "imbalance": imbalance}


@pytest.mark.parametrize(
    ("proposals", "titles"),
    [
        pytest.param(
            [
                proposal("lines", 0.99, 0.5, 0.2),
                proposal("compactness", 0.9, 0.62, 0.3),
                proposal("balance", 0.95, 0.5, 0.25),
            ],
            [LINES, COMPACT, "方案三"],
            id="who shares the least figure does not lie between the others",
        ),
        pytest.param(
            [
                proposal("lines", 0.99, 0.55, 0.2),
                proposal("compactness", 0.9, 0.62, 0.3),
                proposal("balance", 0.8, 0.5, 0.05),
            ],
            [LINES, COMPACT, BALANCE],
            id="each wish is borne out",
        ),
        pytest.param(
            [
                proposal("lines", 0.95, 0.6, 0.2),
                proposal("compactness", 0.97, 0.5, 0.1),
                proposal("balance", 0.99, 0.55, 0.15),
            ],
            ["形状最紧凑", "户数最均衡", "边界沿线最多"],
            id="each is the best in what another put first",
        ),
        pytest.param(
            [
                proposal("lines", 0.95, 0.55, 0.2),
                proposal("compactness", 0.97, 0.6, 0.3),
                proposal("balance", 0.9, 0.5, 0.1),
            ],
            ["方案一（各项居中）", COMPACT, BALANCE],
            id="one lies between the others",
        ),
        pytest.param(
            [
                proposal("lines", 0.99, 0.6, 0.1),
                proposal("compactness", 0.97, 0.5, 0.2),
                proposal("balance", 0.99, 0.55, 0.15),
            ],
            [LINES, "方案二", "方案三（各项居中）"],
            id="one is the worst in what it put first",
        ),
        pytest.param(
            [proposal("lines", 0.951, 0.55, 0.2), proposal("balance", 0.954, 0.55, 0.204)],
            [LINES, BALANCE],
            id="figures that look the same are the same",
        ),
        pytest.param(
            [proposal("balance", 0.9, 0.5, 0.3), proposal("lines", 0.9, 0.5, 0.2)],
            ["方案一", LINES],
            id="of two, none lies between",
        ),
        pytest.param([proposal("lines", None, 0.4, None)], [LINES], id="a single one without a border"),
        pytest.param([], [], id="none"),
    ],
)
def test_a_title_says_nothing_that_the_figures_beside_it_contradict(
    proposals: list[dict[str, Any]], titles: list[str]
) -> None:
    told = titles_of(proposals)
    assert [title.zh for title in told] == titles
    assert len({title.en for title in told}) == len(titles)
