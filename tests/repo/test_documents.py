"""Documents stay true: links lead somewhere, programs are described, commands exist."""

import re
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([REPOSITORY / "README.md", *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("boundaries/*.md")])
PROGRAMS = sorted(path for path in REPOSITORY.glob("scripts/*.py") if not path.name.startswith("_"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)", document.read_text())
    lost = [name for name in targets if "://" not in name and not (document.parent / name).exists()]
    assert lost == []


def test_every_decision_is_listed() -> None:
    index = (REPOSITORY / "docs/decisions/README.md").read_text()
    missing = [path.name for path in REPOSITORY.glob("docs/decisions/0*.md") if path.name not in index]
    assert missing == []


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_every_program_has_help_and_is_described_in_operations(program: Path) -> None:
    shown = subprocess.run([program, "--help"], capture_output=True, text=True, check=False, timeout=120)
    assert shown.returncode == 0, shown.stderr
    assert "usage:" in shown.stdout
    assert f"scripts/{program.name}" in (REPOSITORY / "docs/operations.md").read_text()


def test_the_readme_names_the_two_commands() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    for command in ("scripts/demo.sh", "scripts/test.sh"):
        assert command in readme
        assert (REPOSITORY / command).exists()


def test_every_variable_of_the_settings_is_described_in_operations() -> None:
    source = (REPOSITORY / "gis_service/config.py").read_text()
    fields = re.findall(r"^    (\w+): [^=\n]+ = ", source, flags=re.MULTILINE)
    operations = (REPOSITORY / "docs/operations.md").read_text()
    assert fields
    assert [name for name in fields if f"GIS_SERVICE_{name.upper()}" not in operations] == []


def test_the_shell_scripts_parse() -> None:
    for script in REPOSITORY.glob("scripts/*.sh"):
        subprocess.run(["bash", "-n", script], check=True)
