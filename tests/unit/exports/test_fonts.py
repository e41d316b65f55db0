"""A font is chosen that has every character, and its absence is said with the cure."""

from pathlib import Path

import pytest

from gis_service.errors import SetupError
from gis_service.exports import fonts
from gis_service.exports.fonts import Face, chinese_faces, face_for, missing_from


def face(family, characters):
    return Face(Path(f"/fonts/{family}.ttf"), 0, family, frozenset(map(ord, characters)))


def test_this_machine_can_print_the_rare_name_of_huyi_town():
    found = face_for(["宁德市蕉城区虎𬇙镇 300–500 户 m²\n"])
    assert 0x2C1D9 in found.characters
    assert found.path.is_file()


def test_faces_of_a_collection_are_told_apart_by_their_position():
    faces = {found.family: found for found in chinese_faces()}
    if "Noto Sans CJK SC" in faces:
        assert faces["Noto Sans CJK SC"].index != faces["Noto Sans CJK JP"].index
    assert len({(found.path, found.index) for found in chinese_faces()}) == len(chinese_faces())


def test_the_first_face_with_every_character_is_chosen(monkeypatch):
    monkeypatch.setattr(
        fonts, "chinese_faces", lambda: (face("one", "网格"), face("two", "网格𬇙"), face("three", "网格𬇙"))
    )
    assert face_for(["网", "格 网"]).family == "one"
    assert face_for(["𬇙"]).family == "two"


def test_where_no_face_has_every_character_the_one_that_lacks_fewest_is_taken_and_the_rest_is_named(monkeypatch):
    monkeypatch.setattr(
        fonts, "chinese_faces", lambda: (face("one", "网格"), face("two", "网格人"), face("three", "人"))
    )
    texts = ["网人", "𬇙 格🏮"]
    assert face_for(texts).family == "two"
    assert missing_from(face_for(texts), texts) == "🏮𬇙"
    assert missing_from(face_for(["网 格\n"]), ["网 格\n"]) == ""


def test_without_any_chinese_font_the_package_is_named(monkeypatch):
    monkeypatch.setattr(fonts, "chinese_faces", tuple)
    with pytest.raises(SetupError, match=r"没有中文字体.*apt-get install fonts-noto-cjk") as caught:
        face_for(["网"])
    assert "no Chinese font is installed" in caught.value.text.en
