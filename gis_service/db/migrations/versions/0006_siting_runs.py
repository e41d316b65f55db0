"""Keep siting runs: questions, candidates, who walks where, gaps left and coverage before and after."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TABLES = ("siting_building", "siting_coverage", "siting_gap", "siting_site", "siting_run")


def upgrade() -> None:
    op.create_table(
        "siting_run",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city_id", sa.BigInteger(), nullable=False, comment="City"),
        sa.Column("rules", postgresql.JSONB(), nullable=False, comment="All parameters in force"),
        sa.Column(
            "summary", postgresql.JSONB(), nullable=False, comment="Objective, proven bound, gap and other remarks"
        ),
        sa.Column(
            "given",
            sa.Boolean(),
            nullable=False,
            comment="True: the candidates came from a file; false: street corners",
        ),
        sa.Column(
            "input_hash",
            sa.Text(),
            nullable=False,
            comment="SHA-256 over network, facilities, buildings, regions, given candidates and rules",
        ),
        sa.Column("candidates_hash", sa.Text(), nullable=False, comment="SHA-256 over the candidates"),
        sa.Column("data_date", sa.Date(), nullable=False, comment="The data describe this day"),
        sa.Column("software_version", sa.Text(), nullable=False, comment="Version that made it"),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was saved",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name=op.f("fk_siting_run_city_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siting_run")),
        comment="Siting runs with everything needed to repeat them",
    )
    op.create_index(op.f("ix_siting_run_city_id"), "siting_run", ["city_id"], unique=False)
    op.create_table(
        "siting_coverage",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("region_id", sa.BigInteger(), nullable=False, comment="Region"),
        sa.Column("buildings", sa.Integer(), nullable=False, comment="Buildings with households [count]"),
        sa.Column("buildings_before", sa.Integer(), nullable=False, comment="of them covered today"),
        sa.Column("buildings_after", sa.Integer(), nullable=False, comment="of them covered with the sites"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count]"),
        sa.Column("households_before", sa.Integer(), nullable=False, comment="of them covered today"),
        sa.Column("households_after", sa.Integer(), nullable=False, comment="of them covered with the sites"),
        sa.Column(
            "residents", sa.Integer(), nullable=True, comment="Residents [count]; NULL: unknown for some building"
        ),
        sa.Column("residents_before", sa.Integer(), nullable=True, comment="of them covered today; NULL: unknown"),
        sa.Column(
            "residents_after", sa.Integer(), nullable=True, comment="of them covered with the sites; NULL: unknown"
        ),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_siting_coverage_region_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["siting_run.id"], name=op.f("fk_siting_coverage_run_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "region_id", name=op.f("pk_siting_coverage")),
        comment="Covered without and with the sites, and all, by region",
    )
    op.create_index(op.f("ix_siting_coverage_region_id"), "siting_coverage", ["region_id"], unique=False)
    op.create_table(
        "siting_gap",
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
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_siting_gap_geometry_valid")
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_siting_gap_households_not_negative")),
        sa.CheckConstraint("residents >= 0", name=op.f("ck_siting_gap_residents_not_negative")),
        sa.ForeignKeyConstraint(["run_id"], ["siting_run.id"], name=op.f("fk_siting_gap_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siting_gap")),
        sa.UniqueConstraint("run_id", "rank", name=op.f("uq_siting_gap_run_id_rank")),
        comment="Clusters of buildings that stay uncovered once the sites are open, ranked by households",
    )
    op.create_index("idx_siting_gap_geometry", "siting_gap", ["geometry"], unique=False, postgresql_using="gist")
    op.create_table(
        "siting_site",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("code", sa.Text(), nullable=False, comment="Id in the candidates' file, or new-1, new-2 …"),
        sa.Column("name", sa.Text(), nullable=False, comment="Name that people read"),
        sa.Column(
            "cost", sa.Double(), nullable=True, comment="Cost in the unit of the candidates' file; NULL: not given"
        ),
        sa.Column("capacity", sa.Double(), nullable=True, comment="Households it can serve; NULL: any number"),
        sa.Column("rank", sa.Integer(), nullable=True, comment="1 contributes most; NULL: not to be opened"),
        sa.Column(
            "households_gained",
            sa.Double(),
            nullable=True,
            comment="Households newly covered after the sites before it; NULL: not to be opened",
        ),
        sa.Column(
            "saved_m",
            sa.Double(),
            nullable=True,
            comment="Household-metres of walking saved after the sites before it; NULL: not to be opened, or not aimed at",
        ),
        sa.Column("street", sa.Text(), nullable=True, comment="Nearest street that has a name; NULL: none has"),
        sa.Column("region_id", sa.BigInteger(), nullable=True, comment="Community; NULL: in none"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="POINT", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="Place",
        ),
        sa.CheckConstraint("(rank IS NULL) = (households_gained IS NULL)", name=op.f("ck_siting_site_gain_iff_rank")),
        sa.CheckConstraint("capacity >= 0", name=op.f("ck_siting_site_capacity_not_negative")),
        sa.CheckConstraint("cost > 0", name=op.f("ck_siting_site_cost_positive")),
        sa.ForeignKeyConstraint(
            ["region_id"], ["region.id"], name=op.f("fk_siting_site_region_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["siting_run.id"], name=op.f("fk_siting_site_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_siting_site")),
        sa.UniqueConstraint("run_id", "code", name=op.f("uq_siting_site_run_id_code")),
        sa.UniqueConstraint("run_id", "rank", name=op.f("uq_siting_site_run_id_rank")),
        comment="Candidate sites of a siting run; those with a rank are to be opened",
    )
    op.create_index("idx_siting_site_geometry", "siting_site", ["geometry"], unique=False, postgresql_using="gist")
    op.create_index(op.f("ix_siting_site_region_id"), "siting_site", ["region_id"], unique=False)
    op.create_table(
        "siting_building",
        sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run"),
        sa.Column("building_id", sa.BigInteger(), nullable=False, comment="Building"),
        sa.Column("facility_id", sa.BigInteger(), nullable=True, comment="Facility that stays; NULL: a site, or none"),
        sa.Column("site_id", sa.BigInteger(), nullable=True, comment="Opened site; NULL: a facility, or none"),
        sa.Column("walk_m", sa.Double(), nullable=True, comment="Walk [m]; NULL: no path"),
        sa.Column("walk_s", sa.Double(), nullable=True, comment="Walk [s]; NULL: no path"),
        sa.Column(
            "covered_before",
            sa.Boolean(),
            nullable=False,
            comment="Within the cut-off (inclusive) of what is there today",
        ),
        sa.Column(
            "covered", sa.Boolean(), nullable=False, comment="Within the cut-off (inclusive) once the sites are open"
        ),
        sa.CheckConstraint(
            "(walk_m IS NULL) = (facility_id IS NULL AND site_id IS NULL)",
            name=op.f("ck_siting_building_walk_iff_target"),
        ),
        sa.CheckConstraint("facility_id IS NULL OR site_id IS NULL", name=op.f("ck_siting_building_one_target")),
        sa.CheckConstraint("walk_s >= 0 AND walk_m >= 0", name=op.f("ck_siting_building_walk_not_negative")),
        sa.ForeignKeyConstraint(
            ["building_id"], ["building.id"], name=op.f("fk_siting_building_building_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["facility_id"], ["facility.id"], name=op.f("fk_siting_building_facility_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["siting_run.id"], name=op.f("fk_siting_building_run_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["site_id"], ["siting_site.id"], name=op.f("fk_siting_building_site_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "building_id", name=op.f("pk_siting_building")),
        comment="Nearest facility or opened site of every building in a siting run",
    )
    op.create_index(op.f("ix_siting_building_building_id"), "siting_building", ["building_id"], unique=False)
    op.create_index(op.f("ix_siting_building_facility_id"), "siting_building", ["facility_id"], unique=False)
    op.create_index(op.f("ix_siting_building_site_id"), "siting_building", ["site_id"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
