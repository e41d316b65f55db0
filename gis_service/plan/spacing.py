"""Names in Chinese sentences: a space where Latin letters or digits meet Chinese characters."""

import re

_JOINT = re.compile(r"[0-9A-Za-z][\u3400-\u9fff]|[\u3400-\u9fff][0-9A-Za-z]")
_LETTERS = re.compile(rf"{_JOINT.pattern}|[^\W\u3400-\u9fff]{{2}}")


def set_apart(*parts: str) -> str:
    """Return the parts of a Chinese sentence as one, with a space at each joint of two scripts.

    Only joints are looked at: what a name is made of stays as it is.

    Parameters
    ----------
    parts
        Names and the words around them, in their order; empty ones are no part.

    Examples
    --------
    >>> set_apart("新网格 5", "过小"), set_apart("第3网格", "过小"), set_apart("小区", "A1座", "（12 户）")
    ('新网格 5 过小', '第3网格过小', '小区 A1座（12 户）')
    """
    said = ""
    for part in filter(None, parts):
        said += f" {part}" if _JOINT.fullmatch(said[-1:] + part[0]) else part
    return said


def place_name(*names: str) -> str:
    """Return the names of a place, the largest first, as one: a space parts names that letters or digits would join.

    Examples
    --------
    >>> place_name("示范街道", "东社区"), place_name("OUTRAM", "PEARL'S HILL"), place_name("OUTRAM", "珍珠山")
    ('示范街道东社区', "OUTRAM PEARL'S HILL", 'OUTRAM 珍珠山')
    """
    said = ""
    for name in filter(None, names):
        said += f" {name}" if _LETTERS.fullmatch(said[-1:] + name[0]) else name
    return said
