"""A file is written whole or not at all, and a place that takes none is named."""

import re
from pathlib import Path

import pytest

from gis_service.errors import InputError
from gis_service.exports.files import check_writable, replacing


def write(path, content="new"):
    with replacing(path, ".gpkg") as temporary:
        temporary.write_text(content)


def test_the_file_takes_its_place_when_the_block_ends(tmp_path):
    write(tmp_path / "plan.gpkg", "old")
    write(tmp_path / "plan.gpkg")
    assert (tmp_path / "plan.gpkg").read_text() == "new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.gpkg"]


def test_a_folder_of_that_name_is_refused_and_left_alone(tmp_path):
    folder = tmp_path / "dir.gpkg"
    folder.mkdir()
    with pytest.raises(InputError, match=re.escape(f"{folder} 是一个文件夹")) as caught:
        write(folder)
    assert "is a folder" in caught.value.text.en
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("path", [Path("/proc/x.gpkg"), Path("/tmp") / f"{'x' * 250}.gpkg"])  # noqa: S108 never made
def test_a_place_that_takes_no_file_is_refused_before_any_work(path):
    with pytest.raises(InputError, match="无法写入") as caught, replacing(path, ".gpkg"):
        pytest.fail("the block was entered")
    assert str(path) in caught.value.text.en


@pytest.mark.parametrize(
    ("path", "said"),
    [("plan.docx", ".gpkg"), ("missing/plan.gpkg", "missing"), ("folder.gpkg", "是一个文件夹")],
)
def test_a_place_is_refused_by_asking_alone(tmp_path, path, said):
    (tmp_path / "folder.gpkg").mkdir()
    with pytest.raises(InputError, match=said):
        check_writable(tmp_path / path, ".gpkg")


def test_asking_leaves_nothing_behind_and_a_file_alone(tmp_path):
    (tmp_path / "plan.gpkg").write_text("old")
    check_writable(tmp_path / "plan.gpkg", ".gpkg")
    check_writable(tmp_path / "other.GPKG", ".gpkg")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("plan.gpkg", "old")]
