"""The tables: what is stored, what the database itself refuses, and what every column means."""

from datetime import date, datetime
from typing import Any

from geoalchemy2 import WKBElement
from sqlalchemy import BigInteger, CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, func, text, true
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gis_service.db.account_tables import Account, AccountRole, SignInFailure  # noqa: F401 they join the metadata
from gis_service.db.columns import Base, count, key, one_of, reference, shape, valid
from gis_service.db.desk_tables import Draft, Journal  # noqa: F401 they join the metadata
from gis_service.db.job_tables import Job  # noqa: F401 joins the metadata
from gis_service.db.reach_tables import BandCoverage, Catchment, ReachFacility  # noqa: F401 they join the metadata
from gis_service.db.register_tables import Snapshot  # noqa: F401 its module's tables join the metadata
from gis_service.db.scenario_tables import Scenario  # noqa: F401 its module's tables join the metadata

METADATA = Base.metadata
"""All tables of this module, for migrations and the data dictionary."""

REGION_LEVELS = ("city", "county", "street", "community")
BARRIER_KINDS = ("river", "railway", "expressway", "road", "wall")
EDGE_ORIGINS = ("streets", "square", "drawn")
STRUCTURES = ("bridge", "tunnel", "covered", "indoor")
GRID_KINDS = ("base", "special")
GRID_STATUSES = ("normal", "small", "large", "conflict", "special", "empty")
REACH_STATUSES = ("ok", "no_network", "no_path")


class City(Base):
    """One imported dataset."""

    __tablename__ = "city"
    __table_args__ = ({"comment": "Cities, each from one dataset folder"},)

    id: Mapped[int] = key()
    name: Mapped[str] = mapped_column(unique=True, comment="Slug, the city's key for programs and addresses")
    title: Mapped[str] = mapped_column(comment="Name that people read")
    data_date: Mapped[date] = mapped_column(comment="The data describe this day")
    synthetic: Mapped[bool] = mapped_column(comment="True: invented data; every page and export says so")
    metric_crs: Mapped[str] = mapped_column(comment="EPSG code of the CRS in which lengths and areas are measured")
    licence: Mapped[str] = mapped_column(comment="Licence of the data as given by the dataset")
    sources: Mapped[list[str]] = mapped_column(comment="Where the data come from")
    content_hash: Mapped[str] = mapped_column(comment="SHA-256 over the dataset's files; equal means nothing to import")
    software_version: Mapped[str] = mapped_column(comment="Version of this software that imported the data")
    imported_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When the import was committed")


