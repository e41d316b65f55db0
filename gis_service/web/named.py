"""Names in sentences of pages."""

from gis_service.plan.spacing import set_apart

PLACE = "%s"
"""What stands in a sentence for a name."""


def named(sentence: str, name: str) -> str:
    """Return a sentence with a name in it, with a space where the scripts of the two meet.

    Parameters
    ----------
    sentence
        With `PLACE` in it, once.
    name
        Of a place, as its people write it.

    Examples
    --------
    >>> named("从%s出发", "Blk 5"), named("从%s出发", "文化路"), named("From %s", "文化路")
    ('从 Blk 5 出发', '从文化路出发', 'From 文化路')
    """
    before, _, after = str(sentence).partition(PLACE)
    return set_apart(before, name, after)
