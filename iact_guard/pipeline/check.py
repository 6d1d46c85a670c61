"""`check`: from a root to a result."""

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import field
from threading import Event as Ended

from iact_guard import config as configuration
from iact_guard.analyze.context import Context
from iact_guard.evaluate.policies import refuse_unknown
from iact_guard.load.shipped import shipped
from iact_guard.model.location import Location
from iact_guard.model.picture import Picture
from iact_guard.model.policy import Policy
from iact_guard.model.records import dataclass
from iact_guard.model.result import Result
from iact_guard.model.source import Problem
from iact_guard.pipeline.base import trusted_revision
from iact_guard.pipeline.evaluation import evaluation_of
from iact_guard.pipeline.judged import configured, judged
from iact_guard.pipeline.known import Known, known
from iact_guard.pipeline.outcome import Parts, asked_scanners, result_of
from iact_guard.pipeline.picture import way_to_production
from iact_guard.pipeline.release import release_of
from iact_guard.pipeline.request import DEFAULT_SCANNERS, DOMAINS, CheckRequest, Listener
from iact_guard.pipeline.said import Said, Scope, proposals, said_of
from iact_guard.pipeline.scanning import setting, start_scanners
from iact_guard.pipeline.since import base_of, compare
from iact_guard.project import Project
from iact_guard.tree import NO_SUCH_FILE, BeforeTree, DiskTree, GitTree, Tree
from iact_guard.vcs import changes


@dataclass(slots=True)
class _Clock:
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def measure(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - began


@dataclass(frozen=True, slots=True)
class Examined:
    """A result, and what commands about waivers and baselines ask beyond it."""

    result: Result
    ctx: Context
    scope: Scope
    said: Said
    known: Known

    @property
    def project(self) -> Project:
        """What was checked."""
        return self.ctx.project


def run(request: CheckRequest, listener: Listener) -> Result:
    """Check; a GuardError where nothing can be judged."""
    return examine(request, listener).result


def examine(request: CheckRequest, listener: Listener) -> Examined:
    """Scanners run beside the own policies.

    Then it is asked what a team has said of the findings, and which of them are new.
    """
    clock = _Clock()
    tree = _tree(request)
    trusted = trusted_tree(request)
    config = configuration.load(trusted or tree)
    policies = shipped()
    refuse_unknown(config, policies)
    policies = _of_domain(policies, request)
    listener.say("listing files")
    with clock.measure("discover"):
        base = base_of(request, tree)
        project = Project(
            tree,
            config,
            base=base.tree if base else None,
            release=release_of(request, config, tree),
            named=request.files or frozenset(),
        )
        only = _existing(project, request)
    with ExitStack() as stack:
        ended = Ended()
        files = project.discovery.files
        scans = start_scanners(
            stack,
            DEFAULT_SCANNERS if request.scanners is None else request.scanners,
            request,
            project,
            # Checkov resolves a value through the files around it: it always sees all of them.
            lambda name: files if name == "checkov" or only is None else only,
            trusted,
            listener,
            ended,
        )
        stack.enter_context(setting(ended))  # left first: before the scanners are waited for
        with clock.measure("policies"):
            ctx = Context(project)
            evaluation = evaluation_of(ctx, policies, only, listener)
        with clock.measure("scanners"):
            reports = [scan.result() for scan in scans]
        picture = _picture(ctx, policies, only) if request.picture else None
    scope = Scope(policies, tuple(reports), only, trusted)
    asked = asked_scanners(request, project)
    present = judged(ctx, policies, evaluation.findings, reports, only, asked)
    said = said_of(present, scope)
    found = known(present, said, scope, request) if request.baseline else Known(said.findings)
    findings, since = found.findings, None
    if base:
        with clock.measure("base"):
            compared = compare(base, present, found.findings, said, scope, request, listener)
        findings, since = compared.findings, compared.since
    proposed = tuple(proposals(project, scope, said))
    seconds = clock.seconds
    parts = Parts(
        request, scope, present, evaluation, found, findings, since, proposed, picture, seconds
    )
    return Examined(result_of(parts), ctx, scope, said, found)


def _picture(
    ctx: Context, policies: tuple[Policy, ...], only: frozenset[str] | None
) -> Picture | None:
    return way_to_production(ctx, configured(policies, ctx.project.config).values(), only)


def _tree(request: CheckRequest) -> Tree:
    disk = DiskTree(request.root)
    if not request.staged:
        return disk
    edits = changes.unstaged(request.root, disk.listing().files, disk.read)
    return BeforeTree(disk, request.root, edits)


def trusted_tree(request: CheckRequest) -> Tree | None:
    """The revision whose configuration is believed; None where the tree itself is."""
    revision = trusted_revision(request.root, request.trusted_rev, request.event)
    return GitTree(request.root, revision) if revision else None


def _of_domain(policies: tuple[Policy, ...], request: CheckRequest) -> tuple[Policy, ...]:
    """The policies that were asked for, and those that speak of the check itself."""
    if request.domain is None:
        return policies
    wanted = f"{request.domain}."
    return tuple(p for p in policies if not p.check or p.check.startswith(wanted))


def _existing(project: Project, request: CheckRequest) -> frozenset[str] | None:
    """The named files less the excluded ones; listing notes what is not there or not to be had."""
    found = project.discovery
    if request.domain is not None:
        return frozenset(found.paths(DOMAINS[request.domain]))
    if request.files is None:
        return None
    only = request.files & found.files
    for path in sorted(only):
        if not os.path.lexists(request.root / path):
            project.note(Problem(Location(path), NO_SUCH_FILE))
    return only
