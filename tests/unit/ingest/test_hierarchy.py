import pytest

from gis_service.errors import InputError
from gis_service.ingest.hierarchy import complete_hierarchy
from gis_service.ingest.reading import read_source


def hierarchy(town, text):
    town.csv("regions.csv", text)
    source, _ = read_source(town.spec("regions", "regions.csv"))
    rows, notes = complete_hierarchy(source, "宁德市")
    table = {
        code: (name, level, parent)
        for code, name, level, parent in zip(rows.code, rows.name, rows.level, rows.parent_code, strict=True)
    }
    return table, " ".join(note.zh for note in notes)


def test_levels_and_parents_follow_from_12_digit_codes(town):
    table, said = hierarchy(
        town,
        "区划代码,名称\n350900000000,宁德市\n350982000000,福鼎市\n350982001000,桐山街道\n350982001007,镇边社区\n",
    )
    assert table["350982001007"] == ("镇边社区", "community", "350982001000")
    assert table["350982001000"] == ("桐山街道", "street", "350982000000")
    assert table["350900000000"] == ("宁德市", "city", None)
    assert "3 个单位没有写上级代码" in said


def test_shorter_codes_of_higher_levels_are_understood(town):
    table, _ = hierarchy(town, "代码,名称\n3509,宁德市\n350982,福鼎市\n350982001,桐山街道\n350982001007,镇边社区\n")
    assert table["350982001007"][2] == "350982001"
    assert table["350982"][1:] == ("county", "3509")


def test_missing_parents_are_added_with_the_names_that_the_rows_give(town):
    table, said = hierarchy(
        town,
        "代码,名称,所属乡镇（街道）,所属县（市、区）\n"
        "350982001007,镇边社区,桐山街道,福鼎市\n350982001008,西园社区,,福鼎市\n350982002001,龙山社区,,福鼎市\n",
    )
    assert table["350982001000"] == ("桐山街道", "street", "350982000000")
    assert table["350982002000"] == ("350982002000", "street", "350982000000")
    assert table["350982000000"] == ("福鼎市", "county", "350900000000")
    assert table["350900000000"] == ("宁德市", "city", None)
    assert "没有 4 个上级单位" in said
    assert "1 个补出的上级单位没有名称" in said


def test_two_names_for_one_street_are_refused(town):
    with pytest.raises(InputError, match="第 2、3 行的“街道”对同一个代码 350982001000 有不同的名称"):
        hierarchy(town, "代码,名称,街道\n350982001007,镇边社区,桐山街道\n350982001008,西园社区,桐城街道\n")


def test_a_city_needs_no_parent_even_if_one_is_named(town):
    table, _ = hierarchy(town, "code,name,level,parent_code\n3509,宁德市,市,35\n350982,福鼎市,县级市,3509\n")
    assert table["3509"] == ("宁德市", "city", None)


def test_other_codes_keep_the_parents_they_are_given(town):
    table, said = hierarchy(
        town,
        "code,name,level,parent_code\nSGP,Singapore,city,\nBM,Bukit Merah,street,SGP\nBMSZ01,Maritime,community,BM\n",
    )
    assert table["BMSZ01"] == ("Maritime", "community", "BM")
    assert said == ""
