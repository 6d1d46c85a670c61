"""A second process that works beside this one on the same memory, and answers in JSON."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from iact_guard.model.errors import crash_place


class SecondDiedError(Exception):
    """It gave no answer; the text says how it ended."""


def is_possible() -> bool:
    """Whether there is a core to spare, and forking is safe."""
    if not hasattr(os, "fork") or threading.active_count() > 1:
        return False
    return _cores() > 1


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def second(work: Callable[[], Any]) -> Iterator[Callable[[], Any]]:
    """Start `work`, whose result is JSON; what is given waits for it, or SecondDiedError."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        os.close(reading)
        _answer(work, writing)
    os.close(writing)
    pending = [process]

    def answer() -> Any:
        with open(reading, "rb", closefd=False) as pipe:
            content = pipe.read()
        code = os.waitstatus_to_exitcode(os.waitpid(pending.pop(), 0)[1])
        if code:
            how = f"signal {-code}" if code < 0 else content.decode(errors="replace")
            raise SecondDiedError(how or f"exit code {code}")
        return json.loads(content)

    try:
        yield answer
    finally:
        os.close(reading)
        for left in pending:
            os.kill(left, signal.SIGKILL)
            os.waitpid(left, 0)


def _answer(work: Callable[[], Any], writing: int) -> None:
    """Work, write, and end without what this process would have done at its end."""
    code = 1
    try:
        with open(writing, "wb") as pipe:
            try:
                pipe.write(json.dumps(work()).encode())
                code = 0
            except Exception as error:  # noqa: BLE001  # told by its place: a text may hold a secret
                pipe.write(crash_place(error).encode())
    finally:
        os._exit(code)
