"""Office telephones of grid workers from a file that an office writes."""

from pathlib import Path

import pytest

from gis_service.errors import InputError
from gis_service.ingest.grid_phones import read_grid_phones


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "phones.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("header", ["网格名称,网格编码,办公电话", "name,code,phone", "name,grid_code,Phone"])
def test_a_table_of_codes_and_telephones_is_read(tmp_path: Path, header: str, encoding: str) -> None:
    rows = f"{header}\n第一网格, 350982001007001 ,0593-7850 011\n第二网格,350982001007002,\n,,\n"
    assert read_grid_phones(written(tmp_path, rows, encoding)) == {"350982001007001": "0593-7850 011"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "第 1 行没有“网格编码”列"),
        ("网格编码,备注\n1,2\n", "第 1 行没有“办公电话”列"),
        ("code,phone\n1,0593-1234567\n1,0593-7654321\n", "第 3 行的网格编码“1”重复"),
        ("code,phone\n,0593-1234567\n", "第 2 行的网格编码是空的"),
        ("code,phone\n1,张三\n", "第 2 行的“张三”不是电话号码"),
    ],
)
def test_what_cannot_be_right_is_refused_by_row(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"phones\.csv") as refused:
        read_grid_phones(written(tmp_path, text))
    assert said in refused.value.text.zh


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="打不开"):
            read_grid_phones(path)
