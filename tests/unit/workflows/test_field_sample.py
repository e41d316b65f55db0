"""Draws of grids that anybody can draw again."""

import hashlib

from gis_service.workflows.field_sample import draw

CODES = [f"35098200100{community}{grid:03d}" for community in range(1, 6) for grid in range(1, 21)]


def test_a_draw_is_the_same_whatever_the_order_and_follows_the_published_recipe():
    drawn = draw(CODES, 10, "2026Q4")
    assert drawn == draw(reversed(CODES), 10, "2026Q4")
    digests = [hashlib.sha256(f"2026Q4:{code}".encode()).hexdigest() for code in drawn]
    others = [hashlib.sha256(f"2026Q4:{code}".encode()).hexdigest() for code in set(CODES) - set(drawn)]
    assert digests == sorted(digests)
    assert max(digests) < min(others)


def test_a_larger_draw_of_the_same_seed_begins_with_the_smaller_one():
    assert draw(CODES, 30, "x")[:10] == draw(CODES, 10, "x")
    assert draw(CODES, 10, "x") != draw(CODES, 10, "y")
    assert sorted(draw(CODES, 1000, "x")) == sorted(CODES)


def test_every_grid_is_drawn_about_equally_often():
    counts = dict.fromkeys(CODES, 0)
    for seed in range(400):
        for code in draw(CODES, 20, str(seed)):
            counts[code] += 1
    assert 45 < min(counts.values()) <= max(counts.values()) < 120  # 80 expected, standard deviation 8
