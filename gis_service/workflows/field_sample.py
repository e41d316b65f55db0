"""Grids drawn at random for a check in the field, in a way that anybody can draw again, and what was found there."""

import hashlib
from collections.abc import Iterable

from gis_service.db import findings_register as store
from gis_service.db.accounts import Account
from gis_service.db.engine import Connection
from gis_service.db.findings_register import Result, Sample
from gis_service.errors import InputError, NotAllowedError, Text
from gis_service.workflows.audit_reading import OpenAudit
from gis_service.workflows.findings_register import LONGEST_NOTE, may_decide, signature

MOST_GRIDS = 300
LONGEST_SEED = 40
OUTCOMES: dict[str, Text] = {
    "agrees": Text("相符", "agrees"),
    "differs": Text("不符", "differs"),
    "not_found": Text("找不到", "not found"),
}


def draw(codes: Iterable[str], number: int, seed: str) -> tuple[str, ...]:
    """Return some of the codes at random: those whose SHA-256 of ``seed:code`` is the smallest, the smallest first.

    Whoever knows the seed and the list of grids can draw again, with any program; a larger sample of the same seed
    begins with the smaller one.

    Parameters
    ----------
    codes
        What is drawn from, in any order.
    number
        How many; all of them where there are fewer.
    seed
        Any text.
    """
    return tuple(sorted(codes, key=lambda code: (hashlib.sha256(f"{seed}:{code}".encode()).hexdigest(), code))[:number])


def drawable(audit: OpenAudit, region: str) -> list[str]:
    """Return the codes of the grids of an audit that a sample is drawn from: those of a region with households."""
    return [grid["code"] for grid in audit.grids(region or None) if grid["households"]]


def draw_sample(
    conn: Connection, audit: OpenAudit, *, account: Account | None, region: str, number: int, seed: str
) -> int:
    """Draw grids with households from a region, keep the draw, and return its number.

    Raises
    ------
    NotAllowedError
        Nobody is signed in, or no auditor of the region.
    InputError
        The number or the seed is out of bounds, or there is no grid to draw.
    """
    if account is None or not may_decide(account, audit, region):
        raise NotAllowedError(
            Text(
                "只有本区域的审核人员可以抽样，请先登录", "only auditors of the region may draw a sample; sign in first"
            )
        )
    if not 1 <= number <= MOST_GRIDS:
        raise InputError(Text(f"抽样数应为 1 到 {MOST_GRIDS}", f"a sample has 1 to {MOST_GRIDS} grids"))
    if not 0 < len(seed.strip()) <= LONGEST_SEED:
        raise InputError(Text(f"随机种子应为 1 到 {LONGEST_SEED} 个字符", f"a seed has 1 to {LONGEST_SEED} characters"))
    codes = drawable(audit, region)
    if not codes:
        raise InputError(Text("这里没有可抽的网格", "there is no grid to draw here"))
    drawn = draw(codes, number, seed.strip())
    return store.save_sample(
        conn,
        audit.head.city,
        region=region,
        seed=seed.strip(),
        grids=drawn,
        snapshot=audit.head.id,
        who=signature(account),
    )


def report_result(
    conn: Connection,
    audit: OpenAudit,
    sample: Sample,
    grid: str,
    *,
    account: Account | None,
    outcome: str,
    households: str,
    note: str,
) -> None:
    """Add what was found on the spot.

    Raises
    ------
    NotAllowedError
        Nobody is signed in, or no auditor of the sample's region.
    InputError
        The grid is not in the sample, or a value is not what it should be.
    """
    if account is None or not may_decide(account, audit, sample.region):
        raise NotAllowedError(
            Text("只有本区域的审核人员可以登记，请先登录", "only auditors of the region may report; sign in first")
        )
    if grid not in sample.grids or outcome not in OUTCOMES:
        raise InputError(Text("请选择样本中的网格和核查结果", "choose a grid of the sample and an outcome"))
    if len(note) > LONGEST_NOTE:
        raise InputError(Text(f"备注最多 {LONGEST_NOTE} 字", f"a note has at most {LONGEST_NOTE} characters"))
    counted = households.strip()
    if counted and not (counted.isascii() and counted.isdecimal() and len(counted) < 7):  # noqa: PLR2004 a million
        raise InputError(Text("实地户数应为整数", "households counted on the spot must be a whole number"))
    store.save_result(
        conn,
        sample.id,
        grid,
        outcome=outcome,
        households=int(counted) if counted else None,
        note=note.strip(),
        who=signature(account),
    )


def samples_of(conn: Connection, audit: OpenAudit) -> list[Sample]:
    """Return the samples a reader may see, the last first."""
    every = store.load_samples(conn, audit.head.city)
    return [sample for sample in every if (sample.region in audit.visible if sample.region else audit.roots is None)]


def last_results(conn: Connection, sample: Sample) -> dict[str, Result]:
    """Return what was found last in each grid of a sample."""
    found: dict[str, Result] = {}
    for result in store.load_results(conn, sample.id):
        found.setdefault(result.grid, result)
    return found
