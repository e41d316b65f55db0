"""Finding a font on this machine that can print the Chinese texts of an export, rare characters included."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont  # type: ignore[import-untyped]  # fontTools ships no types
from matplotlib.font_manager import findSystemFonts

from gis_service.errors import SetupError, Text

PACKAGE = "fonts-noto-cjk"
"""Debian's package of a font with every character the national names need, 虎𬇙 (U+2C1D9) among them."""

PREFERRED = ("Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "Noto Serif CJK SC", "WenQuanYi Micro Hei")
_HAN = ord("格")
_FAMILY_NAME, _SUBFAMILY_NAME = 1, 2


@dataclass(frozen=True)
class Face:
    """One face of a font file.

    Parameters
    ----------
    path, index
        File, and position of the face in it.
    family
        Name by which programs ask for it.
    characters
        Code points it has glyphs for.
    """

    path: Path
    index: int
    family: str
    characters: frozenset[int]


def face_for(texts: Iterable[str]) -> Face:
    """Return the Chinese face of this machine that lacks the fewest characters of some texts.

    Parameters
    ----------
    texts
        What will be printed; spaces and line ends need no glyph.

    Returns
    -------
    Face
        Among faces that lack equally many, the preferred one; what it lacks is told by :func:`missing_from`.

    Raises
    ------
    SetupError
        No Chinese font is installed; the text names the package to install.
    """
    faces = chinese_faces()
    if not faces:
        raise SetupError(
            Text(
                f"本机没有中文字体，请安装：apt-get install {PACKAGE}",
                f"no Chinese font is installed; install one: apt-get install {PACKAGE}",
            )
        )
    wanted = _characters(texts)
    return min(faces, key=lambda face: len(wanted - face.characters))


def missing_from(face: Face, texts: Iterable[str]) -> str:
    """Return the characters of some texts that a face has no glyph for, each once, by code point."""
    return "".join(map(chr, sorted(_characters(texts) - face.characters)))


def _characters(texts: Iterable[str]) -> frozenset[int]:
    return frozenset(ord(character) for text in texts for character in text if not character.isspace())


@cache
def chinese_faces() -> tuple[Face, ...]:
    """Return the regular Chinese faces of this machine, preferred families first, then by family and path."""
    faces = [face for path in sorted(findSystemFonts()) for face in _regular_faces(Path(path))]
    rank = {family: position for position, family in enumerate(PREFERRED)}
    return tuple(sorted(faces, key=lambda face: (rank.get(face.family, len(rank)), face.family, str(face.path))))


def _regular_faces(path: Path) -> list[Face]:
    if path.suffix.lower() in {".ttc", ".otc"}:
        with TTCollection(path, lazy=True) as collection:
            return [face for index, font in enumerate(collection) for face in _if_regular_chinese(path, index, font)]
    if path.suffix.lower() in {".ttf", ".otf"}:
        with TTFont(path, lazy=True) as font:
            return _if_regular_chinese(path, 0, font)
    return []


def _if_regular_chinese(path: Path, index: int, font: TTFont) -> list[Face]:
    characters = frozenset(font.getBestCmap() or ())
    names = font["name"]
    if _HAN not in characters or names.getDebugName(_SUBFAMILY_NAME) != "Regular":
        return []
    return [Face(path, index, str(names.getDebugName(_FAMILY_NAME)), characters)]
