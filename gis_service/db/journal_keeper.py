"""The journal belongs to a role that nobody signs in as: the service may read it and add to it, and nothing else."""

import sqlalchemy
from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from gis_service.config import Settings
from gis_service.db import cluster
from gis_service.db.cluster_place import ROLE
from gis_service.errors import Text

KEEPER = "gis_service_keeper"
"""Owner of the journal; it cannot sign in and has no members."""


def give_to_keeper(settings: Settings) -> None:
    """Give the journal of the private cluster to its keeper; nothing happens where it is there already.

    Parameters
    ----------
    settings
        Without ``database_url``: the private cluster, whose superuser does it.
    """
    engine = sqlalchemy.create_engine(cluster.admin_url(settings, database=cluster.DATABASE), poolclass=NullPool)
    with engine.begin() as conn:
        if _is_kept(conn):
            return
        if not conn.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": KEEPER}):
            conn.execute(text(f"CREATE ROLE {KEEPER} NOLOGIN"))
        for statement in _statements(ROLE):
            conn.execute(text(statement))


def keeper_faults(conn: Connection) -> tuple[Text, ...]:
    """Return what an administrator has to do before this database user can no longer alter the journal; or nothing."""
    if _is_kept(conn):
        return ()
    user = str(conn.scalar(text("SELECT quote_ident(current_user)")))
    needed = "; ".join((f"CREATE ROLE {KEEPER} NOLOGIN", *_statements(user))) + ";"
    return (
        Text(
            f"操作记录表 journal 仍归当前数据库用户所有；要让本服务无法改动它，请管理员在本数据库执行：{needed}",
            "table journal still belongs to this database user; to keep this service from altering it, let an "
            f"administrator run in this database: {needed}",
        ),
    )


def _statements(user: str) -> tuple[str, ...]:
    return (
        f"ALTER TABLE public.journal OWNER TO {KEEPER}",
        "REVOKE ALL ON public.journal FROM PUBLIC",
        f"REVOKE ALL ON public.journal FROM {user}",
        f"GRANT SELECT, INSERT ON public.journal TO {user}",
    )


def _is_kept(conn: Connection) -> bool:
    """Return whether the journal belongs to the keeper, or there is none."""
    owner = conn.scalar(text("SELECT tableowner FROM pg_tables WHERE schemaname = 'public' AND tablename = 'journal'"))
    return owner in {None, KEEPER}
