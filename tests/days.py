"""Days of the office, asked when a test runs: a run that goes past midnight has two of them."""

from datetime import date, datetime, timedelta

from gis_service.exports.about import BEIJING
from gis_service.workflows.moments import office_today

BEFORE_MIDNIGHT = timedelta(seconds=90)


def day_ahead(days: int) -> date:
    """Return the office's day some days after today."""
    return office_today() + timedelta(days=days)


def seconds_to_wait(now: datetime) -> float:
    """Return for how many seconds to wait so that what begins then sees one day: over midnight where it is near."""
    local = now.astimezone(BEIJING)
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), BEIJING)
    return (midnight - local).total_seconds() if midnight - local < BEFORE_MIDNIGHT else 0.0
