"""Files that jobs made, kept for a while for whoever asked."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, delete, func, insert, select

from gis_service.db.job_tables import JobFile

KEPT = timedelta(days=7)
"""A file can be fetched this long; it can be made again at any time."""


@dataclass(frozen=True)
class StoredFile:
    """A file.

    Parameters
    ----------
    name, media_type, content
        As a browser is told.
    """

    name: str
    media_type: str
    content: bytes


def save_file(conn: Connection, job: int, name: str, media_type: str, content: bytes) -> None:
    """Keep the file of a job, and forget those that are older than `KEPT`."""
    conn.execute(delete(JobFile).where(JobFile.made_at < func.now() - KEPT))
    conn.execute(insert(JobFile).values(job_id=job, name=name, media_type=media_type, content=content))


def load_file(conn: Connection, job: int) -> StoredFile | None:
    """Return the file of a job; None where it made none, or it is too old."""
    columns = (JobFile.name, JobFile.media_type, JobFile.content)
    query = select(*columns).where(JobFile.job_id == job, JobFile.made_at >= func.now() - KEPT)
    row = conn.execute(query).one_or_none()
    return None if row is None else StoredFile(row.name, row.media_type, bytes(row.content))
