import pytest

from gis_service.errors import InputError
from gis_service.ingest.encoding import decode, detect, from_cpg, widened

RARE = "虎𬇙镇"
NAME = "虎贝镇桐山街道"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_is_decoded_without_being_told_its_encoding(encoding):
    assert decode(f"{RARE},{NAME}".encode(encoding), None, "a.csv") == f"{RARE},{NAME}"


@pytest.mark.parametrize("declared", ["gbk", "GB2312", "cp936", "gb18030"])
def test_what_is_declared_gbk_is_read_as_gb18030(declared):
    assert decode(RARE.encode("gb18030"), declared, "a.csv") == RARE


def test_gbk_itself_could_not_hold_the_name():
    with pytest.raises(UnicodeEncodeError):
        RARE.encode("gbk")


def test_a_wrong_declaration_is_refused_with_a_cure():
    with pytest.raises(InputError, match=r"a\.csv：文字无法按 utf-8 解码.*另存为 UTF-8"):
        decode(NAME.encode("gb18030"), "utf-8", "a.csv")


def test_bytes_of_no_encoding_are_refused():
    with pytest.raises(InputError, match="无法按 utf-8 / gb18030 解码"):
        detect([b"\xff\xff\xff"], "a.csv")


@pytest.mark.parametrize("cpg", [b"GBK", b"936", b"GB2312", b"gb18030\r\n"])
def test_a_cpg_of_the_gb_family_means_gb18030(cpg):
    assert from_cpg(cpg, [NAME.encode("gb18030")], "a.shp") == ("gb18030", ())


@pytest.mark.parametrize("cpg", [b"UTF-8", b"65001", b"utf8"])
def test_a_cpg_of_utf8_is_believed(cpg):
    assert from_cpg(cpg, [NAME.encode()], "a.shp") == ("utf-8", ())


@pytest.mark.parametrize("cpg", [b"ISO-8859-1", b"1252", b"UTF-8", b"nonsense"])
def test_a_cpg_that_the_bytes_contradict_is_not_believed_and_it_is_said(cpg):
    encoding, notes = from_cpg(cpg, [NAME.encode("gb18030")], "a.shp")
    assert encoding is None
    assert "与属性表不符" in notes[0].zh


@pytest.mark.parametrize("cpg", [b"GBK", b"936"])
def test_a_cpg_of_the_gb_family_beside_utf8_is_not_believed_and_it_is_said(cpg):
    even = f"{NAME}甲".encode()
    assert even.decode("gb18030") != f"{NAME}甲"
    encoding, notes = from_cpg(cpg, [even], "a.shp")
    assert encoding is None
    assert f"“{cpg.decode()}”与属性表不符" in notes[0].zh


@pytest.mark.parametrize("cpg", [b"ISO-8859-1", b"GBK", b"nonsense"])
def test_ascii_needs_no_decision(cpg):
    assert from_cpg(cpg, [b"abc"], "a.shp") == ("utf-8", ())


def test_names_of_encodings_are_known_under_many_spellings():
    assert widened("UTF8") == "utf-8"
    assert widened("GB-2312") == "gb18030"
