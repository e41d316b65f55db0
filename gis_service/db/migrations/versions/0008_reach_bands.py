"""Keep of a reach run its catchments, bands of coverage and floor areas, and what its gaps are called."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

MEASURES = (
    ("buildings", "Buildings with households [count]", "of them within the cut-off on foot", False),
    ("households", "Households [count]", "of them on foot", False),
    ("residents", "Residents [count]; NULL: unknown for some building", "of them on foot; NULL: unknown", True),
    ("elderly", "Residents of 60 and over [count]; NULL: unknown", "of them on foot; NULL: unknown", True),
    ("children", "Children [count]; NULL: unknown", "of them on foot; NULL: unknown", True),
)


def upgrade() -> None:
    _catchment()
    _reach_facility()
    _band_coverage()
    op.add_column(
        "reach_building",
        sa.Column("access_m2", sa.Double(), comment="Floor area per hundred households within reach [m²]"),
    )
    for column in _gap_columns():
        op.add_column("gap", column)
    op.execute("COMMENT ON TABLE gap IS 'Clusters of uncovered buildings, ranked by people'")
    op.create_check_constraint(op.f("ck_gap_elderly_not_negative"), "gap", "elderly >= 0")
    op.create_foreign_key(op.f("fk_gap_facility_id"), "gap", "facility", ["facility_id"], ["id"], ondelete="CASCADE")
    op.create_index(op.f("ix_gap_facility_id"), "gap", ["facility_id"])


def downgrade() -> None:
    op.execute("COMMENT ON TABLE gap IS 'Clusters of uncovered buildings, ranked by households'")
    for column in _gap_columns():
        op.drop_column("gap", column.name)
    op.drop_column("reach_building", "access_m2")
    for table in ("band_coverage", "reach_facility", "catchment"):
        op.drop_table(table)


def _gap_columns() -> tuple[sa.Column, ...]:
    return (
        sa.Column("name", sa.Text(), server_default="", nullable=False, comment="Community and estate or street"),
        sa.Column("community_code", sa.Text(), comment="Community of its largest building; NULL: none"),
        sa.Column("elderly", sa.Integer(), comment="Residents of 60 and over [count]; NULL: unknown"),
        sa.Column("facility_id", sa.BigInteger(), comment="Facility its shortest walk leads to; NULL: no path"),
        sa.Column("missing_min", sa.Double(), comment="Minutes its shortest walk is too long; NULL: no path"),
    )


def _run() -> sa.Column:
    return sa.Column("run_id", sa.BigInteger(), nullable=False, comment="Run")


def _falls_with(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"), ondelete="CASCADE")


def _catchment() -> None:
    op.create_table(
        "catchment",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        _run(),
        sa.Column("facility_id", sa.BigInteger(), nullable=False, comment="Facility"),
        sa.Column(
            "geometry",
            Geometry(geometry_type="MULTIPOLYGON", srid=4326, dimension=2, spatial_index=False),
            nullable=False,
            comment="From here the facility is the nearest on foot",
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_catchment_geometry_valid")
        ),
        _falls_with("catchment", "run_id", "reach_run"),
        _falls_with("catchment", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catchment")),
        comment="Catchments; those of a run tile the merged service circle of its cut-off",
    )
    op.create_index(op.f("ix_catchment_run_id"), "catchment", ["run_id"])
    op.create_index(op.f("ix_catchment_facility_id"), "catchment", ["facility_id"])
    op.create_index("idx_catchment_geometry", "catchment", ["geometry"], postgresql_using="gist")


def _reach_facility() -> None:
    op.create_table(
        "reach_facility",
        _run(),
        sa.Column("facility_id", sa.BigInteger(), nullable=False, comment="Facility"),
        sa.Column(
            "households",
            sa.Integer(),
            nullable=False,
            comment="Households within the cut-off whose nearest it is [count]",
        ),
        sa.Column(
            "households_in_reach",
            sa.Integer(),
            nullable=False,
            comment="All households within the cut-off of it [count]",
        ),
        sa.Column("area_m2", sa.Double(), comment="Floor area [m²]; NULL: unknown"),
        sa.Column(
            "area_per_hundred_m2",
            sa.Double(),
            comment="Floor area per hundred households whose nearest it is [m²]; NULL: unknown or nobody",
        ),
        sa.Column(
            "shared_per_hundred_m2",
            sa.Double(),
            comment="Floor area per hundred households in reach of it [m²]; NULL: unknown or nobody",
        ),
        sa.Column(
            "over_capacity",
            sa.Boolean(),
            nullable=False,
            comment="Less floor area per hundred households than wanted",
        ),
        sa.CheckConstraint(
            "households >= 0 AND households_in_reach >= 0", name=op.f("ck_reach_facility_households_not_negative")
        ),
        _falls_with("reach_facility", "run_id", "reach_run"),
        _falls_with("reach_facility", "facility_id", "facility"),
        sa.PrimaryKeyConstraint("run_id", "facility_id", name=op.f("pk_reach_facility")),
        comment="Floor area of every facility of a reach run against the households within its cut-off",
    )
    op.create_index(op.f("ix_reach_facility_facility_id"), "reach_facility", ["facility_id"])


def _band_coverage() -> None:
    columns = [
        sa.Column("level", sa.Text(), nullable=False, comment="city, county, street, community or grid"),
        sa.Column("code", sa.Text(), nullable=False, comment="Code of the region, or of the grid in the plan then"),
        sa.Column("minutes", sa.Double(), nullable=False, comment="Cut-off [min], inclusive"),
    ]
    for name, total, covered, unknown in MEASURES:
        straight = (
            "of them within the same metres in a straight line"
            if name == "buildings"
            else ("of them in a straight line" + ("; NULL: unknown" if unknown else ""))
        )
        columns += [
            sa.Column(name, sa.Integer(), nullable=unknown, comment=total),
            sa.Column(f"{name}_covered", sa.Integer(), nullable=unknown, comment=covered),
            sa.Column(f"{name}_straight", sa.Integer(), nullable=unknown, comment=straight),
        ]
    op.create_table(
        "band_coverage",
        _run(),
        *columns,
        sa.CheckConstraint(
            "level IN ('city', 'county', 'street', 'community', 'grid')", name=op.f("ck_band_coverage_level_known")
        ),
        _falls_with("band_coverage", "run_id", "reach_run"),
        sa.PrimaryKeyConstraint("run_id", "level", "code", "minutes", name=op.f("pk_band_coverage")),
        comment="Who is within each cut-off of a reach run, on foot and in a straight line, by region and grid",
    )
