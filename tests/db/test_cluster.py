"""The private cluster: made once, started once, safe to start twice, and up again after a crash."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from gis_service.config import REPOSITORY, Settings
from gis_service.db import cluster, cluster_place, server_programs
from gis_service.db.cluster_place import place_of
from gis_service.db.engine import begin, engine
from gis_service.errors import DatabaseUnavailableError, SetupError

START = """
import sys
from pathlib import Path
from gis_service.config import Settings
from gis_service.db import cluster
print(cluster.start(Settings(cluster_dir=Path(sys.argv[1]))))
"""


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Return a folder that the server's user can reach, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="gis service's ", dir="/var/tmp"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kept() -> Iterator[Settings]:
    """Return settings of a running cluster that the tests of this module share."""
    folder = Path(tempfile.mkdtemp(prefix="gis_service_", dir="/var/tmp"))
    folder.chmod(0o711)
    settings = Settings(cluster_dir=folder / "cluster")
    cluster.start(settings)
    yield settings
    cluster.stop(settings)
    shutil.rmtree(folder)


def ask(url: str, query: str) -> object:
    parsed = make_url(url)
    host, port = parsed.query["host"], parsed.query["port"]
    connected = psycopg2.connect(host=host, port=port, user=parsed.username, dbname=parsed.database)
    with connected.cursor() as cursor:
        cursor.execute(query)
        (answer,) = cursor.fetchone() or (None,)
    connected.close()
    return answer


def run_in_checkout(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)


def postmaster(settings: Settings) -> int:
    return int((place_of(settings).data / "postmaster.pid").read_text().split("\n")[0])


def wait_until_gone(process: int) -> None:
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)


def test_starting_again_gives_the_same_address_and_server(kept: Settings) -> None:
    before = postmaster(kept)
    assert cluster.start(kept) == cluster.start(kept)
    assert postmaster(kept) == before


def test_a_stopped_cluster_says_so_and_keeps_its_data(kept: Settings) -> None:
    url = cluster.start(kept)
    ask(url, "CREATE TABLE IF NOT EXISTS kept AS SELECT 42 AS answer; COMMIT; SELECT 1")
    cluster.stop(kept)
    cluster.stop(kept)
    assert cluster.status(kept) == cluster.ClusterStatus(folder=place_of(kept).folder, initialised=True, running=False)
    assert ask(cluster.start(kept), "SELECT answer FROM kept") == 42
    assert cluster.status(kept).running


def test_starts_at_the_same_time_make_one_server(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / "cluster")
    command = [sys.executable, "-c", START, str(settings.cluster_dir)]
    with ThreadPoolExecutor(3) as pool:
        starts = [pool.submit(run_in_checkout, command) for _ in range(3)]
    runs = [started.result() for started in starts]
    assert {run.returncode for run in runs} == {0}, runs
    assert {run.stdout.strip() for run in runs} == {cluster.start(settings)}
    assert ask(cluster.start(settings), "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == 1
    cluster.stop(settings)


def test_the_server_outlives_the_program_that_started_it_and_keeps_fsync_on(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / "cluster")
    assert run_in_checkout([sys.executable, "-c", START, str(settings.cluster_dir)]).returncode == 0
    assert ask(cluster.admin_url(settings), "SHOW fsync") == "on"
    cluster.stop(settings)


def test_the_server_is_utf8_sorts_by_code_and_listens_on_no_network(kept: Settings) -> None:
    url = cluster.start(kept)
    assert ask(url, "SHOW server_encoding") == "UTF8"
    assert ask(url, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
    assert ask(url, "SHOW listen_addresses") == ""
    assert ask(url, "SHOW data_checksums") == "on"


def test_the_service_is_no_superuser(kept: Settings) -> None:
    url = cluster.start(kept)
    assert (
        ask(url, "SELECT rolsuper OR rolcreatedb OR rolreplication FROM pg_roles WHERE rolname = current_user") is False
    )


def test_nobody_else_can_enter_data_or_socket(kept: Settings) -> None:
    place = place_of(kept)
    for folder in (place.data, place.socket):
        found = folder.stat()
        assert stat.S_IMODE(found.st_mode) == 0o700
        assert found.st_uid == place.owner.pw_uid


def test_a_role_of_another_system_user_is_not_let_in(kept: Settings) -> None:
    url = make_url(cluster.start(kept))
    with pytest.raises(psycopg2.OperationalError, match=r"[Pp]eer authentication failed"):
        psycopg2.connect(host=url.query["host"], port=url.query["port"], user="somebody", dbname=url.database)


def test_a_killed_server_comes_up_again_with_its_data(kept: Settings) -> None:
    url = cluster.start(kept)
    ask(url, "CREATE TABLE IF NOT EXISTS survivor AS SELECT 7 AS answer; COMMIT; SELECT 1")
    killed = postmaster(kept)
    os.kill(killed, signal.SIGKILL)
    wait_until_gone(killed)
    assert not cluster.status(kept).running
    assert ask(cluster.start(kept), "SELECT answer FROM survivor") == 7
    assert postmaster(kept) != killed


def test_a_stale_number_that_belongs_to_another_process_by_now_does_not_stop_the_start(kept: Settings) -> None:
    cluster.start(kept)
    killed = postmaster(kept)
    os.kill(killed, signal.SIGKILL)
    wait_until_gone(killed)
    place = place_of(kept)
    user = {"user": place.owner.pw_uid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "600"], cwd="/", **user) as unrelated:
        for lock in (place.data / "postmaster.pid", place.socket / ".s.PGSQL.5432.lock"):
            lock.write_text(lock.read_text().replace(str(killed), str(unrelated.pid), 1))
        assert ask(cluster.start(kept), "SELECT 1") == 1
        assert unrelated.poll() is None
        unrelated.kill()


def test_a_killed_first_start_leaves_nothing_in_the_way(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / "cluster")
    (scratch / "cluster" / "data.new").mkdir(parents=True)
    (scratch / "cluster").chmod(0o711)
    (scratch / "cluster" / "data.new" / "PG_VERSION").write_text("15")
    assert ask(cluster.start(settings, durable=False), "SELECT 1") == 1
    cluster.stop(settings)


def test_a_missing_role_database_or_extension_is_made_again(kept: Settings) -> None:
    url = cluster.start(kept, database="second")
    ask(url.replace("gis_service@", "gis_service_admin@"), "DROP EXTENSION postgis; COMMIT; SELECT 1")
    url = cluster.start(kept, database="second")
    assert ask(url, "SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == 1


def test_a_socket_path_too_long_for_the_system_moves_to_a_short_private_one(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / ("a-folder-with-a-long-name" * 4))
    place = place_of(settings)
    assert len(str(place.socket / ".s.PGSQL.5432.lock")) <= cluster_place.SOCKET_PATH_LIMIT
    assert ask(cluster.start(settings, durable=False), "SELECT 1") == 1
    assert stat.S_IMODE(place.socket.stat().st_mode) == 0o700
    cluster.stop(settings)
    place.socket.rmdir()


def test_a_socket_folder_that_others_can_enter_is_refused(scratch: Path) -> None:
    place = replace(place_of(Settings(cluster_dir=scratch)), socket=scratch / "open")
    place.socket.mkdir(mode=0o755)
    with pytest.raises(SetupError, match="open"):
        cluster_place.prepare_socket(place)
    (scratch / "link").symlink_to(scratch)
    with pytest.raises(SetupError, match="link"):
        cluster_place.prepare_socket(replace(place, socket=scratch / "link"))


def test_each_checkout_has_a_place_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    here = place_of(Settings()).folder
    monkeypatch.setattr(cluster_place, "REPOSITORY", REPOSITORY.parent / "another")
    assert place_of(Settings()).folder != here


def test_an_ordinary_user_keeps_the_cluster_inside_the_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    somebody = pwd.getpwnam("nobody")
    monkeypatch.setattr(os, "geteuid", lambda: somebody.pw_uid)
    place = place_of(Settings())
    assert place.folder == REPOSITORY / "var" / "postgres"
    assert place.owner == somebody
    assert "user" not in place.as_owner()


def test_the_callers_variables_do_not_reach_the_server(monkeypatch: pytest.MonkeyPatch, kept: Settings) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "nowhere.invalid")
    assert ask(cluster.start(kept), "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's server runs as another user")
def test_a_folder_the_servers_user_cannot_reach_is_refused_with_the_cure(scratch: Path) -> None:
    (scratch / "closed").mkdir(mode=0o700)
    with pytest.raises(SetupError, match="GIS_SERVICE_CLUSTER_DIR"):
        cluster.start(Settings(cluster_dir=scratch / "closed" / "cluster"))
    assert not (scratch / "closed" / "cluster" / "data").exists()


def test_a_folder_that_cannot_be_made_is_refused_with_the_cure(scratch: Path) -> None:
    (scratch / "file").write_text("")
    with pytest.raises(SetupError, match="GIS_SERVICE_CLUSTER_DIR"):
        cluster.start(Settings(cluster_dir=scratch / "file" / "cluster"))


def test_missing_programs_are_named_by_their_packages(monkeypatch: pytest.MonkeyPatch, scratch: Path) -> None:
    monkeypatch.setattr(server_programs, "_folders", list)
    with pytest.raises(SetupError, match="postgresql-15 postgresql-15-postgis-3") as caught:
        cluster.start(Settings(cluster_dir=scratch / "cluster"))
    assert "PostgreSQL 15" in caught.value.text.en


def test_a_postgresql_without_postgis_is_named_by_the_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = server_programs.ServerPrograms(folder=Path("/"), major=17, extensions=frozenset({"btree_gist"}))
    monkeypatch.setattr(server_programs, "_folders", lambda: [Path("/")])
    monkeypatch.setattr(server_programs, "_inspect", lambda _: bare)
    with pytest.raises(SetupError, match="postgresql-17-postgis-3") as caught:
        server_programs.find_programs()
    assert caught.value.text.en.startswith("PostGIS is not installed")


def test_the_newest_complete_postgresql_is_taken_and_an_old_cluster_keeps_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = frozenset(server_programs.EXTENSIONS)
    found = {
        Path(f"/{major}"): server_programs.ServerPrograms(Path(f"/{major}"), major, extensions)
        for major, extensions in ((13, both), (15, both), (16, both), (17, frozenset[str]()))
    }
    monkeypatch.setattr(server_programs, "_folders", lambda: list(found))
    monkeypatch.setattr(server_programs, "_inspect", found.get)
    assert server_programs.find_programs().major == 16
    assert server_programs.find_programs(15).major == 15
    with pytest.raises(SetupError, match="postgresql-14"):
        server_programs.find_programs(14)


def test_a_server_that_cannot_start_gives_its_own_reason(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / "cluster")
    cluster.start(settings, durable=False)
    cluster.stop(settings)
    control = place_of(settings).data / "global" / "pg_control"
    control.write_bytes(b"")
    with pytest.raises(DatabaseUnavailableError, match=r"pg_control|could not read"):
        cluster.start(settings, durable=False)


def test_stopping_what_was_never_made_does_nothing(scratch: Path) -> None:
    settings = Settings(cluster_dir=scratch / "cluster")
    cluster.stop(settings)
    assert not (scratch / "cluster").exists()
    assert cluster.status(settings).initialised is False


def test_without_an_address_the_private_cluster_is_used(kept: Settings) -> None:
    with begin(kept) as connection:
        assert connection.engine.url.database == cluster.DATABASE
    engine(kept).dispose()
