"""A draft that begins with uploaded grids: drawn elsewhere, laid over the units of the community."""

from dataclasses import dataclass
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

import geopandas as gpd
import numpy as np
import shapely

from gis_service.db import buildings, regions
from gis_service.db.accounts import Account
from gis_service.db.cities import City, load_city
from gis_service.db.engine import Connection
from gis_service.errors import InputError, Text
from gis_service.geo.datum import Datum
from gis_service.ingest.uploaded_grids import read_uploaded_grids
from gis_service.plan.draft import UNASSIGNED, Draft
from gis_service.plan.rules import Rules
from gis_service.workflows.community_inputs import community_extents
from gis_service.workflows.desk import OpenDraft, begin_with
from gis_service.workflows.desk_access import refuse_untitled
from gis_service.workflows.draft_bases import base_of_grids
from gis_service.workflows.draft_buildings import unit_of_stored

UPLOAD = "upload"
"""What the origin of a draft begins with that began with a file; a colon and the name of the file follow."""
MOST_BYTES = 10_000_000
"""Files that are larger are no grids of one community."""
DATUMS = (Datum.WGS84, Datum.CGCS2000, Datum.GCJ02, Datum.BD09)
"""What may be declared of a file whose longitudes and latitudes do not say it themselves."""
LONGEST_FILE_NAME = 100


@dataclass(frozen=True)
class Upload:
    """A file as a browser sends it.

    Parameters
    ----------
    name
        Its name there.
    content
        What is in it.
    datum
        Declared datum of its longitudes and latitudes, as one of `DATUMS`; empty: what the file carries.
    """

    name: str
    content: bytes
    datum: str = ""


def begin_from_upload(
    conn: Connection,
    city_name: str,
    community: str,
    *,
    upload: Upload,
    title: str,
    rules: Rules,
    account: Account | None,
) -> OpenDraft:
    """Begin a draft of a community with uploaded grids; the journal tells how far they fit the units.

    Parameters
    ----------
    conn
        Transaction.
    city_name, community
        Name of the city and code of the community.
    upload
        The file.
    title, rules, account
        As for :func:`gis_service.workflows.desk.begin_draft`.

    Raises
    ------
    UnknownCityError
        No such city.
    InputError
        No such community, or it has no polygon; the title is empty, no file was sent, it is too large, or at fault as
        :func:`gis_service.ingest.uploaded_grids.read_uploaded_grids` tells.
    """
    refuse_untitled(title)
    city = load_city(conn, city_name)
    extent = community_extents(conn, city, [community])
    name = PurePath(upload.name.replace("\\", "/")).name[-LONGEST_FILE_NAME:]
    grids = _read(conn, city, extent, upload, name)
    draft = base_of_grids(conn, city, extent, grids, rules)
    record = {"origin": f"{UPLOAD}:{name}", "fit": _fit(conn, city, extent, grids, draft)}
    return begin_with(conn, city, community, draft, title=title, rules=rules, account=account, record=record)


def _read(conn: Connection, city: City, extent: gpd.GeoDataFrame, upload: Upload, name: str) -> gpd.GeoDataFrame:
    if not name or not upload.content:
        raise InputError(Text("没有选择文件，或文件是空的", "no file was chosen, or it is empty"))
    if len(upload.content) > MOST_BYTES:
        raise InputError(
            Text(
                f"{name}：文件超过 {MOST_BYTES // 1_000_000} MB，请只保留本社区的网格图层",
                f"{name}: more than {MOST_BYTES // 1_000_000} MB; keep the grids of this community only",
            )
        )
    if upload.datum not in {"", *DATUMS}:
        raise InputError(
            Text(f"坐标系应为 {'、'.join(DATUMS)} 之一", f"the datum must be one of {', '.join(DATUMS)}"),
        )
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"upload{PurePath(name).suffix.lower()}"
        path.write_bytes(upload.content)
        return read_uploaded_grids(
            path,
            name,
            regions.load_regions(conn, city),
            extent.union_all(),
            city.metric_crs,
            datum=Datum(upload.datum) if upload.datum else None,
        )


def _fit(
    conn: Connection, city: City, extent: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, draft: Draft
) -> dict[str, int]:
    """Return how far a draft is what was uploaded.

    A building is elsewhere where the grid it is in now is none of those that hold a point of it in the file: another,
    or one at all where none holds it, or none where one does. It is there twice where several hold it. Land of the
    grids that lies outside the community is told in percent of all their land.
    """
    community = extent["code"].iloc[0]
    own = buildings.load_buildings(conn, city, community)
    unit_of = unit_of_stored(conn, city, community, draft.land)
    label = np.array([draft.labels[draft.land.position[unit_of[building]]] for building in own["id"]], np.int64)
    points = shapely.point_on_surface(own.geometry.to_numpy())
    point, row = shapely.STRtree(grids.geometry.to_numpy()).query(points, predicate="intersects")
    holding = np.bincount(point, minlength=len(points))
    kept = (label == UNASSIGNED) & (holding == 0)
    kept[point[row == label[point]]] = True
    households = own["households"].to_numpy()
    drawn = grids.geometry.to_numpy()
    outside_m2 = shapely.area(shapely.difference(drawn, extent.union_all())).sum()
    return {
        "grids": len(grids),
        "grids_empty": int((~np.isin(np.arange(len(grids)), draft.labels)).sum()),
        "buildings_elsewhere": int((~kept).sum()),
        "households_elsewhere": int(households[~kept].sum()),
        "buildings_twice": int((holding > 1).sum()),
        "households_twice": int(households[holding > 1].sum()),
        "percent_outside": int(100 * outside_m2 / shapely.area(drawn).sum()),
        "units_free": int((draft.labels == UNASSIGNED).sum()),
    }
