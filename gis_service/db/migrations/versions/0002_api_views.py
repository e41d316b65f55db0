"""Create schema api: what QGIS and other readers see, and the role that may see it and nothing else."""

import textwrap

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

READER = "gis_service_reader"

NEWEST_PLAN = """
    SELECT DISTINCT ON (plan.region_id) plan.id, plan.region_id, plan.name, plan.data_date
    FROM public.plan
    ORDER BY plan.region_id, plan.created_at DESC, plan.id DESC
"""
NEWEST_RUN = """
    SELECT DISTINCT ON (reach_run.city_id) reach_run.id, reach_run.city_id, reach_run.minutes, reach_run.speed_m_per_s
    FROM public.reach_run
    ORDER BY reach_run.city_id, reach_run.created_at DESC, reach_run.id DESC
"""
CITY = {
    "id": "Integer key of the row",
    "city": "City, as programs name it",
    "synthetic": "True: invented data",
}

# view -> (what it shows, query, column -> comment); the columns of the query in order.
VIEWS = {
    "community": (
        "Communities that have an extent",
        """
        SELECT region.id, city.name AS city, city.synthetic, region.code, region.name, street.name AS street_name,
            building.buildings, building.households, building.residents, region.geometry
        FROM public.region
        JOIN public.city ON city.id = region.city_id
        LEFT JOIN public.region AS street ON street.id = region.parent_id
        LEFT JOIN (
            SELECT region_id, count(*) AS buildings, sum(households) AS households,
                CASE WHEN count(*) = count(residents) THEN sum(residents) END AS residents
            FROM public.building GROUP BY region_id
        ) AS building ON building.region_id = region.id
        WHERE region.level = 'community' AND region.valid_to IS NULL AND region.geometry IS NOT NULL
        """,
        CITY
        | {
            "code": "Official code",
            "name": "Name",
            "street_name": "Street it belongs to",
            "buildings": "Buildings [count]",
            "households": "Households [count]",
            "residents": "Residents [count]; NULL: unknown for some building",
            "geometry": "Extent",
        },
    ),
    "grid": (
        "Grids (网格) of the newest plan of each community",
        f"""
        SELECT grid.id, city.name AS city, city.synthetic, region.code AS community_code, region.name AS community_name,
            plan.name AS plan, plan.data_date, grid.code, grid.name, grid.kind, grid.status, grid.households,
            grid.residents, grid.geometry
        FROM public.grid
        JOIN ({NEWEST_PLAN}) AS plan ON plan.id = grid.plan_id
        JOIN public.region ON region.id = grid.region_id
        JOIN public.city ON city.id = region.city_id
        """,
        CITY
        | {
            "community_code": "Code of its community",
            "community_name": "Name of its community",
            "plan": "Name of the plan",
            "data_date": "The households are those of this day",
            "code": "Grid code",
            "name": "Name",
            "kind": "base or special",
            "status": "normal, small, large, conflict or special, by the plan's rules",
            "households": "Households [count]",
            "residents": "Residents [count]; NULL: unknown for some building",
            "geometry": "Extent",
        },
    ),
    "building": (
        "Buildings with their counts and the grid of the newest plan",
        f"""
        SELECT building.id, city.name AS city, city.synthetic, building.code, region.code AS community_code,
            estate.name AS estate_name, newest.grid_code, building.households, building.residents, building.elderly,
            building.children, building.floors, building.households_source, building.geometry
        FROM public.building
        JOIN public.city ON city.id = building.city_id
        LEFT JOIN public.region ON region.id = building.region_id
        LEFT JOIN public.estate ON estate.id = building.estate_id
        LEFT JOIN (
            SELECT unit_building.building_id, grid.code AS grid_code
            FROM ({NEWEST_PLAN}) AS plan
            JOIN public.assignment ON assignment.plan_id = plan.id
            JOIN public.grid ON grid.id = assignment.grid_id
            JOIN public.unit_building ON unit_building.unit_id = assignment.unit_id
        ) AS newest ON newest.building_id = building.id
        """,
        CITY
        | {
            "code": "Id in the dataset",
            "community_code": "Code of its community; NULL: outside every community",
            "estate_name": "Estate; NULL: none",
            "grid_code": "Grid in the newest plan of its community; NULL: no plan",
            "households": "Households [count]",
            "residents": "Residents [count]; NULL: unknown",
            "elderly": "Residents of 60 and more [count]; NULL: unknown",
            "children": "Residents under 15 [count]; NULL: unknown",
            "floors": "Floors above ground; NULL: unknown",
            "households_source": "observed or estimated",
            "geometry": "Footprint, or a point",
        },
    ),
    "estate": (
        "Residential estates (小区) whose extent is known",
        """
        SELECT estate.id, city.name AS city, city.synthetic, estate.code, estate.name, estate.geometry
        FROM public.estate
        JOIN public.city ON city.id = estate.city_id
        WHERE estate.geometry IS NOT NULL
        """,
        CITY | {"code": "Id in the dataset", "name": "Name", "geometry": "Extent"},
    ),
    "barrier_line": (
        "Barriers drawn as lines",
        """
        SELECT barrier.id, city.name AS city, city.synthetic, barrier.kind, barrier.name,
            ST_Multi(barrier.geometry)::geometry(MultiLineString, 4326) AS geometry
        FROM public.barrier
        JOIN public.city ON city.id = barrier.city_id
        WHERE ST_Dimension(barrier.geometry) = 1
        """,
        CITY | {"kind": "river, railway, expressway, road or wall", "name": "Name; NULL: unknown", "geometry": "Line"},
    ),
    "barrier_area": (
        "Barriers drawn as areas",
        """
        SELECT barrier.id, city.name AS city, city.synthetic, barrier.kind, barrier.name,
            ST_Multi(barrier.geometry)::geometry(MultiPolygon, 4326) AS geometry
        FROM public.barrier
        JOIN public.city ON city.id = barrier.city_id
        WHERE ST_Dimension(barrier.geometry) = 2
        """,
        CITY | {"kind": "river, railway, expressway, road or wall", "name": "Name; NULL: unknown", "geometry": "Area"},
    ),
    "facility": (
        "Service points, private homes (level 4) left out",
        """
        SELECT facility.id, city.name AS city, city.synthetic, facility.code, facility.name, facility.kind,
            facility.level, facility.address, facility.hours, facility.public, facility.geometry
        FROM public.facility
        JOIN public.city ON city.id = facility.city_id
        WHERE facility.level IS DISTINCT FROM 4
        """,
        CITY
        | {
            "code": "Id in the dataset",
            "name": "Name",
            "kind": "red_station, service_centre, elder_day_care, …",
            "level": "1 street, 2 community, 3 estate or grid; NULL: unknown",
            "address": "Address",
            "hours": "Opening rule as given",
            "public": "The public may see it",
            "geometry": "Where one enters",
        },
    ),
    "service_circle": (
        "Service circles of the newest reach run of each city",
        f"""
        SELECT service_circle.id, city.name AS city, city.synthetic, facility.name AS facility_name,
            service_circle.minutes, run.speed_m_per_s, service_circle.geometry
        FROM public.service_circle
        JOIN ({NEWEST_RUN}) AS run ON run.id = service_circle.run_id
        JOIN public.city ON city.id = run.city_id
        LEFT JOIN public.facility ON facility.id = service_circle.facility_id
        WHERE facility.level IS DISTINCT FROM 4
        """,
        CITY
        | {
            "facility_name": "Facility; NULL: all facilities together",
            "minutes": "Walking time [min]",
            "speed_m_per_s": "Walking speed [m/s]",
            "geometry": "Service circle",
        },
    ),
    "gap": (
        "Gaps of the newest reach run of each city",
        f"""
        SELECT gap.id, city.name AS city, city.synthetic, gap.rank, run.minutes, run.speed_m_per_s, gap.buildings,
            gap.households, gap.residents, gap.nearest_walk_m, gap.geometry
        FROM public.gap
        JOIN ({NEWEST_RUN}) AS run ON run.id = gap.run_id
        JOIN public.city ON city.id = run.city_id
        """,
        CITY
        | {
            "rank": "1 is the largest",
            "minutes": "Cut-off [min]",
            "speed_m_per_s": "Walking speed [m/s]",
            "buildings": "Buildings [count]",
            "households": "Households [count]",
            "residents": "Residents [count]; NULL: unknown for some building",
            "nearest_walk_m": "Shortest walk of its buildings [m]; NULL: no path",
            "geometry": "Surroundings of its buildings",
        },
    ),
}


