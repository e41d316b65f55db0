"""Frames of the contract from arrays."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray


def metric_frame(columns: Mapping[str, Any], geometries: NDArray[np.object_], metric_crs: str) -> gpd.GeoDataFrame:
    """Return a frame of the contract.

    Parameters
    ----------
    columns
        Name → array, in order; text as object arrays, which stay objects so that None stays None.
    geometries
        Metric geometries, which become the last column, ``geometry``.
    metric_crs
        Their CRS.

    Returns
    -------
    geopandas.GeoDataFrame
        Default index.
    """
    kept = {name: pd.Series(values, dtype=values.dtype) for name, values in columns.items()}
    return gpd.GeoDataFrame(kept, geometry=gpd.GeoSeries(list(geometries), crs=metric_crs), crs=metric_crs)
