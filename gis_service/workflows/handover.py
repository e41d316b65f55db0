"""Links that hand a walk over to the map services people have on their phones, each with positions on its own datum."""

from dataclasses import dataclass
from urllib.parse import quote

import numpy as np

from gis_service.errors import Text
from gis_service.geo.datum import Datum, from_wgs84

SOURCE = "gis_service"
"""How the services are told who sends people; they ask for a name."""


@dataclass(frozen=True)
class MapLink:
    """A link to a map service that shows the way to a place; where somebody sets out stands in none.

    Parameters
    ----------
    service
        amap, baidu, tencent or apple.
    name
        What the service is called.
    url
        Its address.
    """

    service: str
    name: Text
    url: str


def map_links(name: str, lon: float, lat: float) -> tuple[MapLink, ...]:
    """Return links to a place at a longitude and latitude [degrees, WGS 84].

    Amap, Tencent and, within China, Apple draw on GCJ-02, Baidu on BD-09; the positions are converted here and the
    links say what they are, so that nobody is led to a house 500 m away.

    References
    ----------
    .. [1] https://lbs.amap.com/api/uri-api/guide/travel/route
    .. [2] https://lbs.baidu.com/index.php?title=uri/api/web
    .. [3] https://lbs.qq.com/webApi/uriV1/uriGuide/uriWebRoute
    .. [4] https://developer.apple.com/library/archive/featuredarticles/iPhoneURLScheme_Reference/MapLinks/MapLinks.html
    """
    gcj_lon, gcj_lat = _on(Datum.GCJ02, lon, lat)
    bd_lon, bd_lat = _on(Datum.BD09, lon, lat)
    words = quote(name, safe="")
    return (
        MapLink(
            "amap",
            Text("高德地图", "Amap"),
            f"https://uri.amap.com/navigation?to={gcj_lon},{gcj_lat},{words}"
            f"&mode=walk&coordinate=gaode&callnative=1&src={SOURCE}",
        ),
        MapLink(
            "baidu",
            Text("百度地图", "Baidu Maps"),
            f"https://api.map.baidu.com/marker?location={bd_lat},{bd_lon}&title={words}&content={words}"
            f"&coord_type=bd09ll&output=html&src={SOURCE}",
        ),
        MapLink(
            "tencent",
            Text("腾讯地图", "Tencent Maps"),
            f"https://apis.map.qq.com/uri/v1/routeplan?type=walk&to={words}&tocoord={gcj_lat},{gcj_lon}"
            f"&coord_type=2&referer={SOURCE}",
        ),
        MapLink(
            "apple",
            Text("苹果地图", "Apple Maps"),
            f"https://maps.apple.com/?daddr={gcj_lat},{gcj_lon}&dirflg=w",
        ),
    )


def _on(datum: Datum, lon: float, lat: float) -> tuple[str, str]:
    """Return a position on a datum to a decimetre."""
    east, north = from_wgs84(np.array([lon]), np.array([lat]), datum)
    return f"{east[0]:.6f}", f"{north[0]:.6f}"