def upgrade() -> None:
    op.execute("CREATE SCHEMA api")
    op.execute("COMMENT ON SCHEMA api IS 'Views for QGIS and other readers'")
    for view, (about, query, columns) in VIEWS.items():
        op.execute(f"CREATE VIEW api.{view} AS {textwrap.dedent(query)}")
        op.execute(f"COMMENT ON VIEW api.{view} IS {_quoted(about)}")
        for column, comment in columns.items():
            op.execute(f"COMMENT ON COLUMN api.{view}.{column} IS {_quoted(comment)}")
    # Roles belong to the whole server: another database may have made it, or just now make it, or we may not.
    op.execute(
        f"""
        DO $$
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
                CREATE ROLE {READER} NOLOGIN;
            END IF;
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN NULL;
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'role {READER} is missing and may not be made by this user';
        END
        $$
        """
    )
    op.execute(
        f"""
        DO $$
        BEGIN
            IF EXISTS (SELECT FROM pg_roles WHERE rolname = '{READER}') THEN
                GRANT USAGE ON SCHEMA api TO {READER};
                GRANT SELECT ON ALL TABLES IN SCHEMA api TO {READER};
            END IF;
        END
        $$
        """
    )


def downgrade() -> None:
    # The role stays: other databases of the server may use it, and it can do nothing without the schema.
    op.execute("DROP SCHEMA api CASCADE")


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
