"""The read-only role of schema ``api``: what is wrong with it where we were not allowed to make it."""

from sqlalchemy import Connection, text

from gis_service.db.cluster_place import READER
from gis_service.errors import Text

_GRANTS = f"GRANT USAGE ON SCHEMA api TO {READER}; GRANT SELECT ON ALL TABLES IN SCHEMA api TO {READER};"


def reader_faults(conn: Connection) -> tuple[Text, ...]:
    """Return what keeps the reader role from being safe and useful, each with the statements an administrator runs.

    Parameters
    ----------
    conn
        Connection to a migrated database.

    Returns
    -------
    tuple of Text
        Empty where the role exists, may read every view of ``api`` and cannot sign in itself.
    """
    role = conn.execute(text("SELECT rolcanlogin FROM pg_roles WHERE rolname = :role"), {"role": READER}).one_or_none()
    if role is None:
        return (
            Text(
                f"没有只读角色 {READER}，当前数据库用户也无权创建；要用 QGIS 等读取，请管理员在本数据库执行："
                f"CREATE ROLE {READER} NOLOGIN; {_GRANTS}",
                f"there is no read-only role {READER} and this database user may not make it; to read with QGIS, let "
                f"an administrator run in this database: CREATE ROLE {READER} NOLOGIN; {_GRANTS}",
            ),
        )
    faults = []
    if role.rolcanlogin:
        faults.append(
            Text(
                f"只读角色 {READER} 自己就能登录，没有密码，请管理员执行：ALTER ROLE {READER} NOLOGIN;",
                f"the read-only role {READER} can sign in itself, without a password; let an administrator run: "
                f"ALTER ROLE {READER} NOLOGIN;",
            )
        )
    readable = conn.scalar(
        text(
            "SELECT has_schema_privilege(:role, 'api', 'USAGE') "
            "AND bool_and(has_table_privilege(:role, oid, 'SELECT')) "
            "FROM pg_class WHERE relnamespace = 'api'::regnamespace AND relkind = 'v'"
        ),
        {"role": READER},
    )
    if not readable:
        faults.append(
            Text(
                f"只读角色 {READER} 不能读取 api 中的全部视图，请管理员执行：{_GRANTS}",
                f"the read-only role {READER} may not read every view of schema api; let an administrator run: "
                f"{_GRANTS}",
            )
        )
    return tuple(faults)
