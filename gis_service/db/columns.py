"""What the tables are built from: the base class, keys, geometries and checks."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import ARRAY, BigInteger, CheckConstraint, DateTime, ForeignKey, Identity, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

STORED_SRID = 4326
"""Every stored geometry is longitude, latitude on WGS 84; CGCS2000 agrees with it far below a metre."""


class Base(DeclarativeBase):
    """Base of all tables; constraint names are derived, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 SQLAlchemy's own form
        str: Text,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[str]: ARRAY(Text),
    }


def key(comment: str = "Surrogate key, never shown to people") -> Any:
    """Return a surrogate primary key column."""
    return mapped_column(BigInteger, Identity(always=False), primary_key=True, comment=comment)


def reference(column: str, comment: str, **options: Any) -> Any:
    """Return a foreign key column that falls with the row it points to."""
    return mapped_column(BigInteger, ForeignKey(column, ondelete="CASCADE"), comment=comment, **options)


def shape(kind: str, comment: str, *, nullable: bool = False) -> Any:
    """Return a geometry column of one kind in the stored SRID with a GiST index."""
    return mapped_column(Geometry(kind, srid=STORED_SRID, spatial_index=True), comment=comment, nullable=nullable)


def valid(column: str = "geometry") -> CheckConstraint:
    """Return the check that refuses invalid and empty geometries."""
    return CheckConstraint(f"ST_IsValid({column}) AND NOT ST_IsEmpty({column})", name=f"{column}_valid")


def count(column: str) -> CheckConstraint:
    """Return the check that refuses negative counts."""
    return CheckConstraint(f"{column} >= 0", name=f"{column}_not_negative")


def one_of(column: str, choices: tuple[str, ...]) -> CheckConstraint:
    """Return the check that a column holds one of ``choices``."""
    listed = ", ".join(f"'{choice}'" for choice in choices)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")
