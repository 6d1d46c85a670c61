"""The scanners of a check, each in a thread beside our own policies."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING

from iact_guard.model.scan import ScannerName, ScannerReport
from iact_guard.pipeline.request import DEFAULT_SCANNERS, CheckRequest, Listener
from iact_guard.project import Project

if TYPE_CHECKING:  # a run without scanners does without it
    from concurrent.futures import Future


def start_scanners(
    stack: ExitStack,
    request: CheckRequest,
    project: Project,
    only: frozenset[str] | None,
    listener: Listener,
    ended: Event,
) -> "list[Future[ScannerReport]]":
    """The reports to come; the stack waits for what runs, and `ended` makes it stop."""
    names = DEFAULT_SCANNERS if request.scanners is None else request.scanners
    if not names:
        return []
    from concurrent.futures import ThreadPoolExecutor

    from iact_guard.scanners.request import ScanRequest
    from iact_guard.scanners.table import scan

    pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(names)))
    paths = tuple(sorted(project.discovery.files if only is None else only))
    listener.expect(len(names))

    def start(name: ScannerName) -> ScannerReport:
        # Checkov resolves a value through the files around it: it always sees all of them.
        seen = tuple(sorted(project.discovery.files)) if name == "checkov" else paths
        report = scan(
            name,
            ScanRequest(
                tree=project.tree,
                paths=seen,
                options=project.config.scanners,
                root=request.root,
                offline=request.offline,
                store=request.store,
                cancelled=ended.is_set,
                progress=listener.say,
            ),
        )
        listener.step()
        return report

    return [pool.submit(start, name) for name in names]


@contextmanager
def setting(ended: Event) -> Iterator[None]:
    """Sets the event when the block ends early: scanners stop instead of being waited for."""
    try:
        yield
    except BaseException:
        ended.set()
        raise
