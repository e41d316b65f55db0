"""Alembic's environment: runs on the connection that ``gis_service.db.migrate`` hands in."""

from alembic import context
from geoalchemy2 import alembic_helpers

from gis_service.db.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    compare_server_default=True,
    include_object=alembic_helpers.include_object,
    process_revision_directives=alembic_helpers.writer,
    render_item=alembic_helpers.render_item,
)
with context.begin_transaction():
    context.run_migrations()
