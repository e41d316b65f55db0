"""What facilities offer: the words of the data, what they are called in English, and which sign shows them."""

from dataclasses import dataclass

from gis_service.errors import Text

BARRIER_FREE = "无障碍"
PLAIN_SIGN = "dot"


@dataclass(frozen=True)
class Function:
    """Something that a facility offers.

    Parameters
    ----------
    word
        The word of the data.
    name
        What it is called.
    sign
        Its drawing among those of the public's page.
    """

    word: str
    name: Text
    sign: str = PLAIN_SIGN


_KNOWN = {
    word: Function(word, Text(word, english), sign)
    for word, english, sign in (
        ("饮水", "drinking water", "drop"),
        ("充电", "phone charging", "bolt"),
        ("微波炉", "microwave", "oven"),
        ("雨伞", "umbrellas", "umbrella"),
        ("急救箱", "first-aid kit", "cross"),
        ("急救", "first aid", "cross"),
        ("AED", "defibrillator", "cross"),
        ("图书", "books", "book"),
        ("食堂", "canteen", "bowl"),
        ("助餐", "meals", "bowl"),
        ("四点半课堂", "after-school care", "pencil"),
        ("课后托管", "after-school care", "pencil"),
        ("日间照料", "day care", "heart"),
        ("康复", "rehabilitation", "heart"),
        ("政务代办", "official errands", "paper"),
        ("党群活动", "Party and community activities", "people"),
        ("民情接待", "residents' reception", "people"),
        ("议事", "residents' council", "people"),
        ("会议室", "meeting room", "people"),
        ("停车", "parking", "parking"),
        (BARRIER_FREE, "step-free", "wheelchair"),
    )
}


def function_named(word: str) -> Function:
    """Return a function by the word of the data; one that nobody has named is called by its own word."""
    return _KNOWN.get(word, Function(word, Text(word, word)))