class ImportNote(Base):
    """What the import repaired, dropped or noticed."""

    __tablename__ = "import_note"
    __table_args__ = (
        one_of("severity", ("repaired", "dropped", "notice")),
        {"comment": "What the import changed or noticed, row by row"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    severity: Mapped[str] = mapped_column(comment="repaired, dropped or notice")
    file: Mapped[str] = mapped_column(comment="File of the dataset")
    row: Mapped[int | None] = mapped_column(
        comment="Row as a person counts it (header is 1 in tables); NULL: whole file"
    )
    zh: Mapped[str] = mapped_column(comment="What and why, Chinese")
    en: Mapped[str] = mapped_column(comment="What and why, English")


class Region(Base):
    """An administrative unit: city, county, street or community."""

    __tablename__ = "region"
    __table_args__ = (
        one_of("level", REGION_LEVELS),
        valid(),
        CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name="valid_days"),
        ExcludeConstraint(
            ("city_id", "="),
            ("code", "="),
            (text("daterange(valid_from, valid_to)"), "&&"),
            name="ex_region_code_in_time",
            using="gist",
        ),
        UniqueConstraint("id", "city_id"),
        {"comment": "Administrative units; the state re-uses codes, so the key is our own"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    parent_id: Mapped[int | None] = reference("region.id", "The unit above", index=True)
    code: Mapped[str] = mapped_column(comment="Official code, 12 digits for Chinese communities")
    name: Mapped[str] = mapped_column(comment="Name as given")
    level: Mapped[str] = mapped_column(comment="city, county, street or community")
    valid_from: Mapped[date] = mapped_column(comment="First day on which the code meant this unit")
    valid_to: Mapped[date | None] = mapped_column(comment="First day no longer so; NULL: in force on the data date")
    geometry: Mapped[WKBElement | None] = shape(
        "MULTIPOLYGON", "Extent; NULL where only the code is known", nullable=True
    )


class Estate(Base):
    """A residential estate (小区)."""

    __tablename__ = "estate"
    __table_args__ = (valid(), UniqueConstraint("city_id", "code"), {"comment": "Residential estates (小区)"})

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City")
    code: Mapped[str] = mapped_column(comment="Id in the dataset")
    name: Mapped[str] = mapped_column(comment="Name")
    geometry: Mapped[WKBElement | None] = shape("MULTIPOLYGON", "Walled extent; NULL where unknown", nullable=True)


class Building(Base):
    """A building with counts, never with people."""

    __tablename__ = "building"
    __table_args__ = (
        count("households"),
        count("residents"),
        count("elderly"),
        count("children"),
        one_of("households_source", ("observed", "estimated")),
        valid(),
        UniqueConstraint("city_id", "code"),
        {"comment": "Buildings with counts; names, identity and phone numbers of residents are never stored"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City")
    region_id: Mapped[int | None] = reference("region.id", "Community; NULL: outside every community", index=True)
    estate_id: Mapped[int | None] = reference("estate.id", "Estate", index=True)
    code: Mapped[str] = mapped_column(comment="Id in the dataset")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    residents: Mapped[int | None] = mapped_column(comment="Actual residents [count]; NULL: unknown")
    elderly: Mapped[int | None] = mapped_column(comment="Residents of 60 and more [count]; NULL: unknown")
    children: Mapped[int | None] = mapped_column(comment="Residents under 15 [count]; NULL: unknown")
    floors: Mapped[int | None] = mapped_column(comment="Floors above ground; NULL: unknown")
    households_source: Mapped[str] = mapped_column(
        comment="observed, or estimated: spread from an estate's or community's total by floor area"
    )
    geometry: Mapped[WKBElement] = shape("GEOMETRY", "Footprint, or a point where no footprint is known")


class Barrier(Base):
    """A line or area that a grid should not straddle or may follow."""

    __tablename__ = "barrier"
    __table_args__ = (
        one_of("kind", BARRIER_KINDS),
        valid(),
        {"comment": "Rivers, railways, expressways, roads, walls"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    kind: Mapped[str] = mapped_column(comment="river, railway, expressway, road or wall")
    name: Mapped[str | None] = mapped_column(comment="Name; NULL: unknown")
    geometry: Mapped[WKBElement] = shape("GEOMETRY", "Line or polygon")


class Facility(Base):
    """A service point."""

    __tablename__ = "facility"
    __table_args__ = (
        CheckConstraint("area_m2 > 0", name="area_m2_positive"),
        CheckConstraint("level BETWEEN 1 AND 4", name="level_known"),
        CheckConstraint("level IS DISTINCT FROM 4 OR NOT public", name="home_not_public"),
        valid(),
        UniqueConstraint("city_id", "code"),
        {"comment": "Service points; level 4 is a private home and never public"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City")
    code: Mapped[str] = mapped_column(comment="Id in the dataset")
    name: Mapped[str] = mapped_column(comment="Name")
    kind: Mapped[str] = mapped_column(comment="red_station, service_centre, elder_day_care, …")
    level: Mapped[int | None] = mapped_column(comment="1 street, 2 community, 3 estate or grid, 4 private home")
    address: Mapped[str | None] = mapped_column(comment="Address")
    hours: Mapped[str | None] = mapped_column(comment="Opening rule as given")
    functions: Mapped[list[str]] = mapped_column(server_default="{}", comment="What it offers")
    phone: Mapped[str | None] = mapped_column(comment="Telephone of the office")
    area_m2: Mapped[float | None] = mapped_column(comment="Floor area [m²]")
    owner: Mapped[str | None] = mapped_column(comment="Organisation that owns or runs it")
    public: Mapped[bool] = mapped_column(comment="The public may see it")
    geometry: Mapped[WKBElement] = shape("POINT", "Where one enters")


class GivenGrid(Base):
    """A grid that came with the dataset: today's grids and special grids."""

    __tablename__ = "given_grid"
    __table_args__ = (one_of("kind", GRID_KINDS), valid(), {"comment": "Grids as they came with the dataset"})

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    region_id: Mapped[int] = reference("region.id", "Community", index=True)
    code: Mapped[str | None] = mapped_column(comment="Code; NULL: none given")
    name: Mapped[str | None] = mapped_column(comment="Name; NULL: none given")
    kind: Mapped[str] = mapped_column(comment="base (基础网格) or special (专属网格)")
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "Extent as given")


class NetworkNode(Base):
    """A vertex of the walking network."""

    __tablename__ = "network_node"
    __table_args__ = (valid(), {"comment": "Vertices of the walking network"})

    city_id: Mapped[int] = reference("city.id", "City", primary_key=True)
    node: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="Number, 0 … n-1")
    geometry: Mapped[WKBElement] = shape("POINT", "Position")


class NetworkEdge(Base):
    """A walkable piece of street between two vertices."""

    __tablename__ = "network_edge"
    __table_args__ = (
        CheckConstraint("length_m >= 0", name="length_m_not_negative"),
        CheckConstraint("crossings >= 0 AND signals >= 0", name="crossings_not_negative"),
        CheckConstraint("slope_to_u > 0 AND slope_to_v > 0", name="slope_positive"),
        one_of("origin", EDGE_ORIGINS),
        one_of("structure", STRUCTURES),
        ForeignKeyConstraint(["city_id", "u"], ["network_node.city_id", "network_node.node"], ondelete="CASCADE"),
        ForeignKeyConstraint(["city_id", "v"], ["network_node.city_id", "network_node.node"], ondelete="CASCADE"),
        Index("ix_network_edge_city_id_u", "city_id", "u"),
        Index("ix_network_edge_city_id_v", "city_id", "v"),
        {"comment": "Edges of the walking network, walkable both ways"},
    )

    city_id: Mapped[int] = reference("city.id", "City", primary_key=True)
    edge: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, comment="Number, 0 … n-1")
    u: Mapped[int] = mapped_column(BigInteger, comment="First vertex")
    v: Mapped[int] = mapped_column(BigInteger, comment="Last vertex")
    length_m: Mapped[float] = mapped_column(comment="Walking length [m]")
    kind: Mapped[str | None] = mapped_column(comment="OSM highway value or the dataset's own; NULL: unknown")
    name: Mapped[str | None] = mapped_column(comment="Street name; NULL: none")
    origin: Mapped[str] = mapped_column(
        server_default="streets", comment="streets (the file), square (straight across one) or drawn (by a planner)"
    )
    structure: Mapped[str | None] = mapped_column(
        comment="bridge, tunnel, covered or indoor; NULL: under the open sky, or unknown"
    )
    crossings: Mapped[float] = mapped_column(
        server_default="0", comment="Crossings without signals along it; those at its ends count half"
    )
    signals: Mapped[float] = mapped_column(
        server_default="0", comment="Crossings with signals along it; those at its ends count half"
    )
    slope_to_u: Mapped[float | None] = mapped_column(
        comment="Time of walking it towards u over that on level ground, by its slopes (Tobler); NULL: unknown"
    )
    slope_to_v: Mapped[float | None] = mapped_column(comment="The same towards v; NULL: unknown")
    geometry: Mapped[WKBElement] = shape("LINESTRING", "From u to v")


class Unit(Base):
    """The smallest piece of land that a grid boundary may follow."""

    __tablename__ = "unit"
    __table_args__ = (
        valid(),
        UniqueConstraint("id", "region_id"),
        UniqueConstraint("region_id", "code"),
        {"comment": "Units; those of a community tile it. A unit cut by a plan stays and gets children"},
    )

    id: Mapped[int] = key()
    region_id: Mapped[int] = reference("region.id", "Community")
    parent_id: Mapped[int | None] = reference("unit.id", "The unit it was cut from; NULL: first cut", index=True)
    code: Mapped[str] = mapped_column(comment="Stable label inside the community")
    kind: Mapped[str] = mapped_column(comment="block, estate, cell or open")
    special: Mapped[str | None] = mapped_column(comment="Name of the special grid it belongs to; NULL: none")
    estate_id: Mapped[int | None] = reference("estate.id", "Estate it is part of; NULL: none", index=True)
    geometry: Mapped[WKBElement] = shape("POLYGON", "Extent")


class UnitBuilding(Base):
    """Which buildings a unit holds."""

    __tablename__ = "unit_building"
    __table_args__ = ({"comment": "Buildings of a unit; a building lies in exactly one unit of each generation"},)

    unit_id: Mapped[int] = reference("unit.id", "Unit", primary_key=True)
    building_id: Mapped[int] = reference("building.id", "Building", primary_key=True, index=True)


class Plan(Base):
    """An assignment of every unit of one community to a grid."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("id", "region_id"),
        UniqueConstraint("region_id", "name"),
        CheckConstraint("effective_to IS NULL OR effective_from < effective_to", name="days"),
        CheckConstraint("NOT tentative OR effective_from IS NULL", name="decided"),
        ExcludeConstraint(
            ("region_id", "="),
            (text("daterange(effective_from, effective_to)"), "&&"),
            name="ex_plan_in_force",
            using="gist",
            where=text("effective_from IS NOT NULL"),
        ),
        {"comment": "Plans; each assigns every unit of one community to one grid"},
    )

    id: Mapped[int] = key()
    region_id: Mapped[int] = reference("region.id", "Community")
    name: Mapped[str] = mapped_column(comment="Name of the plan, the same over the communities of one run")
    rules: Mapped[dict[str, Any]] = mapped_column(comment="Rules in force when it was made")
    findings: Mapped[dict[str, Any]] = mapped_column(comment="Violated soft rules and impossible sizes, with reasons")
    account: Mapped[dict[str, Any]] = mapped_column(
        server_default=text("'{}'::jsonb"),
        comment="What it started from, households moved, what it is worth by each soft rule, why each grid is so",
    )
    seed: Mapped[int] = mapped_column(BigInteger, comment="Seed of the random generator")
    data_date: Mapped[date] = mapped_column(comment="The households are those of this day")
    software_version: Mapped[str] = mapped_column(comment="Version that made it")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was saved")
    effective_from: Mapped[date | None] = mapped_column(comment="First day in force; NULL: never approved")
    effective_to: Mapped[date | None] = mapped_column(comment="First day no longer in force; NULL: none set")
    tentative: Mapped[bool] = mapped_column(
        server_default=text("false"),
        comment="Only asked for at the desk, to begin drafts with: never what maps and audits show",
    )


class Grid(Base):
    """A grid of a plan, with the totals of its units."""

    __tablename__ = "grid"
    __table_args__ = (
        ForeignKeyConstraint(["plan_id", "region_id"], ["plan.id", "plan.region_id"], ondelete="CASCADE"),
        UniqueConstraint("plan_id", "code"),
        UniqueConstraint("id", "plan_id", "region_id"),
        one_of("kind", GRID_KINDS),
        one_of("status", GRID_STATUSES),
        count("households"),
        count("residents"),
        valid(),
        {"comment": "Grids (网格) of a plan; written in the transaction that writes the assignment"},
    )

    id: Mapped[int] = key()
    plan_id: Mapped[int] = mapped_column(BigInteger, comment="Plan")
    region_id: Mapped[int] = mapped_column(
        BigInteger, comment="Community of the plan and of every unit of the grid", index=True
    )
    code: Mapped[str] = mapped_column(comment="Grid code, by default community code + 3 digits")
    name: Mapped[str] = mapped_column(comment="Name that people read")
    kind: Mapped[str] = mapped_column(comment="base (基础网格) or special (专属网格)")
    status: Mapped[str] = mapped_column(comment="normal, small, large, conflict, special or empty, by the plan's rules")
    households: Mapped[int] = mapped_column(comment="Households [count], the sum over its buildings")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "Union of its units")


class Assignment(Base):
    """Which grid a unit belongs to in a plan."""

    __tablename__ = "assignment"
    __table_args__ = (
        ForeignKeyConstraint(["unit_id", "region_id"], ["unit.id", "unit.region_id"], ondelete="CASCADE"),
        ForeignKeyConstraint(
            ["grid_id", "plan_id", "region_id"], ["grid.id", "grid.plan_id", "grid.region_id"], ondelete="CASCADE"
        ),
        Index("ix_assignment_grid_id", "grid_id"),
        Index("ix_assignment_unit_id", "unit_id"),
        {"comment": "Unit to grid; the keys refuse a unit in two grids and a grid of two communities"},
    )

    plan_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, comment="Plan")
    unit_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, comment="Unit")
    grid_id: Mapped[int] = mapped_column(BigInteger, comment="Grid")
    region_id: Mapped[int] = mapped_column(BigInteger, comment="Community of unit, grid and plan")


class ReachRun(Base):
    """One check of who reaches a facility in time."""

    __tablename__ = "reach_run"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes_positive"),
        CheckConstraint("speed_m_per_s > 0", name="speed_positive"),
        {"comment": "Reach runs with everything needed to repeat them"},
    )

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    kinds: Mapped[list[str]] = mapped_column(comment="Kinds of facility that count")
    minutes: Mapped[float] = mapped_column(comment="Cut-off [min], inclusive")
    speed_m_per_s: Mapped[float] = mapped_column(comment="Walking speed [m/s]")
    rules: Mapped[dict[str, Any]] = mapped_column(comment="All parameters in force")
    summary: Mapped[dict[str, Any]] = mapped_column(comment="Network components, unreachable counts and other remarks")
    input_hash: Mapped[str] = mapped_column(comment="SHA-256 over network, facilities, buildings and rules")
    data_date: Mapped[date] = mapped_column(comment="The data describe this day")
    software_version: Mapped[str] = mapped_column(comment="Version that made it")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was saved")


class ReachBuilding(Base):
    """How far one building has to walk."""

    __tablename__ = "reach_building"
    __table_args__ = (
        one_of("status", REACH_STATUSES),
        CheckConstraint("walk_s >= 0 AND walk_m >= 0", name="walk_not_negative"),
        CheckConstraint("walk_back_s >= 0", name="walk_back_not_negative"),
        CheckConstraint("(status = 'ok') = (facility_id IS NOT NULL)", name="facility_iff_ok"),
        CheckConstraint(
            "(walk_s IS NULL) = (walk_m IS NULL) AND (walk_s IS NULL) = (facility_id IS NULL)", name="walk_iff_facility"
        ),
        {"comment": "Nearest facility of every building in a reach run"},
    )

    run_id: Mapped[int] = reference("reach_run.id", "Run", primary_key=True)
    building_id: Mapped[int] = reference("building.id", "Building", primary_key=True, index=True)
    facility_id: Mapped[int | None] = reference("facility.id", "Nearest facility on foot; NULL: none", index=True)
    walk_m: Mapped[float | None] = mapped_column(
        comment="Length on the ground [m] of the quickest walk, both access legs included; NULL: no path"
    )
    walk_s: Mapped[float | None] = mapped_column(comment="Walk [s]; NULL: no path")
    walk_back_s: Mapped[float | None] = mapped_column(comment="Quickest way back from that facility [s]; NULL: no path")
    straight_m: Mapped[float | None] = mapped_column(
        comment="Straight line to the nearest facility [m]; NULL: no facility"
    )
    covered: Mapped[bool] = mapped_column(comment="Within the cut-off (inclusive)")
    status: Mapped[str] = mapped_column(comment="ok, no_network (too far from any street) or no_path")
    access_m2: Mapped[float | None] = mapped_column(comment="Floor area per hundred households within reach [m²]")


class ServiceCircle(Base):
    """The area within the cut-off of one facility, or of all of them."""

    __tablename__ = "service_circle"
    __table_args__ = (valid(), {"comment": "Service circles (isochrone polygons)"})

    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("reach_run.id", "Run", index=True)
    facility_id: Mapped[int | None] = reference("facility.id", "Facility; NULL: all facilities together", index=True)
    minutes: Mapped[float] = mapped_column(comment="Walking time [min]")
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "Service circle")


class Gap(Base):
    """A cluster of buildings outside every circle."""

    __tablename__ = "gap"
    __table_args__ = (
        count("households"),
        count("residents"),
        count("elderly"),
        count("households_no_path"),
        valid(),
        UniqueConstraint("run_id", "rank"),
        {"comment": "Clusters of uncovered buildings, ranked by people"},
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("reach_run.id", "Run")
    rank: Mapped[int] = mapped_column(comment="1 is the largest")
    buildings: Mapped[int] = mapped_column(comment="Buildings [count]")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    nearest_walk_m: Mapped[float | None] = mapped_column(
        comment="Shortest walk of its buildings [m]; NULL: none has a path"
    )
    name: Mapped[str] = mapped_column(server_default="", comment="Community and estate or street")
    community_code: Mapped[str | None] = mapped_column(comment="Community with most people in it; NULL: none")
    elderly: Mapped[int | None] = mapped_column(comment="Residents of 60 and over [count]; NULL: unknown")
    facility_id: Mapped[int | None] = reference(
        "facility.id", "Facility its shortest walk leads to; NULL: no path", index=True
    )
    missing_min: Mapped[float | None] = mapped_column(
        comment="Minutes its mean walk is too long, in earlier versions its shortest; NULL: no path"
    )
    mean_walk_m: Mapped[float | None] = mapped_column(
        comment="Mean walk of its households [m]; NULL: none has a path, or an earlier version's run"
    )
    farthest_walk_m: Mapped[float | None] = mapped_column(comment="Longest walk of its buildings [m]; NULL as above")
    households_no_path: Mapped[int | None] = mapped_column(
        comment="Households without any path [count]; NULL: an earlier version's run"
    )
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "Surroundings of its buildings")


class Coverage(Base):
    """Coverage of one region in one reach run."""

    __tablename__ = "coverage"
    __table_args__ = ({"comment": "Covered and all, by region, in a reach run"},)

    run_id: Mapped[int] = reference("reach_run.id", "Run", primary_key=True)
    region_id: Mapped[int] = reference("region.id", "Region", primary_key=True, index=True)
    buildings: Mapped[int] = mapped_column(comment="Buildings with households [count]")
    buildings_covered: Mapped[int] = mapped_column(comment="of them within the cut-off")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    households_covered: Mapped[int] = mapped_column(comment="of them within the cut-off")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    residents_covered: Mapped[int | None] = mapped_column(comment="of them within the cut-off; NULL: unknown")


class SitingRun(Base):
    """One answer to where the next facilities should open."""

    __tablename__ = "siting_run"
    __table_args__ = ({"comment": "Siting runs with everything needed to repeat them"},)

    id: Mapped[int] = key()
    city_id: Mapped[int] = reference("city.id", "City", index=True)
    rules: Mapped[dict[str, Any]] = mapped_column(comment="All parameters in force")
    summary: Mapped[dict[str, Any]] = mapped_column(comment="Objective, proven bound, gap and other remarks")
    given: Mapped[bool] = mapped_column(comment="True: the candidates came from a file; false: street corners")
    on_map: Mapped[bool] = mapped_column(
        server_default=true(), comment="False: asked for on a page to be weighed there; the map never shows it"
    )
    input_hash: Mapped[str] = mapped_column(
        comment="SHA-256 over network, facilities, buildings, regions, given candidates and rules"
    )
    candidates_hash: Mapped[str] = mapped_column(comment="SHA-256 over the candidates")
    data_date: Mapped[date] = mapped_column(comment="The data describe this day")
    software_version: Mapped[str] = mapped_column(comment="Version that made it")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was saved")


class SitingSite(Base):
    """A candidate site of a siting run, opened or not."""

    __tablename__ = "siting_site"
    __table_args__ = (
        UniqueConstraint("run_id", "code"),
        UniqueConstraint("run_id", "rank"),
        CheckConstraint("cost > 0", name="cost_positive"),
        CheckConstraint("capacity >= 0", name="capacity_not_negative"),
        CheckConstraint("(rank IS NULL) = (households_gained IS NULL)", name="gain_iff_rank"),
        {"comment": "Candidate sites of a siting run; those with a rank are to be opened"},
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("siting_run.id", "Run")
    code: Mapped[str] = mapped_column(comment="Id in the candidates' file, or new-1, new-2 …")
    name: Mapped[str] = mapped_column(comment="Name that people read")
    cost: Mapped[float | None] = mapped_column(comment="Cost in the unit of the candidates' file; NULL: not given")
    capacity: Mapped[float | None] = mapped_column(comment="Households it can serve; NULL: any number")
    rank: Mapped[int | None] = mapped_column(comment="1 contributes most; NULL: not to be opened")
    households_gained: Mapped[float | None] = mapped_column(
        comment="Households newly covered after the sites before it; NULL: not to be opened"
    )
    saved_m: Mapped[float | None] = mapped_column(
        comment="Household-metres of walking saved after the sites before it; NULL: not to be opened, or not aimed at"
    )
    street: Mapped[str | None] = mapped_column(comment="Nearest street that has a name; NULL: none has")
    region_id: Mapped[int | None] = reference("region.id", "Community; NULL: in none", index=True)
    geometry: Mapped[WKBElement] = shape("POINT", "Place")


class SitingBuilding(Base):
    """Where the people of one building walk once the sites are open."""

    __tablename__ = "siting_building"
    __table_args__ = (
        CheckConstraint("facility_id IS NULL OR site_id IS NULL", name="one_target"),
        CheckConstraint("(walk_m IS NULL) = (facility_id IS NULL AND site_id IS NULL)", name="walk_iff_target"),
        CheckConstraint("walk_s >= 0 AND walk_m >= 0", name="walk_not_negative"),
        {"comment": "Nearest facility or opened site of every building in a siting run"},
    )

    run_id: Mapped[int] = reference("siting_run.id", "Run", primary_key=True)
    building_id: Mapped[int] = reference("building.id", "Building", primary_key=True, index=True)
    facility_id: Mapped[int | None] = reference("facility.id", "Facility that stays; NULL: a site, or none", index=True)
    site_id: Mapped[int | None] = reference("siting_site.id", "Opened site; NULL: a facility, or none", index=True)
    walk_m: Mapped[float | None] = mapped_column(comment="Walk [m]; NULL: no path")
    walk_s: Mapped[float | None] = mapped_column(comment="Walk [s]; NULL: no path")
    covered_before: Mapped[bool] = mapped_column(comment="Within the cut-off (inclusive) of what is there today")
    covered: Mapped[bool] = mapped_column(comment="Within the cut-off (inclusive) once the sites are open")


class SitingGap(Base):
    """A cluster of buildings that stays outside every circle."""

    __tablename__ = "siting_gap"
    __table_args__ = (
        count("households"),
        count("residents"),
        valid(),
        UniqueConstraint("run_id", "rank"),
        {"comment": "Clusters of buildings that stay uncovered once the sites are open, ranked by households"},
    )

    id: Mapped[int] = key()
    run_id: Mapped[int] = reference("siting_run.id", "Run")
    rank: Mapped[int] = mapped_column(comment="1 is the largest")
    buildings: Mapped[int] = mapped_column(comment="Buildings [count]")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    nearest_walk_m: Mapped[float | None] = mapped_column(
        comment="Shortest walk of its buildings [m]; NULL: none has a path"
    )
    geometry: Mapped[WKBElement] = shape("MULTIPOLYGON", "Surroundings of its buildings")


class SitingCoverage(Base):
    """Coverage of one region without and with the sites of a siting run."""

    __tablename__ = "siting_coverage"
    __table_args__ = ({"comment": "Covered without and with the sites, and all, by region"},)

    run_id: Mapped[int] = reference("siting_run.id", "Run", primary_key=True)
    region_id: Mapped[int] = reference("region.id", "Region", primary_key=True, index=True)
    buildings: Mapped[int] = mapped_column(comment="Buildings with households [count]")
    buildings_before: Mapped[int] = mapped_column(comment="of them covered today")
    buildings_after: Mapped[int] = mapped_column(comment="of them covered with the sites")
    households: Mapped[int] = mapped_column(comment="Households [count]")
    households_before: Mapped[int] = mapped_column(comment="of them covered today")
    households_after: Mapped[int] = mapped_column(comment="of them covered with the sites")
    residents: Mapped[int | None] = mapped_column(comment="Residents [count]; NULL: unknown for some building")
    residents_before: Mapped[int | None] = mapped_column(comment="of them covered today; NULL: unknown")
    residents_after: Mapped[int | None] = mapped_column(comment="of them covered with the sites; NULL: unknown")
