"""The tables of the officials: frozen audits with their evidence, the register of findings, checks in the field.

Rows are added, never changed or deleted, and name cities, regions and grids by code: they outlive imports.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Index, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, count, key, one_of, reference, shape, valid

AREA_KINDS = ("city", "county", "street", "community", "grid", "gap")
FINDING_STATES = ("open", "explained", "resolved")
CHECK_OUTCOMES = ("agrees", "differs", "not_found")
KEPT_TABLES = ("snapshot", "snapshot_building", "snapshot_area", "register_entry", "field_sample", "field_result")
"""Tables whose rows are never changed; a trigger refuses it."""


class Snapshot(Base):
    """A frozen audit of a city."""

    __tablename__ = "snapshot"
    __table_args__ = (
        Index("ix_snapshot_city_taken_at", "city", "taken_at"),
        {"comment": "Audits: indicators and findings, frozen"},
    )

    id: Mapped[int] = key("Number people know it by")
    city: Mapped[str] = mapped_column(comment="Name of the city")
    title: Mapped[str] = mapped_column(
        server_default="", comment="What people call it, such as a quarter; may be empty"
    )
    content: Mapped[dict[str, Any]] = mapped_column(comment="Indicators, findings, parameters, hashes")
    content_hash: Mapped[str] = mapped_column(comment="SHA-256 of the content in canonical JSON")
    dataset_hash: Mapped[str] = mapped_column(
        comment="SHA-256 over the files of the dataset it was made from; no part of the content"
    )
    software_version: Mapped[str] = mapped_column(comment="Version that made it")
    taken_by: Mapped[str] = mapped_column(
        server_default="", comment="Login and post of who had it made, as they were then"
    )
    taken_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was saved")


class SnapshotBuilding(Base):
    """A building as a frozen audit counted it."""

    __tablename__ = "snapshot_building"
    __table_args__ = (
        count("households"),
        valid(),
        Index("ix_snapshot_building_grid", "snapshot_id", "grid_code"),
        Index("ix_snapshot_building_place", "snapshot_id", "place"),
        {"comment": "Buildings as a frozen audit counted them: what its figures lead to"},
    )

    snapshot_id: Mapped[int] = reference("snapshot.id", "Snapshot", primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True, comment="Id in the dataset")
    place: Mapped[str] = mapped_column(comment="Smallest region it lies in; empty: in none")
    community_code: Mapped[str | None] = mapped_column(comment="Community; NULL: outside every community")
    grid_code: Mapped[str | None] = mapped_column(comment="Grid; NULL: in none")
    estate_code: Mapped[str | None] = mapped_column(comment="Estate; NULL: in none")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    residents: Mapped[int | None] = mapped_column(comment="Actual residents [count]; NULL: unknown")
    elderly: Mapped[int | None] = mapped_column(comment="Residents of 60 and more [count]; NULL: unknown")
    children: Mapped[int | None] = mapped_column(comment="Residents under 15 [count]; NULL: unknown")
    facility_code: Mapped[str | None] = mapped_column(comment="Nearest facility on foot; NULL: none, or not walked")
    walk_m: Mapped[float | None] = mapped_column(comment="Walk to it [m]; NULL: no path, or not walked")
    walk_s: Mapped[float | None] = mapped_column(comment="The same [s]")
    straight_m: Mapped[float | None] = mapped_column(comment="Straight line to the nearest [m]; NULL: none")
    elderly_walk_s: Mapped[float | None] = mapped_column(comment="Walk to a facility for the elderly [s]; NULL: none")
    children_walk_s: Mapped[float | None] = mapped_column(comment="Walk to a facility for children [s]; NULL: none")
    covered: Mapped[bool] = mapped_column(comment="Within the cut-off (inclusive)")
    gap_rank: Mapped[int | None] = mapped_column(comment="Gap it is part of; NULL: none")
    geometry: Mapped[Any] = shape("POINT", "A point inside it")


class SnapshotArea(Base):
    """The extent of a region, grid or gap as a frozen audit knew it."""

    __tablename__ = "snapshot_area"
    __table_args__ = (
        one_of("kind", AREA_KINDS),
        valid(),
        {"comment": "Extents of regions, grids and gaps as a frozen audit knew them"},
    )

    snapshot_id: Mapped[int] = reference("snapshot.id", "Snapshot", primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True, comment="city, county, street, community, grid or gap")
    code: Mapped[str] = mapped_column(primary_key=True, comment="Code; of a gap its rank")
    geometry: Mapped[Any] = shape("MULTIPOLYGON", "Extent")


class RegisterEntry(Base):
    """What was decided about a finding."""

    __tablename__ = "register_entry"
    __table_args__ = (
        one_of("state", FINDING_STATES),
        Index("ix_register_entry_city_finding", "city", "finding"),
        {"comment": "The register of findings: everything decided about them; rows are added, never changed"},
    )

    id: Mapped[int] = key()
    city: Mapped[str] = mapped_column(comment="Name of the city")
    finding: Mapped[str] = mapped_column(comment="Name of the finding: its kind and what it is about")
    place: Mapped[str] = mapped_column(comment="Smallest region it lies in; empty: the whole city")
    state: Mapped[str] = mapped_column(comment="open, explained or resolved")
    unit: Mapped[str] = mapped_column(comment="Responsible office; may be empty")
    deadline: Mapped[date | None] = mapped_column(comment="Day until which it is to be mended; NULL: none set")
    note: Mapped[str] = mapped_column(comment="Why, possibly empty")
    snapshot: Mapped[int] = mapped_column(BigInteger, comment="Number of the snapshot it was read in")
    who: Mapped[str] = mapped_column(comment="Login and post of who decided, as they were then")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")


class FieldSample(Base):
    """Grids drawn at random to be checked on the spot."""

    __tablename__ = "field_sample"
    __table_args__ = (
        CheckConstraint("cardinality(grids) > 0", name="grids_some"),
        {"comment": "Grids drawn at random for a check in the field; rows are added, never changed"},
    )

    id: Mapped[int] = key("Number people know it by")
    city: Mapped[str] = mapped_column(index=True, comment="Name of the city")
    region: Mapped[str] = mapped_column(comment="Region they were drawn from; empty: the whole city")
    seed: Mapped[str] = mapped_column(comment="What the draw was made with")
    grids: Mapped[list[str]] = mapped_column(ARRAY(Text), comment="Codes of the grids, in the order drawn")
    snapshot: Mapped[int] = mapped_column(BigInteger, comment="Number of the snapshot they were drawn from")
    who: Mapped[str] = mapped_column(comment="Login and post of who drew, as they were then")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")


class FieldResult(Base):
    """What was found on the spot."""

    __tablename__ = "field_result"
    __table_args__ = (
        one_of("outcome", CHECK_OUTCOMES),
        count("households"),
        Index("ix_field_result_sample_id_grid", "sample_id", "grid"),
        {"comment": "What checks in the field found; the last of a grid counts; rows are added, never changed"},
    )

    id: Mapped[int] = key()
    sample_id: Mapped[int] = reference("field_sample.id", "Sample")
    grid: Mapped[str] = mapped_column(comment="Code of the grid")
    outcome: Mapped[str] = mapped_column(comment="agrees, differs or not_found")
    households: Mapped[int | None] = mapped_column(comment="Households counted on the spot; NULL: not counted")
    note: Mapped[str] = mapped_column(comment="What differs, possibly empty")
    who: Mapped[str] = mapped_column(comment="Login and post of who reported, as they were then")
    at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp(), comment="When")
