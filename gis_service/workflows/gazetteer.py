"""Places that people can name, found by name, sound, initials and in spite of typing errors."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from pypinyin import lazy_pinyin
from rapidfuzz import fuzz, process

from gis_service.db.spellings import fold
from gis_service.errors import Text
from gis_service.workflows.kinds import kind_name

MOST_HITS = 20
LEAST_SIMILAR = 75.0
"""Below this share of equal letters [%] a word is no longer a mistyped name."""
LEAST_LETTERS = 4
"""Shorter words are too short to be mistyped: half of all names would be like them."""
LEAST_LETTERS_OF_PART = 8
"""Shorter words are like a part of too many names."""
BY_NAME, BY_BEGINNING, BY_SOUND, BY_PART, BY_INITIALS, BY_PART_OF_SOUND, BY_WITHIN, BY_LIKENESS = range(8)
"""How a place was found, the surest way first; `BY_WITHIN`: its name stands in what was typed, such as an address."""

KINDS = {
    "estate": Text("小区", "estate"),
    "community": Text("社区", "community"),
    "road": Text("道路", "road"),
}
"""What there is besides facilities, in the order in which equals are told."""


@dataclass(frozen=True)
class Place:
    """A place that people can name.

    Parameters
    ----------
    key
        What it is called in addresses; it stays the same as long as the data call it the same.
    name
        As given.
    kind
        ``estate``, ``community``, ``road`` or the kind of a facility.
    community
        Name of the community around it; None: it lies in none.
    address
        Of a facility; None: not known, or no facility.
    x, y
        Where it is [m], in the city's metric CRS: on its ground, or halfway along a road's longest stretch in the
        community.
    lon, lat
        The same in degrees.
    """

    key: str
    name: str
    kind: str
    community: str | None
    address: str | None
    x: float
    y: float
    lon: float
    lat: float

    @property
    def kind_name(self) -> Text:
        """Return what its kind is called."""
        return KINDS.get(self.kind) or kind_name(self.kind)


@dataclass(frozen=True)
class Spelling:
    """A name, or the address of a facility, as it is looked for, in letters only.

    Parameters
    ----------
    place
        Number of the place.
    text
        The name.
    syllables
        Its sound, syllable by syllable.
    """

    place: int
    text: str
    syllables: tuple[str, ...]

    @cached_property
    def sound(self) -> str:
        """Return the sound in one word."""
        return "".join(self.syllables)

    @cached_property
    def initials(self) -> str:
        """Return the first letters of the syllables."""
        return "".join(syllable[0] for syllable in self.syllables)

    @cached_property
    def tails(self) -> tuple[str, ...]:
        """Return the sound from each syllable on but the first."""
        return tuple("".join(self.syllables[i:]) for i in range(1, len(self.syllables)))


@dataclass(frozen=True, eq=False)
class Gazetteer:
    """All places of a city, sorted by key."""

    places: tuple[Place, ...]

    @cached_property
    def by_key(self) -> dict[str, Place]:
        """Return the places by key."""
        return {place.key: place for place in self.places}

    @cached_property
    def spellings(self) -> tuple[Spelling, ...]:
        """Return how every place may be asked for."""
        named = (
            (number, words)
            for number, place in enumerate(self.places)
            for words in (place.name, place.address)
            if words is not None
        )
        return tuple(spelling for number, words in named if (spelling := _spelling(number, words)).text)

    @cached_property
    def slurred(self) -> tuple[list[str], list[str]]:
        """Return names and sounds as they are compared with mistyped words."""
        return [spelling.text for spelling in self.spellings], [_slur(spelling.sound) for spelling in self.spellings]


def find(gazetteer: Gazetteer, words: str, limit: int = MOST_HITS) -> list[tuple[Place, int]]:
    """Return the places that some words may mean and how each was found, the best first.

    Chinese characters are looked for as they are and by their sound, so that a character typed for another of the same
    sound does no harm; Latin letters as a name, as full pinyin and as initials. What is long enough may be mistyped, or
    be an address in which the name stands.

    Parameters
    ----------
    gazetteer
        The places.
    words
        What somebody typed.
    limit
        Longest list returned.
    """
    asked = _spelling(-1, words)
    if not asked.text:
        return []
    best: dict[int, tuple[float, ...]] = {}
    latin = asked.text.isascii()
    for spelling in gazetteer.spellings:
        way = _way(asked, spelling, latin=latin)
        if way is not None:
            rank = _rank(way, spelling, gazetteer.places[spelling.place])
            best[spelling.place] = min(rank, best.get(spelling.place, rank))
    if len(asked.sound) >= LEAST_LETTERS:
        for number, likeness in _alike(gazetteer, asked):
            best.setdefault(gazetteer.spellings[number].place, (BY_LIKENESS, 0, 100.0 - likeness))
    ordered = sorted(best, key=lambda number: (*best[number], *_order(gazetteer.places[number])))
    return [(gazetteer.places[number], int(best[number][0])) for number in ordered[:limit]]


def _rank(way: int, spelling: Spelling, place: Place) -> tuple[int, int, int]:
    """Return what places found are ordered by: short names first; of those within an address the most telling."""
    if way == BY_WITHIN:
        return way, int(place.kind == "community"), -len(spelling.text)
    return way, 0, len(spelling.text)


def _way(asked: Spelling, spelling: Spelling, *, latin: bool) -> int | None:  # noqa: PLR0911 one return a way
    """Return how words name a place; None: they do not, unless they are mistyped."""
    if asked.text == spelling.text:
        return BY_NAME
    if spelling.text.startswith(asked.text):
        return BY_BEGINNING
    if asked.sound == spelling.sound:
        return BY_SOUND
    if asked.text in spelling.text:
        return BY_PART
    if latin and len(asked.text) > 1 and spelling.initials.startswith(asked.text):
        return BY_INITIALS
    if len(asked.sound) > 1 and spelling.sound.startswith(asked.sound):
        return BY_PART_OF_SOUND
    by_part = len(asked.sound) > 2 and any(tail.startswith(asked.sound) for tail in spelling.tails)  # noqa: PLR2004 a syllable
    if by_part:
        return BY_PART_OF_SOUND
    long_enough = len(spelling.text) >= (LEAST_LETTERS if spelling.text.isascii() else 2)
    return BY_WITHIN if long_enough and spelling.text in asked.text else None


def _alike(gazetteer: Gazetteer, asked: Spelling) -> Iterator[tuple[int, float]]:
    """Return numbers of spellings that are like some words, and how like [%]."""
    texts, sounds = gazetteer.slurred
    sound = _slur(asked.sound)
    looked_for: list[tuple[str, list[str], Callable[..., float]]] = [(sound, sounds, fuzz.ratio)]
    if len(sound) >= LEAST_LETTERS_OF_PART:
        looked_for.append((sound, sounds, fuzz.partial_ratio))
    if not asked.text.isascii():
        looked_for.append((asked.text, texts, fuzz.ratio))
    likeness: dict[int, float] = {}
    for words, choices, scorer in looked_for:
        # A part that is alike says less than a whole.
        least, weight = (LEAST_SIMILAR, 1.0) if scorer is fuzz.ratio else (85.0, 0.9)
        for _, score, number in process.extract(
            words, choices, scorer=scorer, score_cutoff=least, limit=MOST_HITS, processor=None
        ):
            if len(choices[number]) >= len(words) // 2:
                likeness[number] = max(weight * score, likeness.get(number, 0.0))
    yield from likeness.items()


def _order(place: Place) -> tuple[int, str, str]:
    kinds = list(KINDS)
    return kinds.index(place.kind) if place.kind in KINDS else len(kinds), place.name, place.key


def _spelling(place: int, words: str) -> Spelling:
    """Return words as they are compared: one way of writing for what can be written in several, letters only."""
    plain = fold(unicodedata.normalize("NFKC", words)).lower()
    runs = re.findall(r"[^\W_]+", plain)
    return Spelling(place, "".join(runs), tuple(chain.from_iterable(map(lazy_pinyin, runs))))


def _slur(sound: str) -> str:
    """Return a sound without what many speakers do not tell apart: zh and z, ang and an, ü and u."""
    return re.sub(r"([zcs])h", r"\1", sound).replace("ng", "n").replace("v", "u")
