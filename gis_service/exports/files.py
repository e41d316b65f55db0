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
        The path does not end in `suffix` or is a folder, or its folder does not exist or takes no file.
    """
    check_writable(path, suffix)
    temporary = _beside(path, suffix)
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def check_writable(path: Path, suffix: str) -> None:
    """Refuse a path that :func:`replacing` could not write, before any work is done for it.

    Parameters
    ----------
    path
        The file to write; it is left alone.
    suffix
        The only suffix allowed, in lower case; the path's may be in any.

    Raises
    ------
    InputError
        The path does not end in `suffix` or is a folder, or its folder does not exist or takes no file.
    """
    _check_path(path, suffix)
    _try_out(path, _beside(path, suffix))


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
    if path.is_dir():
        raise InputError(
            Text(
                f"{path} 是一个文件夹，请给出文件名或先移走它", f"{path} is a folder; give another name or move it away"
            )
        )


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f".{path.stem}-{uuid4().hex}{suffix}")


def _try_out(path: Path, temporary: Path) -> None:
    try:
        temporary.touch(exist_ok=False)
        temporary.unlink()
    except OSError as error:
        raise InputError(
            Text(
                f"无法写入 {path}（{error.strerror}），请换一个文件夹或文件名",
                f"cannot write {path} ({error.strerror}); choose another folder or name",
            )
        ) from error
