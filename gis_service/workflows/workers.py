"""The same function over many tasks: in this process, in several processes, or on the machines of a Dask cluster."""

import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from gis_service import __version__
from gis_service.errors import InputError, Text

IN_FLIGHT = 2
"""Tasks handed out per worker: one at work, one waiting, so that nobody idles and few are held in memory."""
ADDRESS = re.compile(r"[a-z]+://\S+|[^\s/:]+:\d{1,5}")
"""What addresses of Dask schedulers look like."""
CONNECT_S = 10
"""A scheduler that does not answer within this time is taken for absent [s]."""

T = TypeVar("T")
R = TypeVar("R")


def run_tasks(
    function: Callable[[T], R], tasks: Iterator[T], *, workers: int = 1, scheduler: str | None = None
) -> Iterator[R]:
    """Yield the results of a function over tasks, in the order in which they are done.

    Parameters
    ----------
    function
        A module's function; it and the tasks are pickled unless `workers` is 1.
    tasks
        Taken one by one, at most `IN_FLIGHT` per worker ahead of the results, so that memory holds few of them.
    workers
        Processes to use, at least 1; without a meaning where there is a scheduler.
    scheduler
        Address of a Dask scheduler such as ``tcp://10.0.0.5:8786``, whose workers have this software; None: no cluster.

    Raises
    ------
    InputError
        The scheduler does not answer, has no workers, or a worker has another version of this software.
    """
    if scheduler is not None:
        yield from _on_cluster(function, tasks, scheduler)
    elif workers == 1:
        yield from map(function, tasks)
    else:
        yield from _in_processes(function, tasks, workers)


def _in_processes(function: Callable[[T], R], tasks: Iterator[T], workers: int) -> Iterator[R]:
    # "spawn": the parent holds a database connection, which a forked child must not share.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with_parent) as pool:
        try:
            waiting = {pool.submit(function, task) for task in islice(tasks, IN_FLIGHT * workers)}
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:  # one taken for one given away, however many ended at once
                    waiting |= {pool.submit(function, task) for task in islice(tasks, 1)}
                    yield future.result()
        finally:
            pool.shutdown(cancel_futures=True)  # after a fault or Ctrl-C the tasks still waiting are not begun


def _end_with_parent() -> None:
    """Let this worker end when its parent does, even by a kill: its queue would keep it waiting for ever."""
    Thread(target=_outlive_nobody, daemon=True).start()


def _outlive_nobody() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to take a result or to read a message


def _on_cluster(function: Callable[[T], R], tasks: Iterator[T], scheduler: str) -> Iterator[R]:
    # Imported here: it takes a second, and most runs need no cluster.
    from distributed import Client, as_completed  # noqa: PLC0415

    absent = InputError(
        Text(
            f"连不上 Dask 调度器 {scheduler}，请核对地址并先启动 dask scheduler",
            f"no Dask scheduler answers at {scheduler}; check the address and start dask scheduler first",
        )
    )
    if ADDRESS.fullmatch(scheduler) is None:  # a client of no address fails, and once more when it is collected
        raise absent
    try:
        client = Client(scheduler, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError) as error:
        raise absent from error
    with client:
        crew = _crew(client.run(_version), scheduler)
        # pure=False: the same community may be solved again, and a result kept by the cluster would hide a new version.
        results = as_completed(
            [client.submit(function, task, pure=False) for task in islice(tasks, IN_FLIGHT * crew)],
            loop=client.loop,
            with_results=True,
        )
        for future, result in results:
            future.release()
            for task in islice(tasks, 1):
                results.add(client.submit(function, task, pure=False))
            yield result


def _version() -> str:
    return __version__


def _crew(versions: dict[str, str], scheduler: str) -> int:
    """Return the number of workers of a cluster that can be relied on."""
    if not versions:
        raise InputError(
            Text(
                f"Dask 调度器 {scheduler} 没有工作进程，请先启动 dask worker",
                f"the Dask scheduler {scheduler} has no workers; start dask worker first",
            )
        )
    others = sorted({version for version in versions.values() if version != __version__})
    if others:
        raise InputError(
            Text(
                f"Dask 工作进程的软件版本是 {'、'.join(others)}，本机是 {__version__}，请先统一版本，否则结果无法重现",
                f"workers of the cluster run version {', '.join(others)}, this machine {__version__}; "
                "install the same everywhere, or results cannot be reproduced",
            )
        )
    return len(versions)
