"""Settings: one frozen object, the only reader of the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gis_service.errors import SetupError, Text

REPOSITORY = Path(__file__).resolve().parent.parent
PREFIX = "GIS_SERVICE_"


@dataclass(frozen=True)
class Settings:
    """What differs between one installation and the next.

    Parameters
    ----------
    database_url
        SQLAlchemy address of a PostGIS of the user's own; None means the private cluster.
    cluster_dir
        Folder of the private PostGIS cluster; None lets the cluster choose one its owner can reach.
    secret_key
        Key that signs sessions; None lets a local, single-process run make one up.
    language
        Language of programs and of first visits, ``zh`` or ``en``.
    basemap
        ``own`` (tiles from our PostGIS), ``tianditu`` (needs ``tianditu_key``) or ``none``.
    tianditu_key
        Browser key of Tianditu; appears in tile addresses, so never a server key.
    map_approval
        审图号 printed on every map; empty when there is none.
    operator
        Name of the office that runs the service, printed in the footer.
    staff_view
        Everybody who reaches this process may see household figures and grids of real cities.
    public_grids
        The public may read the names of the grids in force.
    grid_phones
        File of the office telephones of the grids' workers, which the public may then read too; None: it may not.
    proxies
        Reverse proxies in front of the service whose X-Forwarded-Proto counts.
    oidc_issuer, oidc_client_id, oidc_client_secret
        The office's own sign-in service (OpenID Connect); empty: passwords only.
    """

    database_url: str | None = None
    cluster_dir: Path | None = None
    secret_key: str | None = None
    language: str = "zh"
    basemap: str = "own"
    tianditu_key: str = ""
    map_approval: str = ""
    operator: str = ""
    staff_view: bool = False
    public_grids: bool = False
    grid_phones: Path | None = None
    proxies: int = 0
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of ``environment`` (default: this process's).

    Parameters
    ----------
    environment
        Variable names to values; only names that begin with ``GIS_SERVICE_`` are read.

    Returns
    -------
    Settings
        Defaults wherever a variable is absent or empty.

    Raises
    ------
    SetupError
        A variable is unknown or holds a value outside its choices.
    """
    environment = os.environ if environment is None else environment
    given = {name.removeprefix(PREFIX).lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    unknown = sorted(set(given) - set(Settings.__dataclass_fields__))
    if unknown:
        names = ", ".join(PREFIX + name.upper() for name in unknown)
        raise SetupError(Text(f"不认识的环境变量：{names}", f"unknown environment variables: {names}"))
    given = {name: value for name, value in given.items() if value}
    for name, choices in (
        ("language", ("zh", "en")),
        ("basemap", ("own", "tianditu", "none")),
        ("staff_view", ("0", "1")),
        ("public_grids", ("0", "1")),
        ("proxies", ("0", "1", "2", "3")),
    ):
        if name in given and given[name] not in choices:
            wanted = " / ".join(choices)
            raise SetupError(
                Text(
                    f"环境变量 {PREFIX}{name.upper()} 的值“{given[name]}”无效，可选：{wanted}",
                    f"{PREFIX}{name.upper()} is {given[name]!r}; choose one of {wanted}",
                )
            )
    if given.get("basemap") == "tianditu" and "tianditu_key" not in given:
        raise SetupError(
            Text(
                f"底图选了天地图，但没有设置 {PREFIX}TIANDITU_KEY",
                f"the base map is tianditu but {PREFIX}TIANDITU_KEY is not set",
            )
        )
    if "grid_phones" in given and given.get("public_grids") != "1":
        raise SetupError(
            Text(
                f"设置了 {PREFIX}GRID_PHONES，但网格没有公开；请同时设置 {PREFIX}PUBLIC_GRIDS=1",
                f"{PREFIX}GRID_PHONES is set but grids are not published; set {PREFIX}PUBLIC_GRIDS=1 too",
            )
        )
    if "oidc_issuer" in given and not {"oidc_client_id", "oidc_client_secret"} <= set(given):
        raise SetupError(
            Text(
                f"设置了 {PREFIX}OIDC_ISSUER，但没有设置 {PREFIX}OIDC_CLIENT_ID 和 {PREFIX}OIDC_CLIENT_SECRET",
                f"{PREFIX}OIDC_ISSUER is set but not {PREFIX}OIDC_CLIENT_ID and {PREFIX}OIDC_CLIENT_SECRET",
            )
        )
    return Settings(
        database_url=given.get("database_url"),
        cluster_dir=Path(given["cluster_dir"]) if "cluster_dir" in given else None,
        secret_key=given.get("secret_key"),
        language=given.get("language", "zh"),
        basemap=given.get("basemap", "own"),
        tianditu_key=given.get("tianditu_key", ""),
        map_approval=given.get("map_approval", ""),
        operator=given.get("operator", ""),
        staff_view=given.get("staff_view", "0") == "1",
        public_grids=given.get("public_grids", "0") == "1",
        grid_phones=Path(given["grid_phones"]) if "grid_phones" in given else None,
        proxies=int(given.get("proxies", "0")),
        oidc_issuer=given.get("oidc_issuer", ""),
        oidc_client_id=given.get("oidc_client_id", ""),
        oidc_client_secret=given.get("oidc_client_secret", ""),
    )
