"""Numbers of groups, told by hand."""

import numpy as np

from gis_service.partition.numbering import after_given, by_first_member, numbered


def test_numbers_close_up_in_the_order_of_the_old_ones_or_of_the_first_members():
    labels = np.array([7, 3, 7, 9, 3])
    assert numbered(labels).tolist() == [1, 0, 1, 2, 0]
    assert by_first_member(labels).tolist() == [0, 1, 0, 2, 1]


def test_given_labels_stay_and_the_others_follow_the_largest():
    given = np.array([-1, 4, -1, -1, 2])
    assert after_given(np.array([9, 0, 5, 9, 0]), given).tolist() == [5, 4, 6, 5, 2]
    assert after_given(np.array([9, 5]), np.array([-1, -1])).tolist() == [0, 1]
    assert given.tolist() == [-1, 4, -1, -1, 2]
