"""Prints and pages show a status in the same colours."""

import re
from pathlib import Path
from typing import get_args

import pytest

from gis_service.exports.palette import STATUS_STYLES
from gis_service.plan.rules import Status

WEB = Path(__file__).resolve().parents[3] / "gis_service" / "web"
TOKENS = WEB / "static" / "tokens.css"


def test_every_status_has_a_style_of_its_own():
    assert set(STATUS_STYLES) == set(get_args(Status))
    for aspect in ("fill", "edge", "hatch"):
        assert len({getattr(style, aspect) for style in STATUS_STYLES.values()}) == len(STATUS_STYLES)


@pytest.mark.parametrize("status", get_args(Status))
def test_prints_have_the_colours_of_the_pages(status):
    tokens = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", TOKENS.read_text(encoding="utf-8")))
    style = STATUS_STYLES[status]
    assert (style.fill, style.edge) == (tokens[status], tokens[f"{status}-edge"])


@pytest.mark.parametrize("status", get_args(Status))
def test_pages_have_a_pattern_an_edge_and_a_label_for_every_status(status):
    css = (WEB / "static" / "map.css").read_text(encoding="utf-8")
    for rule in (f".fill-{status} rect", f".edge-{status}", f".status-{status}"):
        assert f"\n{rule} {{" in css
    assert f'<pattern id="fill-{status}" ' in (WEB / "templates" / "_legend.html").read_text(encoding="utf-8")
    assert f'"{status}"' in (WEB / "static" / "js" / "rendering" / "styles.js").read_text(encoding="utf-8")


def test_patterns_of_pages_differ_without_their_colours():
    legend = (WEB / "templates" / "_legend.html").read_text(encoding="utf-8")
    drawn = {status: re.search(rf'id="fill-{status}".*?(<.*)</pattern>', legend)[1] for status in get_args(Status)}
    assert len(set(drawn.values())) == len(drawn)
