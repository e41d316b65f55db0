"""The store: the only home of SQLAlchemy, GeoAlchemy2, psycopg2 and SQL."""
