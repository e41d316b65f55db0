"""Zipped shapefiles, unpacked only after their table of contents has been found harmless."""

import zipfile
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from gis_service.ingest.notes import refusal

MAX_ENTRIES = 100
MAX_UNPACKED_BYTES = 500_000_000
MAX_RATIO = 100
_PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def check_zip(archive: zipfile.ZipFile, label: str) -> None:
    """Refuse a zip file that could do harm, before anything is unpacked.

    Parameters
    ----------
    archive
        Open archive; only its table of contents is looked at.
    label
        File for messages.

    Raises
    ------
    InputError
        More than `MAX_ENTRIES` entries; more than `MAX_UNPACKED_BYTES` unpacked; packed more than `MAX_RATIO` to 1;
        a name that leads out of the folder; an encrypted entry.
    """
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise refusal(
            label,
            f"压缩包里有 {len(entries)} 个条目，超过 {MAX_ENTRIES} 个，请只打包一个图层",
            f"the zip holds {len(entries)} entries, more than {MAX_ENTRIES}; pack one layer only",
        )
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or (path.parts and ":" in path.parts[0]):
            raise refusal(
                label,
                f"压缩包里的“{entry.filename}”指到文件夹之外，请重新打包",
                f"the entry {entry.filename!r} leads out of the folder; pack it again",
            )
        if entry.flag_bits & 1:
            raise refusal(label, "压缩包有密码，请解密后重新打包", "the zip is encrypted; pack it without a password")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 1):
        raise refusal(
            label,
            f"压缩包解开后有 {unpacked / 1e6:.0f} MB（压缩前后之比 {unpacked / max(packed, 1):.0f}），"
            f"超过 {MAX_UNPACKED_BYTES / 1e6:.0f} MB 或 {MAX_RATIO} 倍的上限，请直接放未压缩的文件",
            f"unpacked it has {unpacked / 1e6:.0f} MB, {unpacked / max(packed, 1):.0f} times the packed size; "
            f"the limits are {MAX_UNPACKED_BYTES / 1e6:.0f} MB and {MAX_RATIO} times, so put the files there unpacked",
        )


def unpack_shapefile(path: Path, folder: Path, label: str, meant: Collection[str] = ()) -> Path:
    """Unpack the one shapefile of a zip file, or the one among several that is meant.

    Parameters
    ----------
    path
        The zip file.
    folder
        Empty folder to unpack into; the parts are called ``layer.shp``, ``layer.dbf`` and so on, whatever their names
        in the archive.
    label
        File for messages.
    meant
        Names, without folder and suffix, of the one that is meant among several.

    Returns
    -------
    pathlib.Path
        The unpacked ``.shp``.

    Raises
    ------
    InputError
        The file is no zip file, could do harm, or holds no shapefile, or several of which not one alone is meant.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            check_zip(archive, label)
            names = [name for name in archive.namelist() if "__MACOSX" not in name]
            layers = [name for name in names if name.lower().endswith(".shp")]
            if len(layers) > 1:
                layers = [name for name in layers if PurePosixPath(name).stem in meant] or layers
            if len(layers) != 1:
                raise refusal(
                    label,
                    f"压缩包里应当正好有一个 .shp，现有 {len(layers)} 个，请一个压缩包只放一个图层",
                    f"the zip must hold exactly one .shp but holds {len(layers)}; pack one layer into one zip",
                )
            stem = layers[0][: -len(".shp")]
            for name in names:
                suffix = name[len(stem) :].lower()
                if name.startswith(stem) and suffix in _PARTS:
                    (folder / f"layer{suffix}").write_bytes(archive.read(name))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise refusal(label, "压缩包已损坏，请重新打包", "the zip file is damaged; pack it again") from error
    return folder / "layer.shp"
