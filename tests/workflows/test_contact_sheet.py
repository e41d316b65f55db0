"""The contact sheet: which communities are on it, and that it can be drawn and looked at."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.errors import InputError, UnknownPlanError
from gis_service.partition.quality import Quality
from gis_service.plan.rules import Rules
from gis_service.workflows.contact_sheet import Candidate, choose, draw_city
from gis_service.workflows.import_city import Imported
from gis_service.workflows.partition_city import partition_city

GOOD = Quality(grids=4, in_range=4, inner_m=100.0, on_lines_m=80.0, compactness=2.4, households=1600)


def candidates(*households: int) -> list[Candidate]:
    return [
        Candidate(f"{number:03d}", f"社区{number}", replace(GOOD, households=count), 0.4)
        for number, count in enumerate(households)
    ]


def test_the_largest_and_the_smallest_go_first_and_what_is_alike_everywhere_is_no_reason() -> None:
    chosen = choose(candidates(900, 100, 500))
    assert [(each.candidate.code, each.why.en) for each in chosen] == [
        ("000", "most households"),
        ("001", "fewest households"),
        ("002", "evenly by size"),
    ]


def test_the_worst_community_is_shown_whatever_its_size() -> None:
    cities = candidates(*range(1000, 4000, 100))
    cities[17] = replace(cities[17], quality=replace(cities[17].quality, in_range=1))
    chosen = choose(cities)
    assert len(chosen) == 12
    assert len({each.candidate.code for each in chosen}) == 12
    assert ("017", "lowest share in range") in [(each.candidate.code, each.why.en) for each in chosen]
    assert choose(cities[::-1]) == chosen


def test_nothing_to_choose_from_is_nothing_chosen() -> None:
    assert choose([]) == ()


def test_a_plan_is_drawn_as_an_a3_sheet_and_twice_alike(connection: Connection, town: Imported, tmp_path: Path) -> None:
    partition_city(connection, town.city.name, rules=Rules())
    for name in ("one.png", "two.png", "one.pdf", "two.pdf"):
        choices = draw_city(connection, town.city.name, tmp_path / name, plan=None, settings=Settings())
    assert [each.why.en for each in choices]
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "two.pdf").read_bytes()
    with Image.open(BytesIO((tmp_path / "one.png").read_bytes())) as sheet:
        assert sheet.width / sheet.height == pytest.approx(420 / 297, abs=0.01)
        assert len(set(sheet.convert("RGB").resize((400, 283)).get_flattened_data())) > 100


@pytest.mark.parametrize(
    ("name", "fault"),
    [("sheet.docx", InputError), ("lost/sheet.png", InputError), ("sheet.png", UnknownPlanError)],
)
def test_what_cannot_be_drawn_is_refused(
    connection: Connection, town: Imported, tmp_path: Path, name: str, fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        draw_city(connection, town.city.name, tmp_path / name, plan=None, settings=Settings())
    assert list(tmp_path.glob("*.png")) == []
