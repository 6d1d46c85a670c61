"""The scanners of a check, each in a thread beside our own policies."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from threading import Event
from typing import TYPE_CHECKING

from iact_guard.model.scan import ScannerName, ScannerReport
from iact_guard.pipeline.request import CheckRequest, Listener
from iact_guard.project import Project
from iact_guard.tree import Tree

if TYPE_CHECKING:  # a run without scanners does without it
    from concurrent.futures import Future

Paths = Callable[[ScannerName], Iterable[str]]


def start_scanners(
    stack: ExitStack,
    names: tuple[ScannerName, ...],
    request: CheckRequest,
    project: Project,
    paths: Paths,
    settings: Tree | None,
    listener: Listener,
    ended: Event,
) -> "list[Future[ScannerReport]]":
    """The reports to come; the stack waits for what runs, and `ended` makes it stop.

    `paths` are those that a scanner sees; `settings` is the tree whose own settings of the tools
    are honoured, None for the project's.
    """
    if not names:
        return []
    from concurrent.futures import ThreadPoolExecutor

    from iact_guard.scanners.request import ScanRequest
    from iact_guard.scanners.table import scan

    pool = stack.enter_context(ThreadPoolExecutor(max_workers=len(names)))
    listener.expect(len(names))

    def start(name: ScannerName) -> ScannerReport:
        report = scan(
            name,
            ScanRequest(
                tree=project.tree,
                paths=tuple(sorted(paths(name))),
                options=project.config.scanners,
                settings=settings,
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
