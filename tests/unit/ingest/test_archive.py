import io
import zipfile

import pytest

from gis_service.errors import InputError
from gis_service.ingest.archive import check_zip, unpack_shapefile


def archive(**entries):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return zipfile.ZipFile(stream)


@pytest.mark.parametrize(
    "name", ["../layer.shp", "/etc/layer.shp", "a/../../layer.shp", "..\\layer.shp", "C:/layer.shp"]
)
def test_a_name_that_leads_out_of_the_folder_is_refused(name):
    with pytest.raises(InputError, match="指到文件夹之外，请重新打包"):
        check_zip(archive(**{name: b"x"}), "a.zip")


def test_more_than_a_hundred_entries_are_refused():
    check_zip(archive(**{f"{n}.txt": b"x" for n in range(100)}), "a.zip")
    with pytest.raises(InputError, match="有 101 个条目"):
        check_zip(archive(**{f"{n}.txt": b"x" for n in range(101)}), "a.zip")


def test_a_bomb_is_refused_before_it_is_unpacked():
    with pytest.raises(InputError, match="倍的上限"):
        check_zip(archive(**{"layer.shp": b"\0" * 5_000_000}), "a.zip")


def test_an_archive_that_says_it_unpacks_to_more_than_500_mb_is_refused():
    bomb = archive(**{"layer.shp": b"x"})
    bomb.infolist()[0].file_size = 500_000_001
    bomb.infolist()[0].compress_size = 400_000_000
    with pytest.raises(InputError, match="500 MB"):
        check_zip(bomb, "a.zip")


def test_an_encrypted_archive_is_refused():
    locked = archive(**{"layer.shp": b"x"})
    locked.infolist()[0].flag_bits |= 1
    with pytest.raises(InputError, match="压缩包有密码"):
        check_zip(locked, "a.zip")


@pytest.mark.parametrize(("names", "count"), [(["a.txt"], 0), (["a.shp", "b.shp"], 2)])
def test_an_archive_must_hold_one_shapefile(tmp_path, names, count):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        for name in names:
            target.writestr(name, b"x")
    with pytest.raises(InputError, match=f"现有 {count} 个"):
        unpack_shapefile(tmp_path / "a.zip", tmp_path, "a.zip")


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"x")
    with pytest.raises(InputError, match="压缩包已损坏"):
        unpack_shapefile(tmp_path / "a.zip", tmp_path, "a.zip")
