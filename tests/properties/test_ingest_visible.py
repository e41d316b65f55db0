"""Words without what cannot be seen, for any text."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from gis_service.ingest.visible import visible

UNSEEN = ["\u200b", "\u200d", "\u202e", "\ufeff", "\x00", "\x1f", "\n", "\u2028", "\U000e0067", "\ufe0f"]
SEEN = ["甲", "a", " ", "😀", "🏴", "👍", "🏽", "\ue000", "\U000e0100"]
TEXTS = st.one_of(st.text(), st.lists(st.sampled_from(UNSEEN + SEEN)).map("".join))


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_cleaning_twice_is_cleaning_once_and_leaves_one_line(text):
    once = visible(text)
    assert visible(once) == once
    assert len(once.splitlines()) <= 1


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_only_invisible_characters_are_lost(text):
    def seen(value):
        return [char for char in value if unicodedata.category(char) not in ("Cc", "Cf", "Zs", "Zl", "Zp")]

    assert seen(visible(text)) == seen(text)
