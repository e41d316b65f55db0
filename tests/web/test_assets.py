"""Front-end files and translations: what is served is what was locked, and every sentence has its English."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.pofile import read_po

REPOSITORY = Path(__file__).resolve().parents[2]
WEB = REPOSITORY / "gis_service" / "web"
CATALOGUE = WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po"


@pytest.fixture
def build_assets(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(REPOSITORY / "scripts"))
    spec = importlib.util.spec_from_file_location("build_assets", REPOSITORY / "scripts" / "build_assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_served_are_those_of_the_manifest(build_assets: ModuleType) -> None:
    served = {
        path.relative_to(build_assets.VENDOR).as_posix(): path.read_bytes()
        for path in build_assets.VENDOR.rglob("*")
        if path.is_file()
    }
    assert build_assets.manifest_of(served) == build_assets.MANIFEST.read_text(encoding="utf-8")


def test_a_changed_file_is_refused(
    build_assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in build_assets.FILES:
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"something else")
    monkeypatch.setattr(build_assets, "PACKAGES", tmp_path)
    assert build_assets.main([]) == 2
    assert "不一致" in capsys.readouterr().err


def test_missing_packages_are_named_with_the_cure(
    build_assets: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_assets, "PACKAGES", tmp_path)
    assert build_assets.main([]) == 2
    assert "npm ci" in capsys.readouterr().err


def test_the_lock_names_no_registry() -> None:
    lock = (REPOSITORY / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert lock.count('"integrity"') >= 3


def test_every_sentence_in_the_sources_has_its_english(tmp_path: Path) -> None:
    template = tmp_path / "messages.pot"
    subprocess.run(
        [
            str(Path(sys.executable).with_name("pybabel")), "-q", "extract", "-k", "lazy_gettext",
            "-F", str(WEB / "translations" / "babel.cfg"), "-o", str(template), ".",
        ],
        cwd=REPOSITORY,
        check=True,
    )  # fmt: skip
    with template.open("rb") as text, CATALOGUE.open("rb") as english:
        wanted, given = read_po(text), read_po(english, locale="en")
    assert {message.id for message in wanted if message.id} == {message.id for message in given if message.id}
    assert [message.id for message in given if message.id and not all(_forms(message.string))] == []


def test_translations_keep_the_places_of_the_numbers() -> None:
    with CATALOGUE.open("rb") as english:
        catalogue = read_po(english, locale="en")
    for message in catalogue:
        for source, translated in zip(_forms(message.id), _forms(message.string), strict=True):
            if source:
                assert _places(source) == _places(translated), source


def _forms(text: object) -> tuple[str, ...]:
    return text if isinstance(text, tuple) else (str(text),)


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)", text))
