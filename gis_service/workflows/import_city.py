"""Import a dataset folder: read, check, store; all or nothing."""

from dataclasses import dataclass
from pathlib import Path

from gis_service import __version__
from gis_service.db import barriers, buildings, cities, estates, facilities, given_grids, network, regions
from gis_service.db.cities import City, StoredNote
from gis_service.db.engine import Connection
from gis_service.db.statistics import refresh_statistics
from gis_service.errors import InputError, Text, UnknownCityError
from gis_service.ingest.city import CityFrames, read_city
from gis_service.ingest.dataset import Dataset, read_dataset
from gis_service.workflows.progress import Report, silent

READING = Text("读取并检查数据", "read and check")
STORING = Text("写入数据库", "store")


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Parameters
    ----------
    city
        The city as stored.
    unchanged
        True: the same files were imported before; nothing was written.
    counts
        Rows stored, by table.
    households
        Households of all buildings [count].
    notes
        What the import repaired, dropped or noticed.
    """

    city: City
    unchanged: bool
    counts: dict[str, int]
    households: int
    notes: tuple[StoredNote, ...]


def import_city(conn: Connection, folder: Path, *, replace: bool = False, report: Report = silent) -> Imported:
    """Import a dataset folder into the store.

    Parameters
    ----------
    conn
        Open transaction; the caller commits.
    folder
        Dataset folder.
    replace
        Delete plans and runs that hang on older data of the city; snapshots stay.
    report
        Told about progress.

    Returns
    -------
    Imported
        What was stored.

    Raises
    ------
    InputError
        The dataset is at fault, or older data carry plans or runs and `replace` is False.
    """
    dataset = read_dataset(folder)
    cities.lock_name(conn, dataset.name)
    stored = _stored(conn, dataset.name)
    if stored is not None:
        work = cities.derived_work(conn, stored)
        # Another version of this software may read the files otherwise; people's work on them is not worth that.
        if stored.content_hash == dataset.content_hash and (
            stored.software_version == __version__ or any(work.values())
        ):
            return _imported(conn, stored, unchanged=True)
        if any(work.values()) and not replace:
            raise _lost_work(stored, work)
    report(READING, 0, 1)
    frames = read_city(folder)
    if read_dataset(folder).content_hash != dataset.content_hash:
        raise InputError(
            Text(
                f"读取期间数据集 {folder} 里的文件被改动，什么都没有写入，请再导入一次",
                f"files of the dataset {folder} changed while they were read; nothing was written, import again",
            )
        )
    report(READING, 1, 1)
    if stored is not None:
        cities.delete_city(conn, stored)
    return _imported(conn, _store(conn, dataset, frames, report), unchanged=False)


def _imported(conn: Connection, city: City, *, unchanged: bool) -> Imported:
    return Imported(
        city=city,
        unchanged=unchanged,
        counts=cities.count_rows(conn, city),
        households=cities.count_households(conn, city),
        notes=tuple(cities.load_notes(conn, city)),
    )


def _stored(conn: Connection, name: str) -> City | None:
    try:
        return cities.load_city(conn, name)
    except UnknownCityError:
        return None


def _lost_work(city: City, work: dict[str, int]) -> InputError:
    return InputError(
        Text(
            f"城市 {city.name} 的旧数据上已有 {work['plan']} 个划分方案、{work['reach_run']} 次可达性检查、"
            f"{work['siting_run']} 次选址，重新导入会删除它们；确认要删除请加 --replace",
            f"city {city.name} already has {work['plan']} plans, {work['reach_run']} reach runs and "
            f"{work['siting_run']} siting runs on its older data, which a new import would delete; add --replace if "
            "that is meant",
        )
    )


def _store(conn: Connection, dataset: Dataset, frames: CityFrames, report: Report) -> City:
    city = cities.save_city(
        conn,
        name=dataset.name,
        title=dataset.title,
        data_date=dataset.data_date,
        synthetic=dataset.synthetic,
        metric_crs=dataset.metric_crs,
        licence=dataset.licence,
        sources=dataset.sources,
        content_hash=dataset.content_hash,
        software_version=__version__,
    )
    regions.save_regions(conn, city, frames.regions, since=frames.region_since, former=frames.former_regions)
    estates.save_estates(conn, city, frames.estates)
    report(STORING, 1, 4)
    buildings.save_buildings(conn, city, frames.buildings)
    report(STORING, 2, 4)
    barriers.save_barriers(conn, city, frames.barriers)
    facilities.save_facilities(conn, city, frames.facilities)
    given_grids.save_given_grids(conn, city, frames.given_grids)
    report(STORING, 3, 4)
    if frames.nodes is not None and frames.edges is not None:
        network.save_network(conn, city, frames.nodes, frames.edges)
    cities.save_notes(conn, city, frames.notes)
    refresh_statistics(conn, "dataset")
    report(STORING, 4, 4)
    return city
