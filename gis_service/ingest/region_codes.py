"""Codes of regions: they stand in addresses, files and grid codes, so what could be misread there is refused."""

import re
import unicodedata

import numpy as np
from numpy.typing import NDArray

from gis_service.ingest.notes import ImportNote
from gis_service.ingest.source import Source

_MARKS = re.compile(r"""[\s<>"'&/\\?#%]""")
_UNSEEN = ("Cc", "Cf")
_OFFICIAL = re.compile(r"\d{12}")
_SHOWN = 3


def refuse_odd_codes(source: Source) -> None:
    r"""Refuse codes and parent codes with characters that do not belong into a code.

    Raises
    ------
    InputError
        A blank inside, one of ``< > " ' & / \ ? # %``, or a character that cannot be seen; names rows and column.
    """
    for field in ("code", "parent_code"):
        odd = np.flatnonzero([value is not None and _is_odd(value) for value in source.texts(field).tolist()])
        if len(odd):
            raise source.refuse(
                odd,
                field,
                "含有空格、看不见的字符或 < > \" ' & / \\ ? # % 之一，请改成只有字母和数字的代码",
                "holds a blank, a character that cannot be seen, or one of < > \" ' & / \\ ? # %; write a code of "
                "letters and digits only",
            )


def unofficial_note(source: Source, codes: NDArray[np.object_]) -> tuple[ImportNote, ...]:
    """Notice communities whose code is not one of 12 digits.

    Parameters
    ----------
    source
        The regions file.
    codes
        Codes of its communities.

    Returns
    -------
    tuple of ImportNote
        One or none: how many, and the first.
    """
    others = sorted(code for code in codes.tolist() if not _OFFICIAL.fullmatch(code))
    if not others:
        return ()
    more_zh, more_en = ("等", ", …") if len(others) > _SHOWN else ("", "")
    return (
        source.note(
            "notice",
            None,
            f"{len(others)} 个社区的代码不是 12 位数字（{'、'.join(others[:_SHOWN])}{more_zh}），网格编码因此"
            "不是国家标准的形式，请核对",
            f"the codes of {len(others)} communities are not of 12 digits ({', '.join(others[:_SHOWN])}{more_en}), so "
            "that grid codes do not have the national form; check them",
        ),
    )


def _is_odd(code: str) -> bool:
    return _MARKS.search(code) is not None or any(unicodedata.category(char) in _UNSEEN for char in code)
