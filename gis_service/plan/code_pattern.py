"""The pattern of grid codes: community code and running number, in a form the office may choose."""

import re
from string import Formatter

from gis_service.errors import InputError, Text

LAST_SEQUENCE = 999
"""Largest running number of a grid inside its community (three digits)."""

_NUMBER_FORM = re.compile(r"(0\d{1,2})?d?")
"""Forms of the running number: plain, or filled up with noughts, such as ``03d``; others would put in spaces."""


def check_pattern(pattern: str) -> None:
    """Refuse a pattern that cannot give every grid of every community a code of its own.

    Parameters
    ----------
    pattern
        A format string with the fields ``{community}`` (text) and ``{sequence}`` (whole number, 1-999), each once,
        for instance ``{community}{sequence:03d}``.

    Raises
    ------
    InputError
        A field is missing, repeated or unknown, or two running numbers would get the same code.
    """
    try:
        fields = [(name, form or "") for _, name, form, _ in Formatter().parse(pattern) if name is not None]
        forms = dict(fields)
        plain = forms.get("community") == "" and _NUMBER_FORM.fullmatch(forms.get("sequence", "")) is not None
        if sorted(name for name, _ in fields) != ["community", "sequence"] or not plain:
            raise _bad_pattern(pattern)
        codes = {format_code(pattern, "350982001007", sequence) for sequence in range(1, LAST_SEQUENCE + 1)}
    except (ValueError, LookupError) as error:
        raise _bad_pattern(pattern) from error
    if len(codes) < LAST_SEQUENCE or any("350982001007" not in code for code in codes):
        raise _bad_pattern(pattern)


def format_code(pattern: str, community_code: str, sequence: int) -> str:
    """Return the code of the ``sequence``-th grid of a community.

    Parameters
    ----------
    pattern
        A pattern that passes :func:`check_pattern`.
    community_code
        Code of the community, 12 digits in the national system.
    sequence
        Running number inside the community, from 1.
    """
    return pattern.format(community=community_code, sequence=sequence)


def _bad_pattern(pattern: str) -> InputError:
    return InputError(
        Text(
            f"网格编码规则“{pattern}”无效：必须各含一次 {{community}} 和 {{sequence}}，"
            "例如 {community}{sequence:03d}",
            f"grid code pattern {pattern!r} is not valid: it needs {{community}} and {{sequence}} once each, "
            "for instance {community}{sequence:03d}",
        )
    )
