"""The scanners of a check, each in a thread beside our own policies."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event, Thread

from iact_guard.model.scan import ScannerName, ScannerReport
from iact_guard.pipeline.request import CheckRequest, Listener
from iact_guard.project import Project
from iact_guard.tree import Tree

Paths = Callable[[ScannerName], Iterable[str]]


class Scan:
    """A scanner at work, in a thread that is gone when it has ended.

    A pool would keep its threads, and while there is one nobody forks: where every answer is
    remembered, the policies are soon alone and may be judged in two processes.
    """

    def __init__(self, name: ScannerName, work: Callable[[], ScannerReport]) -> None:
        self._report = ScannerReport(name, "failed", reason="it ended without a report")
        self._work = work
        self._thread = Thread(target=self._run, name=name)
        self._thread.start()

    def _run(self) -> None:
        self._report = self._work()

    def result(self) -> ScannerReport:
        """Wait for the report."""
        self._thread.join()
        return self._report


def start_scanners(
    stack: ExitStack,
    names: tuple[ScannerName, ...],
    request: CheckRequest,
    project: Project,
    paths: Paths,
    settings: Tree | None,
    listener: Listener,
    ended: Event,
) -> list[Scan]:
    """The reports to come; the stack waits for what runs, and `ended` makes it stop.

    `paths` are those that a scanner sees; `settings` is the tree whose own settings of the tools
    are honoured, None for the project's.
    """
    if not names:
        return []
    from iact_guard.scanners.request import ScanRequest
    from iact_guard.scanners.table import scan

    listener.expect(len(names))

    def work(name: ScannerName) -> ScannerReport:
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

    scans = [Scan(name, partial(work, name)) for name in names]
    for each in scans:
        stack.callback(each.result)
    return scans


@contextmanager
def setting(ended: Event) -> Iterator[None]:
    """Sets the event when the block ends early: scanners stop instead of being waited for."""
    try:
        yield
    except BaseException:
        ended.set()
        raise
