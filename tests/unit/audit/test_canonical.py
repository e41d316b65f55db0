"""The canonical form of a frozen content."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from gis_service.audit.canonical import canonical_json


def test_canonical_json_has_one_text_for_one_content():
    content = {"b": [np.int64(1), 2.0, 0.1 + 0.2, np.nan, pd.NA, None, True], "a": {"日期": date(2023, 6, 30)}}
    assert canonical_json(content) == '{"a":{"日期":"2023-06-30"},"b":[1,2,0.3,null,null,null,true]}'
    assert canonical_json({"a": (np.float64(2), np.bool_(0)), "c": np.array([1.5])}) == '{"a":[2,false],"c":[1.5]}'
    assert canonical_json(datetime(2023, 6, 30, 8)) == '"2023-06-30T08:00:00"'  # noqa: DTZ001 a naive time is meant


def test_canonical_json_refuses_what_it_cannot_freeze():
    with pytest.raises(TypeError, match="object cannot be frozen"):
        canonical_json({"a": object()})
    with pytest.raises(TypeError, match="keys"):
        canonical_json({1: "a"})
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json([np.inf])
