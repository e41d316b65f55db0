"""Tables of what a reach run tells beside walks and circles: catchments, bands of coverage, floor areas."""

from geoalchemy2 import WKBElement
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.columns import Base, key, one_of, reference, shape, valid

AREA_LEVELS = ("city", "county", "street", "community", "grid")


class Catchment(Base):
    """The ground from which a facility is the nearest on foot."""

    __tablename__ = "catchment"
    __table_args__ = (valid(), {"comment": "Catchments; those of a run tile the merged service circle of its cut-off"})

    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("reach_run.id", "Run", index=True)
    facility_id: Mapped[int] = reference("facility.id", "Facility", index=True)
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "From here the facility is the nearest on foot")


class ReachFacility(Base):
    """Whether a facility has room for those who walk to it."""

    __tablename__ = "reach_facility"
    __table_args__ = (
        CheckConstraint("households >= 0 AND households_in_reach >= 0", name="households_not_negative"),
        {"comment": "Floor area of every facility of a reach run against the households within its cut-off"},
    )

    run_id: Mapped[int] = reference("reach_run.id", "Run", primary_key=True)
    facility_id: Mapped[int] = reference("facility.id", "Facility", primary_key=True, index=True)
    households: Mapped[int] = mapped_column(comment="Households within the cut-off whose nearest it is [count]")
    households_in_reach: Mapped[int] = mapped_column(comment="All households within the cut-off of it [count]")
    area_m2: Mapped[float | None] = mapped_column(comment="Floor area [m²]; NULL: unknown")
    area_per_hundred_m2: Mapped[float | None] = mapped_column(
        comment="Floor area per hundred households whose nearest it is [m²]; NULL: unknown or nobody"
    )
    shared_per_hundred_m2: Mapped[float | None] = mapped_column(
        comment="Floor area per hundred households in reach of it [m²]; NULL: unknown or nobody"
    )
    over_capacity: Mapped[bool] = mapped_column(comment="Less floor area per hundred households than wanted")


class BandCoverage(Base):
    """Coverage of one region or grid within one cut-off of a reach run."""

    __tablename__ = "band_coverage"
    __table_args__ = (
        one_of("level", AREA_LEVELS),
        {"comment": "Who is within each cut-off of a reach run, on foot and in a straight line, by region and grid"},
    )

    run_id: Mapped[int] = reference("reach_run.id", "Run", primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True, comment="city, county, street, community or grid")
    code: Mapped[str] = mapped_column(primary_key=True, comment="Code of the region, or of the grid in the plan then")
    minutes: Mapped[float] = mapped_column(primary_key=True, comment="Cut-off [min], inclusive")
    buildings: Mapped[int] = mapped_column(comment="Buildings with households [count]")
    buildings_covered: Mapped[int] = mapped_column(comment="of them within the cut-off on foot")
    buildings_straight: Mapped[int] = mapped_column(comment="of them within the same metres in a straight line")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    households_covered: Mapped[int] = mapped_column(comment="of them on foot")
    households_straight: Mapped[int] = mapped_column(comment="of them in a straight line")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    residents_covered: Mapped[int | None] = mapped_column(comment="of them on foot; NULL: unknown")
    residents_straight: Mapped[int | None] = mapped_column(comment="of them in a straight line; NULL: unknown")
    elderly: Mapped[int | None] = mapped_column(comment="Residents of 60 and over [count]; NULL: unknown")
    elderly_covered: Mapped[int | None] = mapped_column(comment="of them on foot; NULL: unknown")
    elderly_straight: Mapped[int | None] = mapped_column(comment="of them in a straight line; NULL: unknown")
    children: Mapped[int | None] = mapped_column(comment="Children [count]; NULL: unknown")
    children_covered: Mapped[int | None] = mapped_column(comment="of them on foot; NULL: unknown")
    children_straight: Mapped[int | None] = mapped_column(comment="of them in a straight line; NULL: unknown")
