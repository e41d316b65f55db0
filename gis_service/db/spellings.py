"""Characters that sources write in two ways, so that a search in either spelling finds the place."""

FOLDS = {"𬇙": "贝"}
"""Rare character to the one written in its place. U+2C1D9 of 虎𬇙镇 is not in GBK, so older sources write 虎贝镇."""
RARE = "".join(FOLDS)
COMMON = "".join(FOLDS.values())
"""``RARE`` and ``COMMON`` correspond letter by letter, as PostgreSQL's ``translate`` wants them."""

_TABLE = str.maketrans(FOLDS)


def fold(words: str) -> str:
    """Return ``words`` in the common spelling.

    Examples
    --------
    >>> fold("虎𬇙镇") == fold("虎贝镇") == "虎贝镇"
    True
    """
    return words.translate(_TABLE)
