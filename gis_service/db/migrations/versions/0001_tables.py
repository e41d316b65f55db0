"""Create the tables and the extensions they need."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 one statement a table or index
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    op.create_table(
        "city",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Slug, the city's key for programs and addresses"),
        sa.Column("title", sa.Text(), nullable=False, comment="Name that people read"),
        sa.Column("data_date", sa.Date(), nullable=False, comment="The data describe this day"),
        sa.Column(
            "synthetic", sa.Boolean(), nullable=False, comment="True: invented data; every page and export says so"
        ),
        sa.Column(
            "metric_crs",
            sa.Text(),
            nullable=False,
            comment="EPSG code of the CRS in which lengths and areas are measured",
        ),
        sa.Column("licence", sa.Text(), nullable=False, comment="Licence of the data as given by the dataset"),
        sa.Column("sources", sa.ARRAY(sa.Text()), nullable=False, comment="Where the data come from"),
        sa.Column(
            "content_hash",
            sa.Text(),
            nullable=False,
            comment="SHA-256 over the dataset's files; equal means nothing to import",
        ),
        sa.Column(
            "software_version", sa.Text(), nullable=False, comment="Version of this software that imported the data"
        ),
        sa.Column(
            "imported_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the import was committed",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city")),
        sa.UniqueConstraint("name", name=op.f("uq_city_name")),
        comment="Cities, each from one dataset folder",
    )
    op.create_table(
        "barrier",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("kind", sa.Text(), nullable=False, comment="river, railway, expressway, road or wall"),
        sa.Column("name", sa.Text(), nullable=True, comment="Name; NULL: unknown"),
        sa.Column(
            "geometry", Geometry(srid=4326, dimension=2, spatial_index=False), nullable=False, comment="Line or polygon"
        ),
        sa.CheckConstraint(
            "kind IN ('river', 'railway', 'expressway', 'road', 'wall')", name=op.f("ck_barrier_kind_known")
        ),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_barrier_geometry_valid")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_barrier_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_barrier")),
        comment="Rivers, railways, expressways, roads, walls",
    )
    op.create_index("idx_barrier_geometry", "barrier", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_barrier_city_id"), "barrier", ["city_id"], unique=False)
    op.create_table(
        "estate",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("code", sa.Text(), nullable=False, comment="Id in the dataset"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
            comment="Walled extent; NULL where unknown",
        ),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_estate_geometry_valid")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_estate_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estate")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_estate_city_id_code")),
        comment="Residential estates (小区)",
    )
    op.create_index("idx_estate_geometry", "estate", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "facility",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("code", sa.Text(), nullable=False, comment="Id in the dataset"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name"),
        sa.Column("kind", sa.Text(), nullable=False, comment="red_station, service_centre, elder_day_care, …"),
        sa.Column(
            "level", sa.Integer(), nullable=True, comment="1 street, 2 community, 3 estate or grid, 4 private home"
        ),
        sa.Column("address", sa.Text(), nullable=True, comment="Address"),
        sa.Column("hours", sa.Text(), nullable=True, comment="Opening rule as given"),
        sa.Column("functions", sa.ARRAY(sa.Text()), server_default="{}", nullable=False, comment="What it offers"),
        sa.Column("phone", sa.Text(), nullable=True, comment="Telephone of the office"),
        sa.Column("area_m2", sa.Double(), nullable=True, comment="Floor area [m²]"),
        sa.Column("owner", sa.Text(), nullable=True, comment="Organisation that owns or runs it"),
        sa.Column("public", sa.Boolean(), nullable=False, comment="The public may see it"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Where one enters",
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_facility_geometry_valid")
        ),
        sa.CheckConstraint("area_m2 > 0", name=op.f("ck_facility_area_m2_positive")),
        sa.CheckConstraint("level BETWEEN 1 AND 4", name=op.f("ck_facility_level_known")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_facility_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_facility_city_id_code")),
        comment="Service points; level 4 is a private home and never public",
    )
    op.create_index("idx_facility_geometry", "facility", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "import_note",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("severity", sa.Text(), nullable=False, comment="repaired, dropped or notice"),
        sa.Column("file", sa.Text(), nullable=False, comment="File of the dataset"),
        sa.Column(
            "row",
            sa.Integer(),
            nullable=True,
            comment="Row as a person counts it (header is 1 in tables); NULL: whole file",
        ),
        sa.Column("zh", sa.Text(), nullable=False, comment="What and why, Chinese"),
        sa.Column("en", sa.Text(), nullable=False, comment="What and why, English"),
        sa.CheckConstraint("severity IN ('repaired', 'dropped', 'notice')", name=op.f("ck_import_note_severity_known")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_import_note_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_note")),
        comment="What the import changed or noticed, row by row",
    )
    op.create_index(op.f("ix_import_note_city_id"), "import_note", ["city_id"], unique=False)
    op.create_table(
        "network_node",
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("node", sa.BigInteger(), autoincrement=False, nullable=False, comment="Number, 0 … n-1"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Position",
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_network_node_geometry_valid")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_network_node_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city_id", "node", name=op.f("pk_network_node")),
        comment="Vertices of the walking network",
    )
    op.create_index("idx_network_node_geometry", "network_node", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "reach_run",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("kinds", sa.ARRAY(sa.Text()), nullable=False, comment="Kinds of facility that count"),
        sa.Column("minutes", sa.Double(), nullable=False, comment="Cut-off [min], inclusive"),
        sa.Column("speed_m_per_s", sa.Double(), nullable=False, comment="Walking speed [m/s]"),
        sa.Column("rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="All parameters in force"),
        sa.Column(
            "summary",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Network components, unreachable counts and other remarks",
        ),
        sa.Column(
            "input_hash", sa.Text(), nullable=False, comment="SHA-256 over network, facilities, buildings and rules"
        ),
        sa.Column("data_date", sa.Date(), nullable=False, comment="The data describe this day"),
        sa.Column("software_version", sa.Text(), nullable=False, comment="Version that made it"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.CheckConstraint("minutes > 0", name=op.f("ck_reach_run_minutes_positive")),
        sa.CheckConstraint("speed_m_per_s > 0", name=op.f("ck_reach_run_speed_positive")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_reach_run_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reach_run")),
        comment="Reach runs with everything needed to repeat them",
    )
    op.create_index(op.f("ix_reach_run_city_id"), "reach_run", ["city_id"], unique=False)
    op.create_table(
        "region",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="The unit above"),
        sa.Column("code", sa.Text(), nullable=False, comment="Official code, 12 digits for Chinese communities"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name as given"),
        sa.Column("level", sa.Text(), nullable=False, comment="city, county, street or community"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="First day on which the code meant this unit"),
        sa.Column(
            "valid_to", sa.Date(), nullable=True, comment="First day on which it no longer did; NULL: still does"
        ),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=True,
            comment="Extent; NULL where only the code is known",
        ),
        postgresql.ExcludeConstraint(
            (sa.column("city_id"), "="),
            (sa.column("code"), "="),
            (sa.text("daterange(valid_from, valid_to)"), "&&"),
            using="gist",
            name="ex_region_code_in_time",
        ),
        sa.CheckConstraint("level IN ('city', 'county', 'street', 'community')", name=op.f("ck_region_level_known")),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_region_geometry_valid")),
        sa.CheckConstraint("valid_to IS NULL OR valid_from < valid_to", name=op.f("ck_region_valid_days")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_region_city_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["region.id"], name=op.f("fk_region_parent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_region")),
        sa.UniqueConstraint("id", "city_id", name=op.f("uq_region_id_city_id")),
        comment="Administrative units; the state re-uses codes, so the key is our own",
    )
    op.create_index("idx_region_geometry", "region", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_region_city_id"), "region", ["city_id"], unique=False)
    op.create_index(op.f("ix_region_parent_id"), "region", ["parent_id"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column(
            "content",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Indicators, findings, parameters, hashes",
        ),
        sa.Column("content_hash", sa.Text(), nullable=False, comment="SHA-256 of the content in canonical JSON"),
        sa.Column("software_version", sa.Text(), nullable=False, comment="Version that made it"),
        sa.Column(
            "taken_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_snapshot_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        comment="Audits: indicators and findings, frozen",
    )
    op.create_index(op.f("ix_snapshot_city_id"), "snapshot", ["city_id"], unique=False)
    op.create_table(
        "building",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("region_id", sa.BigInteger(), nullable=True, comment="Community; NULL: outside every community"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate"),
        sa.Column("code", sa.Text(), nullable=False, comment="Id in the dataset"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count]"),
        sa.Column("residents", sa.Integer(), nullable=True, comment="Actual residents [count]; NULL: unknown"),
        sa.Column("elderly", sa.Integer(), nullable=True, comment="Residents of 60 and more [count]; NULL: unknown"),
        sa.Column("children", sa.Integer(), nullable=True, comment="Residents under 15 [count]; NULL: unknown"),
        sa.Column("floors", sa.Integer(), nullable=True, comment="Floors above ground; NULL: unknown"),
        sa.Column(
            "households_source",
            sa.Text(),
            nullable=False,
            comment="observed, or estimated: spread from an estate's or community's total by floor area",
        ),
        sa.Column(
            "geometry",
            Geometry(srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Footprint, or a point where no footprint is known",
        ),
        sa.CheckConstraint(
            "households_source IN ('observed', 'estimated')", name=op.f("ck_building_households_source_known")
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_building_geometry_valid")
        ),
        sa.CheckConstraint("children >= 0", name=op.f("ck_building_children_not_negative")),
        sa.CheckConstraint("elderly >= 0", name=op.f("ck_building_elderly_not_negative")),
        sa.CheckConstraint("households >= 0", name=op.f("ck_building_households_not_negative")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_building_residents_not_negative")),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_building_city_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_building_estate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_building_region_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_building")),
        sa.UniqueConstraint("city_id", "code", name=op.f("uq_building_city_id_code")),
        comment="Buildings with counts; names, identity and phone numbers of residents are never stored",
    )
    op.create_index("idx_building_geometry", "building", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_building_estate_id"), "building", ["estate_id"], unique=False)
    op.create_index(op.f("ix_building_region_id"), "building", ["region_id"], unique=False)
    op.create_table(
        "coverage",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Region"),
        sa.Column("buildings", sa.Integer(), nullable=False, comment="Buildings with households [count]"),
        sa.Column("buildings_covered", sa.Integer(), nullable=False, comment="of them within the cut-off"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count]"),
        sa.Column("households_covered", sa.Integer(), nullable=False, comment="of them within the cut-off"),
        sa.Column(
            "residents", sa.Integer(), nullable=True, comment="Residents [count]; NULL: unknown for some building"
        ),
        sa.Column(
            "residents_covered", sa.Integer(), nullable=True, comment="of them within the cut-off; NULL: unknown"
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_coverage_region_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["run_id"], ["reach_run.id"], name=op.f("fk_coverage_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "region_id", name=op.f("pk_coverage")),
        comment="Covered and all, by region, in a reach run",
    )
    op.create_index(op.f("ix_coverage_region_id"), "coverage", ["region_id"], unique=False)
    op.create_table(
        "gap",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("rank", sa.Integer(), nullable=False, comment="1 is the largest"),
        sa.Column("buildings", sa.Integer(), nullable=False, comment="Buildings [count]"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count]"),
        sa.Column(
            "residents", sa.Integer(), nullable=True, comment="Residents [count]; NULL: unknown for some building"
        ),
        sa.Column(
            "nearest_walk_m",
            sa.Double(),
            nullable=True,
            comment="Shortest walk of its buildings [m]; NULL: none has a path",
        ),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Surroundings of its buildings",
        ),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_gap_geometry_valid")),
        sa.CheckConstraint("households >= 0", name=op.f("ck_gap_households_not_negative")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_gap_residents_not_negative")),
        sa.ForeignKeyConstraint(["run_id"], ["reach_run.id"], name=op.f("fk_gap_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap")),
        sa.UniqueConstraint("run_id", "rank", name=op.f("uq_gap_run_id_rank")),
        comment="Clusters of uncovered buildings, ranked by households",
    )
    op.create_index("idx_gap_geometry", "gap", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "given_grid",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column("code", sa.Text(), nullable=True, comment="Code; NULL: none given"),
        sa.Column("name", sa.Text(), nullable=True, comment="Name; NULL: none given"),
        sa.Column("kind", sa.Text(), nullable=False, comment="base (基础网格) or special (专属网格)"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Extent as given",
        ),
        sa.CheckConstraint("kind IN ('base', 'special')", name=op.f("ck_given_grid_kind_known")),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_given_grid_geometry_valid")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_given_grid_city_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_given_grid_region_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_given_grid")),
        comment="Grids as they came with the dataset",
    )
    op.create_index("idx_given_grid_geometry", "given_grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_given_grid_city_id"), "given_grid", ["city_id"], unique=False)
    op.create_index(op.f("ix_given_grid_region_id"), "given_grid", ["region_id"], unique=False)
    op.create_table(
        "network_edge",
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("edge", sa.BigInteger(), autoincrement=False, nullable=False, comment="Number, 0 … n-1"),
        sa.Column("u", sa.BigInteger(), nullable=False, comment="First vertex"),
        sa.Column("v", sa.BigInteger(), nullable=False, comment="Last vertex"),
        sa.Column("length_m", sa.Double(), nullable=False, comment="Walking length [m]"),
        sa.Column("kind", sa.Text(), nullable=True, comment="OSM highway value or the dataset's own; NULL: unknown"),
        sa.Column("name", sa.Text(), nullable=True, comment="Street name; NULL: none"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="LINESTRING", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="From u to v",
        ),
        sa.CheckConstraint("length_m >= 0", name=op.f("ck_network_edge_length_m_not_negative")),
        sa.ForeignKeyConstraint(
            ["city_id", "u"],
            ["network_node.city_id", "network_node.node"],
            name=op.f("fk_network_edge_city_id_u"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "v"],
            ["network_node.city_id", "network_node.node"],
            name=op.f("fk_network_edge_city_id_v"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_network_edge_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("city_id", "edge", name=op.f("pk_network_edge")),
        comment="Edges of the walking network, walkable both ways",
    )
    op.create_index("idx_network_edge_geometry", "network_edge", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index("ix_network_edge_city_id_u", "network_edge", ["city_id", "u"], unique=False)
    op.create_index("ix_network_edge_city_id_v", "network_edge", ["city_id", "v"], unique=False)
    op.create_table(
        "plan",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name of the plan, the same over the communities of one run"
        ),
        sa.Column(
            "rules", postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment="Rules in force when it was made"
        ),
        sa.Column(
            "findings",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="Violated soft rules and impossible sizes, with reasons",
        ),
        sa.Column("seed", sa.BigInteger(), nullable=False, comment="Seed of the random generator"),
        sa.Column("data_date", sa.Date(), nullable=False, comment="The households are those of this day"),
        sa.Column("software_version", sa.Text(), nullable=False, comment="Version that made it"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_plan_region_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("id", "region_id", name=op.f("uq_plan_id_region_id")),
        sa.UniqueConstraint("region_id", "name", name=op.f("uq_plan_region_id_name")),
        comment="Plans; each assigns every unit of one community to one grid",
    )
    op.create_table(
        "service_circle",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("facility_id", sa.BigInteger(), nullable=True, comment="Facility; NULL: all facilities together"),
        sa.Column("minutes", sa.Double(), nullable=False, comment="Walking time [min]"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Service circle",
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_service_circle_geometry_valid")
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_service_circle_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reach_run.id"], name=op.f("fk_service_circle_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_circle")),
        comment="Service circles (isochrone polygons)",
    )
    op.create_index(
        "idx_service_circle_geometry", "service_circle", ["geometry"], unique=False, postgresql_using="gist"
    )
    op.create_index(op.f("ix_service_circle_facility_id"), "service_circle", ["facility_id"], unique=False)
    op.create_index(op.f("ix_service_circle_run_id"), "service_circle", ["run_id"], unique=False)
    op.create_table(
        "unit",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Community"),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="The unit it was cut from; NULL: first cut"),
        sa.Column("code", sa.Text(), nullable=False, comment="Stable label inside the community"),
        sa.Column("kind", sa.Text(), nullable=False, comment="block, estate, cell or open"),
        sa.Column("special", sa.Text(), nullable=True, comment="Name of the special grid it belongs to; NULL: none"),
        sa.Column("estate_id", sa.BigInteger(), nullable=True, comment="Estate it is part of; NULL: none"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="POLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Extent",
        ),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_unit_geometry_valid")),
        sa.ForeignKeyConstraint(["estate_id"], ["estate.id"], name=op.f("fk_unit_estate_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_parent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["region_id"], ["region.id"], name=op.f("fk_unit_region_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("id", "region_id", name=op.f("uq_unit_id_region_id")),
        sa.UniqueConstraint("region_id", "code", name=op.f("uq_unit_region_id_code")),
        comment="Units; those of a community tile it. A unit cut by a plan stays and gets children",
    )
    op.create_index("idx_unit_geometry", "unit", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_unit_estate_id"), "unit", ["estate_id"], unique=False)
    op.create_index(op.f("ix_unit_parent_id"), "unit", ["parent_id"], unique=False)
    op.create_table(
        "grid",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("plan_id", sa.BigInteger(), nullable=False, comment="Plan"),
        sa.Column(
            "region_id", sa.BigInteger(), nullable=False, comment="Community of the plan and of every unit of the grid"
        ),
        sa.Column("code", sa.Text(), nullable=False, comment="Grid code, by default community code + 3 digits"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name that people read"),
        sa.Column("kind", sa.Text(), nullable=False, comment="base (基础网格) or special (专属网格)"),
        sa.Column(
            "status",
            sa.Text(),
            nullable=False,
            comment="normal, small, large, conflict or special, by the plan's rules",
        ),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count], the sum over its buildings"),
        sa.Column(
            "residents", sa.Integer(), nullable=True, comment="Residents [count]; NULL: unknown for some building"
        ),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Union of its units",
        ),
        sa.CheckConstraint("kind IN ('base', 'special')", name=op.f("ck_grid_kind_known")),
        sa.CheckConstraint(
            "status IN ('normal', 'small', 'large', 'conflict', 'special')", name=op.f("ck_grid_status_known")
        ),
        sa.CheckConstraint("ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_grid_geometry_valid")),
        sa.CheckConstraint("households >= 0", name=op.f("ck_grid_households_not_negative")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_grid_residents_not_negative")),
        sa.ForeignKeyConstraint(
            ["plan_id", "region_id"],
            ["plan.id", "plan.region_id"],
            name=op.f("fk_grid_plan_id_region_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grid")),
        sa.UniqueConstraint("id", "plan_id", "region_id", name=op.f("uq_grid_id_plan_id_region_id")),
        sa.UniqueConstraint("plan_id", "code", name=op.f("uq_grid_plan_id_code")),
        comment="Grids (网格) of a plan; written in the transaction that writes the assignment",
    )
    op.create_index("idx_grid_geometry", "grid", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_grid_region_id"), "grid", ["region_id"], unique=False)
    op.create_table(
        "reach_building",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("facility_id", sa.BigInteger(), nullable=True, comment="Nearest facility on foot; NULL: none"),
        sa.Column(
            "walk_m",
            sa.Double(),
            nullable=True,
            comment="Walk [m] along the network, both access legs included; NULL: no path",
        ),
        sa.Column("walk_s", sa.Double(), nullable=True, comment="Walk [s]; NULL: no path"),
        sa.Column(
            "straight_m",
            sa.Double(),
            nullable=True,
            comment="Straight line to the nearest facility [m]; NULL: no facility",
        ),
        sa.Column("covered", sa.Boolean(), nullable=False, comment="Within the cut-off (inclusive)"),
        sa.Column("status", sa.Text(), nullable=False, comment="ok, no_network (too far from any street) or no_path"),
        sa.CheckConstraint(
            "(status = 'ok') = (facility_id IS NOT NULL)", name=op.f("ck_reach_building_facility_iff_ok")
        ),
        sa.CheckConstraint("status IN ('ok', 'no_network', 'no_path')", name=op.f("ck_reach_building_status_known")),
        sa.CheckConstraint(
            "(walk_s IS NULL) = (walk_m IS NULL) AND (walk_s IS NULL) = (facility_id IS NULL)",
            name=op.f("ck_reach_building_walk_iff_facility"),
        ),
        sa.CheckConstraint("walk_s >= 0 AND walk_m >= 0", name=op.f("ck_reach_building_walk_not_negative")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_reach_building_building_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_reach_building_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["reach_run.id"], name=op.f("fk_reach_building_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "building_id", name=op.f("pk_reach_building")),
        comment="Nearest facility of every building in a reach run",
    )
    op.create_index(op.f("ix_reach_building_building_id"), "reach_building", ["building_id"], unique=False)
    op.create_index(op.f("ix_reach_building_facility_id"), "reach_building", ["facility_id"], unique=False)
    op.create_table(
        "unit_building",
        sa.Column("unit_id", sa.BigInteger(), nullable=False, comment="Unit"),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_unit_building_building_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_building_unit_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("unit_id", "building_id", name=op.f("pk_unit_building")),
        comment="Buildings of a unit; a building lies in exactly one unit of each generation",
    )
    op.create_index(op.f("ix_unit_building_building_id"), "unit_building", ["building_id"], unique=False)
    op.create_table(
        "assignment",
        sa.Column("plan_id", sa.BigInteger(), nullable=False, comment="Plan"),
        sa.Column("unit_id", sa.BigInteger(), nullable=False, comment="Unit"),
        sa.Column("grid_id", sa.BigInteger(), nullable=False, comment="Grid"),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Community of unit, grid and plan"),
        sa.ForeignKeyConstraint(
            ["grid_id", "plan_id", "region_id"],
            ["grid.id", "grid.plan_id", "grid.region_id"],
            name=op.f("fk_assignment_grid_id_plan_id_region_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["unit_id", "region_id"],
            ["unit.id", "unit.region_id"],
            name=op.f("fk_assignment_unit_id_region_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("plan_id", "unit_id", name=op.f("pk_assignment")),
        comment="Unit to grid; the keys refuse a unit in two grids and a grid of two communities",
    )
    op.create_index("ix_assignment_grid_id", "assignment", ["grid_id"], unique=False)
    op.create_index("ix_assignment_unit_id", "assignment", ["unit_id"], unique=False)


def downgrade() -> None:
    # The extensions stay: they may have been there before, and other schemas may use them.
    for table in (
        "assignment",
        "unit_building",
        "reach_building",
        "grid",
        "unit",
        "service_circle",
        "plan",
        "network_edge",
        "given_grid",
        "gap",
        "coverage",
        "building",
        "snapshot",
        "region",
        "reach_run",
        "network_node",
        "import_note",
        "facility",
        "estate",
        "barrier",
        "city",
    ):
        op.drop_table(table)
