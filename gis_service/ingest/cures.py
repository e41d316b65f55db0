"""Where people mend what a file does not tell of itself."""

from dataclasses import dataclass

from gis_service.errors import Text


@dataclass(frozen=True)
class Cures:
    """What to do where a file is misunderstood, each as it stands after ``请``.

    Parameters
    ----------
    crs
        The system of its coordinates is declared wrongly or not at all.
    columns
        Its headers are not known.
    """

    crs: Text
    columns: Text


_RENAME = Text("把表头改成认识的名称", "give the columns headers that are known")

IN_DATASET = Cures(
    crs=Text("在 dataset.toml 改正 crs 或 datum", "correct crs or datum in dataset.toml"),
    columns=Text("在 dataset.toml 的 columns 写明对应关系", "map the headers in columns of dataset.toml"),
)
"""Files of a dataset folder."""
OF_CANDIDATES = Cures(
    crs=Text("用 --candidates-crs 写明它的坐标系", "name its coordinate system with --candidates-crs"), columns=_RENAME
)
"""A file of candidate sites, whose system an option of the program names."""
IN_FILE = Cures(
    crs=Text("在 QGIS 中改正坐标系后另存", "correct its coordinate system, as in QGIS, and save it again"),
    columns=_RENAME,
)
"""A file that carries everything itself."""
