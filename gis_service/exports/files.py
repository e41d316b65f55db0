"""Writing files whole or not at all, under names whose suffix says what they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from gis_service.errors import InputError, Text


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
        The path does not end in `suffix`, or the folder does not exist.
    """
    _check_path(path, suffix)
    temporary = path.with_name(f".{path.stem}-{uuid4().hex}{suffix}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _check_path(path: Path, suffix: str) -> None:
    if path.suffix.lower() != suffix:
        raise InputError(
            Text(
                f"无法导出到 {path.name}：文件名应以 {suffix} 结尾",
                f"cannot export to {path.name}: the name must end in {suffix}",
            )
        )
    if not path.parent.is_dir():
        raise InputError(
            Text(f"文件夹 {path.parent} 不存在，请先建立", f"the folder {path.parent} does not exist; make it first")
        )
