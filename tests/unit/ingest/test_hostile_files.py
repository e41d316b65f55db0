"""Files that would make the server read other files or open addresses: each is refused in one sentence."""

import json
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer

import pandas as pd
import pyogrio
import pytest
from pyproj import CRS

from gis_service.errors import InputError
from gis_service.ingest.content import checked_crs
from gis_service.ingest.gdal import DRIVERS
from gis_service.ingest.layers import read_geojson, read_gpkg, read_parquet, read_shapefile

POINT = {"type": "Point", "coordinates": [120.2, 27.3]}
FEATURE = {"type": "Feature", "properties": {"id": "e1"}, "geometry": POINT}
GRIDS = CRS("+proj=longlat +ellps=WGS84 +nadgrids=/etc/passwd +no_defs")


def collection(**members):
    return {"type": "FeatureCollection", "features": [FEATURE], **members}


class Listener(HTTPServer):
    """A server on this machine that notes what it is asked for."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}/other.geojson"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(collection()).encode())

    do_HEAD = do_GET  # noqa: N815 the name that the class above it calls

    def log_message(self, *_):
        pass


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def vrt(source, layer="other"):
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="estates"><SrcDataSource>{source}</SrcDataSource>'
        f"<SrcLayer>{layer}</SrcLayer></OGRVRTLayer></OGRVRTDataSource>"
    ).encode()


def pipeline(source):
    return json.dumps({"type": "gdal_streamed_alg", "command_line": f"gdal vector pipeline ! read {source}"}).encode()


@pytest.fixture
def other(town):
    """Return the path of a sound file that nobody sent."""
    path = town.folder / "other.geojson"
    path.write_text(json.dumps(collection()), encoding="utf-8")
    return path


def test_only_three_drivers_are_left():
    assert set(pyogrio.list_drivers()) == DRIVERS == {"ESRI Shapefile", "GPKG", "GeoJSON"}
    assert pyogrio.get_gdal_config_option("CPL_VSIL_CURL_ALLOWED_FILENAME") == "none"


@pytest.mark.parametrize("content", [vrt, pipeline, lambda path: str(path).encode()], ids=["vrt", "gdalg", "path"])
@pytest.mark.parametrize(("suffix", "read"), [(".geojson", read_geojson), (".gpkg", read_gpkg)])
def test_a_file_that_names_another_file_is_refused(town, other, content, suffix, read):
    (town.folder / f"v{suffix}").write_bytes(content(other))
    with pytest.raises(InputError, match=rf"v\{suffix}：文件无法读取.*内容与后缀不符"):
        read(town.spec("estates", f"v{suffix}"))


def test_a_shapefile_that_names_another_file_is_refused_zipped_or_not(town, other):
    with zipfile.ZipFile(town.folder / "v.zip", "w") as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            (town.folder / f"v{suffix}").write_bytes(vrt(other))
            archive.write(town.folder / f"v{suffix}", f"v{suffix}")
    for name in ("v.shp", "v.zip"):
        with pytest.raises(InputError, match=rf"{name}：文件无法读取.*内容与后缀不符"):
            read_shapefile(town.spec("estates", name))


def test_a_shapefile_with_a_false_index_is_refused(town):
    town.stored({"id": ["e1"]}, [town.square(0, 0, 50)]).to_file(town.folder / "a.shp")
    (town.folder / "a.shx").write_bytes(vrt("x"))
    with pytest.raises(InputError, match="内容与后缀不符"):
        read_shapefile(town.spec("estates", "a.shp"))


@pytest.mark.parametrize("door", ["/vsicurl/", "/vsicurl_streaming/", ""])
def test_no_address_is_opened_for_a_file(town, listener, door):
    for form in (vrt, pipeline, lambda source: source.encode()):
        (town.folder / "v.geojson").write_bytes(form(f"{door}{listener.address}"))
        with pytest.raises(InputError):
            read_geojson(town.spec("estates", "v.geojson"))
    for link in (
        {"type": "link", "properties": {"href": listener.address, "type": "proj4"}},
        {"type": "url", "properties": {"url": listener.address}},
        {"type": "name", "properties": {"name": listener.address}},
    ):
        within = {**FEATURE, "crs": link, "geometry": {**POINT, "crs": link}}
        written = collection(crs=link, features=[within], links=[{"rel": "next", "href": listener.address}])
        (town.folder / "v.geojson").write_text(json.dumps(written))
        with pytest.raises(InputError, match="crs 不是 EPSG 编号"):
            read_geojson(town.spec("estates", "v.geojson"))
        del written["crs"]
        (town.folder / "v.geojson").write_text(json.dumps(written))
        assert len(read_geojson(town.spec("estates", "v.geojson")).rows) == 1
    assert listener.asked == []


@pytest.mark.parametrize("name", ["/etc/passwd", "file:///etc/passwd", "+init=/etc/passwd:1", "/vsizip//tmp/a.zip/b"])
def test_a_crs_of_geojson_is_a_code_or_refused_and_left_out_where_another_is_declared(town, name):
    text = json.dumps(collection(crs={"type": "name", "properties": {"name": name}}))
    (town.folder / "a.geojson").write_text(text)
    with pytest.raises(InputError, match=r"crs 不是 EPSG 编号.*请另存为 WGS 84"):
        read_geojson(town.spec("estates", "a.geojson"))
    assert len(read_geojson(town.spec("estates", "a.geojson", crs="EPSG:4490")).rows) == 1


@pytest.mark.parametrize(
    ("crs", "epsg"),
    [
        (None, 4326),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}, 4326),
        ({"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}, 4490),
        ({"type": "name", "properties": {"name": "EPSG:4549"}}, 4549),
        ({"type": "EPSG", "properties": {"code": 4490}}, 4490),
    ],
)
def test_the_code_of_a_crs_is_believed(town, crs, epsg):
    (town.folder / "a.geojson").write_text(json.dumps(collection(crs=crs)))
    found = read_geojson(town.spec("estates", "a.geojson")).crs
    assert found.to_epsg() == epsg or found.equals(CRS.from_epsg(epsg), ignore_axis_order=True)


@pytest.mark.parametrize(
    "whole",
    [
        [],
        "text",
        {},
        {"type": "Topology", "objects": {}},
        {"type": "FeatureCollection"},
        {"type": "FeatureCollection", "features": [POINT]},
        {"type": "FeatureCollection", "features": [{**FEATURE, "geometry": {"type": "Point"}}]},
        {"type": "FeatureCollection", "features": [{**FEATURE, "geometry": {"type": "GeometryCollection"}}]},
        {"type": "FeatureCollection", "features": [{**FEATURE, "geometry": 3}]},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": "x"}},
    ],
)
def test_json_that_is_no_collection_of_features_is_refused(town, whole):
    (town.folder / "a.geojson").write_text(json.dumps(whole))
    with pytest.raises(InputError, match="内容与后缀不符"):
        read_geojson(town.spec("estates", "a.geojson"))


def test_a_single_feature_a_bare_shape_and_several_shapes_in_one_are_read(town):
    several = {"type": "GeometryCollection", "geometries": [POINT, POINT]}
    for whole in (FEATURE, POINT, {**FEATURE, "geometry": several}, {**FEATURE, "geometry": None, "id": 7}):
        (town.folder / "a.geojson").write_text("\ufeff \n" + json.dumps(whole), encoding="utf-8")
        assert len(read_geojson(town.spec("estates", "a.geojson")).rows) == 1


@pytest.fixture
def package(town):
    path = town.folder / "a.gpkg"
    town.stored({"id": ["e1"], "name": ["a"]}, [town.square(0, 0, 50)]).to_file(path, layer="estates")
    assert len(read_gpkg(town.spec("estates", "a.gpkg")).rows) == 1
    return path


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n"


@pytest.mark.parametrize(
    "trick",
    [
        f"ALTER TABLE estates RENAME TO hidden; CREATE VIEW estates AS {ENDLESS}",
        f"ALTER TABLE gpkg_contents RENAME TO hidden; CREATE VIEW gpkg_contents AS {ENDLESS}",
        "CREATE VIEW other AS SELECT gdal_get_pixel_value('/etc/passwd', 1, 'pixel', 0, 0) FROM estates",
        "CREATE VIRTUAL TABLE words USING fts4(x)",
        "ALTER TABLE estates ADD COLUMN big AS (hex(zeroblob(100000000)))",
    ],
)
def test_a_geopackage_that_computes_is_refused_before_it_is_opened(town, package, trick):
    with closing(sqlite3.connect(package)) as database:
        database.create_function("ST_IsEmpty", 1, lambda _: 0)
        database.executescript("PRAGMA legacy_alter_table = ON; PRAGMA trusted_schema = ON;" + trick)
    with pytest.raises(InputError, match=r"a\.gpkg：里有视图、虚表或计算列.*另存为新的 GeoPackage"):
        read_gpkg(town.spec("estates", "a.gpkg"))


def test_a_virtual_table_of_unknown_making_is_refused(town, package):
    with closing(sqlite3.connect(package)) as database:
        database.execute("PRAGMA writable_schema = ON")
        made = "CREATE VIRTUAL TABLE shop USING VirtualOGR('/vsicurl/http://127.0.0.1:9/a')"
        database.execute("INSERT INTO sqlite_master VALUES ('table', 'shop', 'shop', 0, ?)", (made,))
        database.commit()
    with pytest.raises(InputError, match="里有视图、虚表或计算列"):
        read_gpkg(town.spec("estates", "a.gpkg"))


def test_the_views_of_the_standard_and_spatial_indices_are_no_harm(town, package):
    with closing(sqlite3.connect(package)) as database:
        database.execute("CREATE VIEW st_spatial_ref_sys AS SELECT srs_id AS srid FROM gpkg_spatial_ref_sys")
        kinds = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE rootpage = 0")}
    assert "rtree_estates_geom" in kinds
    assert len(read_gpkg(town.spec("estates", "a.gpkg")).rows) == 1
    pyogrio.write_dataframe(pd.DataFrame({"x": [1]}), package, layer="more")
    assert len(read_gpkg(town.spec("estates", "a.gpkg")).rows) == 1


def test_a_database_of_another_application_is_refused(town):
    with closing(sqlite3.connect(town.folder / "a.gpkg")) as database:
        database.execute("CREATE TABLE estates (id TEXT)")
    with pytest.raises(InputError, match="内容与后缀不符"):
        read_gpkg(town.spec("estates", "a.gpkg"))


def test_a_geopackage_cut_short_is_refused(town, package):
    package.write_bytes(package.read_bytes()[:5000])
    with pytest.raises(InputError, match="文件无法读取"):
        read_gpkg(town.spec("estates", "a.gpkg"))


def with_prj(town, text):
    town.stored({"id": ["e1"]}, [town.square(0, 0, 50)]).to_file(town.folder / "a.shp")
    (town.folder / "a.prj").write_text(text)
    return read_shapefile(town.spec("estates", "a.shp"))


@pytest.mark.parametrize(
    "text",
    [
        GRIDS.to_wkt("WKT1_GDAL"),
        (
            'PROJCS["x",GEOGCS["a",DATUM["d",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
            'UNIT["degree",0.0174532925199433]],PROJECTION["Mercator_1SP"],UNIT["metre",1],'
            'EXTENSION["PROJ4","+proj=merc +nadgrids=/etc/passwd +no_defs"]]'
        ),
    ],
)
def test_a_prj_that_names_a_file_of_shifts_is_refused(town, text):
    with pytest.raises(InputError, match=r"坐标系定义引用了别的文件.*请另存为 WGS 84"):
        with_prj(town, text)


@pytest.mark.parametrize("text", ["+proj=longlat +nadgrids=/etc/passwd", "+init=/etc/passwd:1", "/etc/passwd", "\0"])
def test_a_prj_that_is_no_definition_counts_as_none(town, text):
    assert with_prj(town, text).crs is None


@pytest.mark.parametrize("text", ['GEOGCS["x"]', "PROJCS[", 'GEOGCS["a",DATUM["b",SPHEROID["c",0,0]]]'])
def test_a_prj_that_is_damaged_is_none_or_refused(town, text):
    try:
        found = with_prj(town, text).crs
    except InputError as error:
        assert "文件无法读取" in error.text.zh  # noqa: PT017 either answer is a sound one
    else:
        assert found is None


def test_a_crs_of_parquet_is_checked_too(town):
    frame = town.stored({"id": ["e1"]}, [town.square(0, 0, 50)])
    frame.set_crs(GRIDS, allow_override=True).to_parquet(town.folder / "a.parquet")
    with pytest.raises(InputError, match="坐标系定义引用了别的文件"):
        read_parquet(town.spec("estates", "a.parquet"))


@pytest.mark.parametrize("code", [4326, 4490, 4549, 4513, 3857, 2383, 2437, 32650])
def test_systems_in_use_in_china_pass(code):
    crs = CRS.from_epsg(code)
    assert checked_crs(crs, "a") is crs
    assert checked_crs(CRS.from_wkt(crs.to_wkt("WKT1_GDAL")), "a") is not None
    assert checked_crs(CRS.from_wkt(crs.to_wkt("WKT1_ESRI")), "a") is not None


def test_no_crs_is_none():
    assert checked_crs(None, "a") is None
