"""Text without what cannot be seen: line breaks become blanks, control and format characters go, emoji stay."""

import re
import unicodedata

_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
_UNSEEN = ("Cc", "Cf")
_JOINER, _EMOJI_STYLE, _MONGOLIAN_SEPARATOR = "\u200d", "\ufe0f", "\u180e"
_SYMBOLS = ("So", "Sk")
_FLAG, _TAGS = "\U0001f3f4", range(0xE0020, 0xE0080)


def visible(text: str) -> str:
    """Return a text without characters that cannot be seen.

    Parameters
    ----------
    text
        Any text.

    Returns
    -------
    str
        Runs of line breaks and tabs are one blank; characters of the Unicode categories Cc (control) and Cf (format:
        zero-width ones, marks of writing direction, soft hyphens) are left out, less those that belong to an emoji
        (joiners between two, tags of flags) and the Mongolian vowel separator, which changes how a word is spelt.
        Outer blanks are stripped where anything was changed.

    Examples
    --------
    >>> visible("东山\u200b社区\u202e")
    '东山社区'
    """
    if text.isprintable():
        return text
    line = _BREAKS.sub(" ", text)
    kept = "".join(
        char
        for at, char in enumerate(line)
        if unicodedata.category(char) not in _UNSEEN or char == _MONGOLIAN_SEPARATOR or _of_emoji(line, at)
    )
    return text if kept == text else kept.strip()


def _of_emoji(text: str, at: int) -> bool:
    """Return whether a format character holds an emoji together."""
    if ord(text[at]) in _TAGS:
        return text[:at].rstrip("".join(map(chr, _TAGS))).endswith(_FLAG)
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    return (
        text[at] == _JOINER
        and bool(before and after)
        and (before == _EMOJI_STYLE or unicodedata.category(before) in _SYMBOLS)
        and unicodedata.category(after) in _SYMBOLS
    )
