"""A small sound dataset that each test spoils in one way."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import geopandas as gpd
import pytest
from shapely import Point, box

from gis_service.errors import InputError
from gis_service.geo.crs import to_stored
from gis_service.ingest.city import CityFrames, read_city
from gis_service.ingest.dataset import FileSpec

HEAD = """[dataset]
name = "test_town"
title = "测试镇"
data_date = 2023-06-30
synthetic = true
metric_crs = "EPSG:4549"
licence = "none"
sources = ["invented"]
"""
REGIONS = '[files.regions]\npath = "regions.gpkg"\n'
BUILDINGS = '[files.buildings]\npath = "buildings.gpkg"\n'


@dataclass(frozen=True)
class Town:
    """Two communities of 400 m × 400 m side by side in EPSG:4549, with two buildings each."""

    folder: Path
    sound: Path
    a: str = "990101001001"
    b: str = "990101001002"
    crs: str = "EPSG:4549"

    def square(self, x: float, y: float, side: float):
        """Return a square whose lower left corner lies x, y metres from the town's."""
        return box(521000.0 + x, 3023000.0 + y, 521000.0 + x + side, 3023000.0 + y + side)

    def metric(self, columns: Mapping[str, list], geometries: list) -> gpd.GeoDataFrame:
        """Return a frame in metres."""
        return gpd.GeoDataFrame(dict(columns), geometry=geometries, crs=self.crs)

    def stored(self, columns: Mapping[str, list], geometries: list) -> gpd.GeoDataFrame:
        """Return a frame in longitude and latitude."""
        return to_stored(self.metric(columns, geometries))

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Return longitude and latitude of the place x, y metres from the town's corner."""
        point = self.stored({"id": ["p"]}, [Point(521000.0 + x, 3023000.0 + y)]).geometry[0]
        return point.x, point.y

    def regions(self) -> gpd.GeoDataFrame:
        """Return two communities, and the three regions above them without polygons."""
        codes = ["990100000000", "990101000000", "990101001000", self.a, self.b]
        columns = {
            "code": codes,
            "name": ["测试市", "测试区", "测试街道", "东山社区", "西山社区"],
            "level": ["city", "county", "street", "community", "community"],
            "parent_code": [None, *codes[:2], codes[2], codes[2]],
        }
        return self.stored(columns, [None, None, None, self.square(0, 0, 400), self.square(400, 0, 400)])

    def buildings(self) -> gpd.GeoDataFrame:
        """Return two buildings in each community."""
        columns = {"id": ["b1", "b2", "b3", "b4"], "households": [10, 20, 30, 40], "floors": [1, 2, 3, 4]}
        places = [(20, 20, 10), (100, 100, 10), (450, 20, 10), (600, 100, 20)]
        return self.stored(columns, [self.square(*place) for place in places])

    def describe(
        self, *, head: str = HEAD, regions: str = REGIONS, buildings: str = BUILDINGS, extra: str = ""
    ) -> Path:
        """Write ``dataset.toml``, and the sound regions and buildings where no other were written before."""
        (self.folder / "dataset.toml").write_text(head + regions + buildings + extra, encoding="utf-8")
        for name in ("regions.gpkg", "buildings.gpkg"):
            if not (self.folder / name).exists():
                shutil.copyfile(self.sound / name, self.folder / name)
        return self.folder

    def read(self, **parts: str) -> CityFrames:
        """Describe and read the dataset."""
        return read_city(self.describe(**parts))

    def refusal(self, **parts: str) -> str:
        """Describe and read a dataset that must be refused; return the Chinese sentence."""
        with pytest.raises(InputError) as caught:
            self.read(**parts)
        assert caught.value.text.en.isascii() or caught.value.text.en != caught.value.text.zh
        return caught.value.text.zh

    def csv(self, name: str, text: str, encoding: str = "utf-8") -> None:
        """Write a text file into the folder."""
        (self.folder / name).write_bytes(text.encode(encoding))

    def points_csv(self, header: str, rows: list[str], **options: str) -> None:
        """Write ``buildings.csv``; ``{lon}`` and ``{lat}`` of the n-th row stand n × 50 m east of the corner."""
        lines = [header]
        for number, row in enumerate(rows):
            lon, lat = self.lonlat(25 + 50 * number, 50)
            lines.append(row.format(lon=repr(lon), lat=repr(lat)))
        self.csv("buildings.csv", "\n".join(lines), **options)

    def spec(self, kind: str, name: str, **changes) -> FileSpec:
        """Return the description of a file in the folder."""
        given = {"crs": None, "datum": None, "encoding": None, "columns": MappingProxyType({}), **changes}
        return FileSpec(kind=kind, path=self.folder / name, label=name, **given)


@pytest.fixture(scope="session")
def sound_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the town's sound regions and buildings."""
    folder = tmp_path_factory.mktemp("sound")
    town = Town(folder, folder)
    town.regions().to_file(folder / "regions.gpkg")
    town.buildings().to_file(folder / "buildings.gpkg")
    return folder


@pytest.fixture
def town(tmp_path: Path, sound_files: Path) -> Town:
    """Return the small town in an empty folder."""
    return Town(tmp_path, sound_files)
