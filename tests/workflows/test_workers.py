"""Tasks give the same results in one process, in several and on a cluster."""

import re

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
        assert tasks.taken <= 2 * IN_FLIGHT + 2
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
