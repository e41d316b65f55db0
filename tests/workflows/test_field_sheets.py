"""Sheets to take along to the grids of a sample."""

import re
import subprocess
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import Connection

from gis_service.config import Settings
from gis_service.db import accounts, findings_register, job_files, jobs
from gis_service.db.accounts import Account, Grant
from gis_service.errors import InputError
from gis_service.plan.rules import Rules
from gis_service.workflows.audit_city import audit_city
from gis_service.workflows.audit_reading import OpenAudit, open_audit
from gis_service.workflows.field_sample import draw_sample, samples_of
from gis_service.workflows.field_sheets import ask_sheets, make_sheets
from gis_service.workflows.import_city import Imported
from gis_service.workflows.partition_city import partition_city
from gis_service.workflows.progress import silent
from tests.workflows.town import EAST_CODE, WEST_CODE


@pytest.fixture
def auditor(connection: Connection) -> Account:
    return accounts.save_account(
        connection, "zhang", title="审计局", password_hash=None, grants=[Grant("auditor", "town")]
    )


@pytest.fixture
def audit(connection: Connection, town: Imported) -> OpenAudit:
    partition_city(connection, "town", rules=Rules())
    found = open_audit(connection, "town", audit_city(connection, "town").snapshot_id)
    assert found is not None
    return found


def made(connection: Connection, audit: OpenAudit, auditor: Account) -> tuple[dict[str, object], dict[str, bytes]]:
    """Return what the job of the newest sample says, and its files by name."""
    sample = samples_of(connection, audit)[0]
    number = ask_sheets(connection, audit, sample, auditor, Settings(operator="审计局"))
    job = jobs.load_job(connection, number)
    assert job is not None
    told = make_sheets(connection, job, silent)
    stored = job_files.load_file(connection, number)
    assert stored is not None
    archive = ZipFile(BytesIO(stored.content))
    return told, {name: archive.read(name) for name in archive.namelist()}


def page_count(pdf: bytes, folder: Path) -> int:
    (folder / "sheets.pdf").write_bytes(pdf)
    told = subprocess.run(["pdfinfo", folder / "sheets.pdf"], capture_output=True, text=True, check=True).stdout
    return int(re.search(r"Pages:\s+(\d+)", told)[1])  # type: ignore[index]


def test_every_grid_of_a_sample_gets_a_page_in_the_file_of_its_community(
    connection: Connection, audit: OpenAudit, auditor: Account, tmp_path: Path
) -> None:
    draw_sample(connection, audit, account=auditor, region="", number=3, seed="2026Q4")
    (sample,) = samples_of(connection, audit)
    told, files = made(connection, audit, auditor)
    assert (told["sheets"], told["missing"]) == (3, [])
    pages = {name: page_count(content, tmp_path) for name, content in files.items()}
    names = {WEST_CODE: "西社区", EAST_CODE: "东社区"}
    assert pages == {
        f"{name}-{code}.pdf": number
        for code, name in names.items()
        if (number := sum(grid.startswith(code) for grid in sample.grids))
    }


def test_grids_that_plans_no_longer_have_are_told(connection: Connection, audit: OpenAudit, auditor: Account) -> None:
    findings_register.save_sample(
        connection, "town", region="", seed="1", grids=[f"{WEST_CODE}001", "gone"], snapshot=audit.head.id, who="zhang"
    )
    told, files = made(connection, audit, auditor)
    assert (told["sheets"], told["missing"], len(files)) == (1, ["gone"], 1)


def test_a_sample_of_which_nothing_is_left_is_refused(
    connection: Connection, audit: OpenAudit, auditor: Account
) -> None:
    findings_register.save_sample(
        connection, "town", region="", seed="1", grids=["gone"], snapshot=audit.head.id, who="zhang"
    )
    sample = samples_of(connection, audit)[0]
    job = jobs.load_job(connection, ask_sheets(connection, audit, sample, auditor, Settings()))
    assert job is not None
    with pytest.raises(InputError, match="不存在"):
        make_sheets(connection, job, silent)
    with pytest.raises(InputError, match="不存在"):
        make_sheets(connection, replace(job, parameters=job.parameters | {"sample": 10**6}), silent)
