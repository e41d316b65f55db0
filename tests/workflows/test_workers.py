"""Tasks give the same results in one process, in several and on a cluster."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from distributed import LocalCluster

from gis_service.errors import InputError
from gis_service.workflows import workers
from gis_service.workflows.workers import IN_FLIGHT, run_tasks


def square(number):
    return number * number


def fail(number):
    message = f"cannot do {number}"
    raise RuntimeError(message)


class Counted:
    """Tasks that know how many were taken."""

    def __init__(self, count):
        self.taken = 0
        self.count = count

    def __iter__(self):
        for number in range(self.count):
            self.taken += 1
            yield number


def sleep_long(folder):
    (Path(folder) / str(os.getpid())).touch()
    time.sleep(600)


def ended(process):
    """Tell whether a process is gone, or waits for a parent to take notice of its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def wait_until(done):
    deadline = time.monotonic() + 60
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0") as found:
        yield found


def test_every_way_gives_the_same_results(cluster):
    expected = [square(number) for number in range(12)]
    assert list(run_tasks(square, iter(range(12)))) == expected
    assert sorted(run_tasks(square, iter(range(12)), workers=2)) == expected
    assert sorted(run_tasks(square, iter(range(12)), scheduler=cluster.scheduler_address)) == expected


def test_only_few_tasks_are_taken_ahead(cluster):
    for options in ({"workers": 2}, {"scheduler": cluster.scheduler_address}):
        tasks = Counted(40)
        results = run_tasks(square, iter(tasks), **options)
        next(results)
        assert tasks.taken <= 2 * IN_FLIGHT + 1
        assert len(list(results)) == 39


def test_a_fault_of_a_task_is_raised(cluster):
    for options in ({}, {"workers": 2}, {"scheduler": cluster.scheduler_address}):
        with pytest.raises(RuntimeError, match="cannot do"):
            list(run_tasks(fail, iter(range(3)), **options))


def test_a_scheduler_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(workers, "CONNECT_S", 1)
    with pytest.raises(InputError, match=re.escape("tcp://127.0.0.1:9")):
        list(run_tasks(square, iter(range(3)), scheduler="tcp://127.0.0.1:9"))


def test_a_word_that_is_no_address_is_refused():
    with pytest.raises(InputError, match="nonsense"):
        list(run_tasks(square, iter(range(3)), scheduler="nonsense://x"))


def test_workers_with_other_software_are_refused(cluster, monkeypatch):
    monkeypatch.setattr(workers, "_version", lambda: "0.0.9")
    with pytest.raises(InputError, match=r"0\.0\.9"):
        list(run_tasks(square, iter(range(3)), scheduler=cluster.scheduler_address))


def test_a_cluster_without_workers_is_refused():
    with LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as empty:  # noqa: SIM117
        with pytest.raises(InputError, match="dask worker"):
            list(run_tasks(square, iter(range(3)), scheduler=empty.scheduler_address))


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    program = (
        "from tests.workflows.test_workers import sleep_long\n"
        "from gis_service.workflows.workers import run_tasks\n"
        "if __name__ == '__main__':\n"
        f"    list(run_tasks(sleep_long, iter([{str(tmp_path)!r}] * 2), workers=2))\n"
    )
    (tmp_path / "parent.py").write_text(program)
    root = Path(__file__).resolve().parents[2]
    begun = tmp_path / "parent.py"
    parent = subprocess.Popen([sys.executable, begun], env=os.environ | {"PYTHONPATH": str(root)})
    try:
        wait_until(lambda: len(list(tmp_path.iterdir())) == 3)  # the program and a mark of each worker
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    workers_begun = [int(mark.name) for mark in tmp_path.iterdir() if mark != begun]
    try:
        wait_until(lambda: all(ended(process) for process in workers_begun))
    finally:
        for process in workers_begun:
            if not ended(process):
                os.kill(process, signal.SIGKILL)
