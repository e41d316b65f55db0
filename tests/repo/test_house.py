"""The layout of the house, its locks, and what may not be in it."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TOP_LEVEL = {"gis_service", "boundaries", "scripts", "notebooks", "tests", "requirements.txt", "README.md", "docs"}


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=True)
    return [REPOSITORY / name for name in listed.stdout.decode().split("\0") if name and (REPOSITORY / name).exists()]


def test_the_top_level_is_the_design_card() -> None:
    present = {path.relative_to(REPOSITORY).parts[0] for path in committed_files()}
    assert present >= TOP_LEVEL
    extra = {name for name in present - TOP_LEVEL if not name.startswith(".")}
    allowed = {"pyproject.toml", "package.json", "package-lock.json", "requirements-dev.txt", "compose.yaml"}
    assert extra <= allowed | {"Dockerfile"}


@pytest.mark.parametrize(("lock", "extras"), [("requirements.txt", ()), ("requirements-dev.txt", ("dev",))])
def test_every_dependency_is_locked_with_hashes(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"]) + [name for e in extras for name in project["optional-dependencies"][e]]
    text = (REPOSITORY / lock).read_text()
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", text, flags=re.MULTILINE))
    for requirement in wanted:
        name = re.split(r"[<>=!~ \[]", requirement, maxsplit=1)[0].lower()
        assert name in pinned, f"{name} of pyproject.toml is not in {lock}"
    for block in re.split(r"\n(?=[a-z0-9])", text):
        if "==" in block.split("\n", 1)[0]:
            assert "--hash=sha256:" in block, f"no hash for {block.splitlines()[0]}"


def test_the_service_and_the_checks_use_the_same_versions() -> None:
    def versions(lock: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for name, version in re.findall(r"^([a-z0-9._-]+)==(\S+)", (REPOSITORY / lock).read_text(), flags=re.MULTILINE):
            found.setdefault(name, set()).add(version)
        return found

    service, checks = versions("requirements.txt"), versions("requirements-dev.txt")
    assert {name: checks.get(name) for name in service} == service


def test_nothing_large_is_committed() -> None:
    large = [str(path.relative_to(REPOSITORY)) for path in committed_files() if path.stat().st_size > 1_500_000]
    assert large == []


def test_pages_styles_and_scripts_name_no_foreign_host() -> None:
    foreign = re.compile(r"https?://(?!127\.0\.0\.1|localhost|www\.w3\.org/|t\{s\}\.tianditu|t0\.tianditu)[\w.-]+")
    found = []
    for path in committed_files():
        inside = path.relative_to(REPOSITORY).as_posix()
        if inside.startswith("gis_service/web/") and path.suffix in {".html", ".js", ".css", ".svg", ".xml"}:
            found += [f"{inside}: {host}" for host in foreign.findall(path.read_text())]
    assert found == []


def test_no_module_is_long() -> None:
    long = {
        str(path.relative_to(REPOSITORY)): lines
        for path in committed_files()
        if path.suffix == ".py"
        and path.parts[len(REPOSITORY.parts)] == "gis_service"
        and path.name != "tables.py"  # one declaration a column: long by content, not by thought
        and "migrations" not in path.parts  # what the tables declare, once more
        and (lines := len(path.read_text().splitlines())) > 450
    }
    assert long == {}
