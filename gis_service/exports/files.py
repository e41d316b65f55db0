"""Writing files whole or not at all, under names whose suffix says what they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from gis_service.errors import InputError, Text

SUFFIXES = (".gpkg", ".geojson", ".xlsx", ".pdf")
"""What a plan can be exported to."""


def export_suffix(path: Path, allowed: tuple[str, ...] = SUFFIXES) -> str:
    """Return the suffix of an export's path in lower case.

    Parameters
    ----------
    path
        Where the export should go.
    allowed
        Suffixes to accept, lower case.

    Raises
    ------
    InputError
        The suffix is not one of `allowed`, or the folder does not exist.
    """
    suffix = path.suffix.lower()
    if suffix not in allowed:
        listed = "、".join(allowed)
        raise InputError(
            Text(
                f"无法导出到 {path.name}：文件名应以 {listed} 结尾",
                f"cannot export to {path.name}: the name must end in {' or '.join(allowed)}",
            )
        )
    if not path.parent.is_dir():
        raise InputError(
            Text(f"文件夹 {path.parent} 不存在，请先建立", f"the folder {path.parent} does not exist; make it first")
        )
    return suffix


@contextmanager
def replacing(path: Path, suffix: str) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block ends well, and vanishes otherwise.

    Parameters
    ----------
    path
        The file to write; one that exists is replaced in one step.
    suffix
        The only suffix allowed.

    Raises
    ------
    InputError
        As :func:`export_suffix`.
    """
    export_suffix(path, (suffix,))
    temporary = path.with_name(f".{path.stem}-{uuid4().hex}{suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
