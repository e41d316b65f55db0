"""GDAL as this service reads files with it: three drivers, and no way from a file to an address."""

import pyogrio
from pyogrio import _ogr

DRIVERS = frozenset({"ESRI Shapefile", "GPKG", "GeoJSON"})
"""What this service reads and writes. GDAL tries every driver it has on a file, whatever its suffix, and some of the
others read further files and addresses that the file names (OGR_VRT, GDALG, WFS)."""


def confine_gdal() -> None:
    """Take all drivers but `DRIVERS` out of this process's GDAL, and let it open nothing of the network as a file."""
    others = sorted(set(pyogrio.list_drivers()) - DRIVERS)
    pyogrio.set_gdal_config_options({"OGR_SKIP": ",".join(others), "CPL_VSIL_CURL_ALLOWED_FILENAME": "none"})
    # GDAL heeds the list of what to skip while it registers drivers, which importing pyogrio has done already.
    _ogr._register_drivers()  # noqa: SLF001 pyogrio has no public way to leave drivers out
