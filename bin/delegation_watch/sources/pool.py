"""Threads for calls that are made at once; a run that is told to end does not wait for what is on its way."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def calls_at_once(connections: int) -> Iterator[ThreadPoolExecutor]:
    """So many threads; what was not begun when the block ends is left undone."""
    pool = ThreadPoolExecutor(connections)
    patient = True
    try:
        yield pool
    except (KeyboardInterrupt, SystemExit):
        patient = False
        raise
    finally:
        pool.shutdown(wait=patient, cancel_futures=True)
