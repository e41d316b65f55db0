"""Prints and pages show a status in the same colours."""

import re
from pathlib import Path
from typing import get_args

import pytest

from gis_service.exports.palette import STATUS_STYLES
from gis_service.plan.rules import Status

TOKENS = Path(__file__).resolve().parents[3] / "gis_service" / "web" / "static" / "tokens.css"


def test_every_status_has_a_style_of_its_own():
    assert set(STATUS_STYLES) == set(get_args(Status))
    for aspect in ("fill", "edge", "hatch"):
        assert len({getattr(style, aspect) for style in STATUS_STYLES.values()}) == len(STATUS_STYLES)


@pytest.mark.parametrize("status", get_args(Status))
def test_prints_have_the_colours_of_the_pages(status):
    tokens = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8")))
    style = STATUS_STYLES[status]
    assert (style.fill, style.edge) == (tokens[status], tokens[f"{status}-edge"])
