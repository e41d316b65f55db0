#!/usr/bin/env python3
"""Write docs/data_dictionary.md from the comments of the tables."""

import argparse
from pathlib import Path

import _environment  # noqa: F401 starts the checkout's own Python first
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from gis_service.db.columns import STORED_SRID
from gis_service.db.tables import METADATA

DICTIONARY = Path(__file__).resolve().parent.parent / "docs" / "data_dictionary.md"
HEAD = f"""# Data dictionary

Every table of the store, as the database itself documents it. Written by `scripts/write_data_dictionary.py` from
`gis_service/db/tables.py`; a test fails when it is stale. Geometries are longitude, latitude in EPSG:{STORED_SRID}.
Schema `api` holds read-only views of the newest plans and reach runs for QGIS; their comments stand in the migration
that makes them.
"""


def dictionary() -> str:
    """Return the data dictionary in Markdown, tables by name."""
    tables = sorted(METADATA.tables.values(), key=lambda table: table.name)
    return "\n".join([HEAD, *map(describe, tables)])


def describe(table: Table) -> str:
    """Return one table's section: what it is, its columns, what the database refuses."""
    rows = [f"| `{column.name}` | {type_of(column)} | {column.comment} |" for column in table.columns]
    refusals = sorted(filter(None, map(rule_of, table.constraints)))
    lines = [f"## {table.name}", "", f"{table.comment}.", "", "| column | type | meaning |", "|---|---|---|", *rows, ""]
    return "\n".join(lines + ([f"- {refusal}" for refusal in refusals] + [""] if refusals else []))


def type_of(column: Column[object]) -> str:
    """Return the column's type, its part in the key and whether it may be NULL."""
    words = [column.type.compile(dialect=postgresql.dialect()).lower()]  # type: ignore[no-untyped-call]
    words += ["key"] if column.primary_key else []
    words += ["may be NULL"] if column.nullable else []
    return ", ".join(words)


def rule_of(constraint: object) -> str | None:
    """Return what a constraint demands; None for the primary key, which the columns tell."""
    if isinstance(constraint, CheckConstraint):
        return f"holds: `{constraint.sqltext}`"
    if isinstance(constraint, ForeignKeyConstraint):
        target = ", ".join(element.target_fullname for element in constraint.elements)
        return f"points: `{', '.join(constraint.column_keys)}` → `{target}`"
    if isinstance(constraint, UniqueConstraint):
        return f"unique: `{', '.join(column.name for column in constraint.columns)}`"
    if isinstance(constraint, ExcludeConstraint):
        return "never overlaps: the days of one `code` in one city"
    return None


if __name__ == "__main__":
    argparse.ArgumentParser(description=f"{__doc__} 由表的注释生成数据字典。").parse_args()
    DICTIONARY.write_text(dictionary(), encoding="utf-8")
