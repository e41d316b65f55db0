"""The communities that buildings, estates and grids are placed in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True)
class Communities:
    """Communities with polygons, in ascending order of code.

    Parameters
    ----------
    code, name
        Text.
    geometry
        Metric polygons.
    households
        Total of each community that has one [count, Int64], by code.
    """

    code: NDArray[np.object_]
    name: NDArray[np.object_]
    geometry: NDArray[np.object_]
    households: pd.Series
