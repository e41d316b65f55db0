"""Texts inside style sheets, where HTML's character references would be printed as they stand."""

import re

_SPECIAL = re.compile(r"""["'\\<>&\x00-\x1f\x7f]""")


def style_text(text: str) -> str:
    r"""Return a text as the inside of a double-quoted CSS string within a ``style`` element.

    Quotes, backslashes, angle brackets, ampersands and control characters become escapes of CSS (Syntax Module Level 3,
    4.3.7), so that a text neither ends the string nor the element, and nothing is left for HTML to escape.

    Parameters
    ----------
    text
        Any text.

    Examples
    --------
    >>> print(style_text("<b>x"))
    \3c b\3e x
    """
    return _SPECIAL.sub(lambda found: f"\\{ord(found[0]):x} ", text)
