"""Audits that outlive imports, with the evidence behind their figures; the register of findings; checks in the field."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

KEPT = ("snapshot", "snapshot_building", "snapshot_area", "register_entry", "field_sample", "field_result")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("snapshot", sa.Column("city", sa.Text(), comment="Name of the city"))
    op.execute("UPDATE snapshot SET city = city.name FROM city WHERE city.id = snapshot.city_id")
    op.alter_column("snapshot", "city", nullable=False)
    op.drop_column("snapshot", "city_id")
    op.add_column(
        "snapshot",
        sa.Column(
            "title",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="What people call it, such as a quarter; may be empty",
        ),
    )
    op.add_column(
        "snapshot",
        sa.Column(
            "taken_by",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Login and post of who had it made, as they were then",
        ),
    )
    op.alter_column(
        "snapshot", "id", comment="Number people know it by", existing_comment="Surrogate key, never shown to people"
    )
    op.create_index("ix_snapshot_city_taken_at", "snapshot", ["city", "taken_at"])
    op.create_table(
        "snapshot_building",
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False, comment="Snapshot"),
        sa.Column("code", sa.Text(), nullable=False, comment="Id in the dataset"),
        sa.Column("place", sa.Text(), nullable=False, comment="Smallest region it lies in; empty: in none"),
        sa.Column("community_code", sa.Text(), comment="Community; NULL: outside every community"),
        sa.Column("grid_code", sa.Text(), comment="Grid; NULL: in none"),
        sa.Column("estate_code", sa.Text(), comment="Estate; NULL: in none"),
        sa.Column("households", sa.Integer(), nullable=False, comment="Households [count]"),
        sa.Column("residents", sa.Integer(), comment="Actual residents [count]; NULL: unknown"),
        sa.Column("elderly", sa.Integer(), comment="Residents of 60 and more [count]; NULL: unknown"),
        sa.Column("children", sa.Integer(), comment="Residents under 15 [count]; NULL: unknown"),
        sa.Column("facility_code", sa.Text(), comment="Nearest facility on foot; NULL: none, or not walked"),
        sa.Column("walk_m", sa.Float(), comment="Walk to it [m]; NULL: no path, or not walked"),
        sa.Column("walk_s", sa.Float(), comment="The same [s]"),
        sa.Column("straight_m", sa.Float(), comment="Straight line to the nearest [m]; NULL: none"),
        sa.Column("elderly_walk_s", sa.Float(), comment="Walk to a facility for the elderly [s]; NULL: none"),
        sa.Column("children_walk_s", sa.Float(), comment="Walk to a facility for children [s]; NULL: none"),
        sa.Column("covered", sa.Boolean(), nullable=False, comment="Within the cut-off (inclusive)"),
        sa.Column("gap_rank", sa.Integer(), comment="Gap it is part of; NULL: none"),
        sa.Column(
            "geometry", Geometry("POINT", srid=4326, spatial_index=False), nullable=False, comment="A point inside it"
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_snapshot_building_geometry_valid")
        ),
        sa.CheckConstraint("households >= 0", name=op.f("ck_snapshot_building_households_not_negative")),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_snapshot_building_snapshot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "code", name=op.f("pk_snapshot_building")),
        comment="Buildings as a frozen audit counted them: what its figures lead to",
    )
    op.create_index("idx_snapshot_building_geometry", "snapshot_building", ["geometry"], postgresql_using="gist")
    op.create_index("ix_snapshot_building_grid", "snapshot_building", ["snapshot_id", "grid_code"])
    op.create_index("ix_snapshot_building_place", "snapshot_building", ["snapshot_id", "place"])
    op.create_table(
        "snapshot_area",
        sa.Column("snapshot_id", sa.BigInteger(), nullable=False, comment="Snapshot"),
        sa.Column("kind", sa.Text(), nullable=False, comment="city, county, street, community, grid or gap"),
        sa.Column("code", sa.Text(), nullable=False, comment="Code; of a gap its rank"),
        sa.Column(
            "geometry", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False, comment="Extent"
        ),
        sa.CheckConstraint(
            "ST_IsValid(geometry) AND NOT ST_IsEmpty(geometry)", name=op.f("ck_snapshot_area_geometry_valid")
        ),
        sa.CheckConstraint(
            "kind IN ('city', 'county', 'street', 'community', 'grid', 'gap')", name=op.f("ck_snapshot_area_kind_known")
        ),
        sa.ForeignKeyConstraint(
            ["snapshot_id"], ["snapshot.id"], name=op.f("fk_snapshot_area_snapshot_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("snapshot_id", "kind", "code", name=op.f("pk_snapshot_area")),
        comment="Extents of regions, grids and gaps as a frozen audit knew them",
    )
    op.create_index("idx_snapshot_area_geometry", "snapshot_area", ["geometry"], postgresql_using="gist")
    op.create_table(
        "register_entry",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("city", sa.Text(), nullable=False, comment="Name of the city"),
        sa.Column("finding", sa.Text(), nullable=False, comment="Name of the finding: its kind and what it is about"),
        sa.Column("place", sa.Text(), nullable=False, comment="Smallest region it lies in; empty: the whole city"),
        sa.Column("state", sa.Text(), nullable=False, comment="open, explained or resolved"),
        sa.Column("unit", sa.Text(), nullable=False, comment="Responsible office; may be empty"),
        sa.Column("deadline", sa.Date(), comment="Day until which it is to be mended; NULL: none set"),
        sa.Column("note", sa.Text(), nullable=False, comment="Why, possibly empty"),
        sa.Column("snapshot", sa.BigInteger(), nullable=False, comment="Number of the snapshot it was read in"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who decided, as they were then"),
        sa.Column("at", moment, server_default=sa.func.clock_timestamp(), nullable=False, comment="When"),
        sa.CheckConstraint("state IN ('open', 'explained', 'resolved')", name=op.f("ck_register_entry_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_entry")),
        comment="The register of findings: everything decided about them; rows are added, never changed",
    )
    op.create_index("ix_register_entry_city_finding", "register_entry", ["city", "finding"])
    op.create_table(
        "field_sample",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False, comment="Number people know it by"),
        sa.Column("city", sa.Text(), nullable=False, comment="Name of the city"),
        sa.Column("region", sa.Text(), nullable=False, comment="Region they were drawn from; empty: the whole city"),
        sa.Column("seed", sa.Text(), nullable=False, comment="What the draw was made with"),
        sa.Column("grids", sa.ARRAY(sa.Text()), nullable=False, comment="Codes of the grids, in the order drawn"),
        sa.Column("snapshot", sa.BigInteger(), nullable=False, comment="Number of the snapshot they were drawn from"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who drew, as they were then"),
        sa.Column("at", moment, server_default=sa.func.clock_timestamp(), nullable=False, comment="When"),
        sa.CheckConstraint("cardinality(grids) > 0", name=op.f("ck_field_sample_grids_some")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_sample")),
        comment="Grids drawn at random for a check in the field; rows are added, never changed",
    )
    op.create_index("ix_field_sample_city", "field_sample", ["city"])
    op.create_table(
        "field_result",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=False),
            nullable=False,
            comment="Surrogate key, never shown to people",
        ),
        sa.Column("sample_id", sa.BigInteger(), nullable=False, comment="Sample"),
        sa.Column("grid", sa.Text(), nullable=False, comment="Code of the grid"),
        sa.Column("outcome", sa.Text(), nullable=False, comment="agrees, differs or not_found"),
        sa.Column("households", sa.Integer(), comment="Households counted on the spot; NULL: not counted"),
        sa.Column("note", sa.Text(), nullable=False, comment="What differs, possibly empty"),
        sa.Column("who", sa.Text(), nullable=False, comment="Login and post of who reported, as they were then"),
        sa.Column("at", moment, server_default=sa.func.clock_timestamp(), nullable=False, comment="When"),
        sa.CheckConstraint("households >= 0", name=op.f("ck_field_result_households_not_negative")),
        sa.CheckConstraint("outcome IN ('agrees', 'differs', 'not_found')", name=op.f("ck_field_result_outcome_known")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["field_sample.id"], name=op.f("fk_field_result_sample_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_result")),
        comment="What checks in the field found; the last of a grid counts; rows are added, never changed",
    )
    op.create_index("ix_field_result_sample_id_grid", "field_result", ["sample_id", "grid"])
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("DROP TRIGGER snapshot_is_final ON snapshot")
    for table in ("field_result", "field_sample", "register_entry", "snapshot_area", "snapshot_building"):
        op.drop_table(table)
    op.drop_index("ix_snapshot_city_taken_at", "snapshot")
    op.add_column("snapshot", sa.Column("city_id", sa.BigInteger(), comment="City"))
    op.execute("UPDATE snapshot SET city_id = city.id FROM city WHERE city.name = snapshot.city")
    op.execute("DELETE FROM snapshot WHERE city_id IS NULL")
    op.alter_column("snapshot", "city_id", nullable=False)
    op.create_foreign_key(op.f("fk_snapshot_city_id"), "snapshot", "city", ["city_id"], ["id"], ondelete="CASCADE")
    op.create_index(op.f("ix_snapshot_city_id"), "snapshot", ["city_id"])
    op.alter_column(
        "snapshot", "id", comment="Surrogate key, never shown to people", existing_comment="Number people know it by"
    )
    for column in ("taken_by", "title", "city"):
        op.drop_column("snapshot", column)
