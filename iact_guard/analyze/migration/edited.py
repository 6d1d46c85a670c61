"""What databases lack that ran a migration before it was edited.

Django never runs a migration twice. What counts is what it does to the schema: comments, texts,
choices, the functions of RunPython and the way back may change, new databases end up alike. An
applied migration that needs one which is not applied makes Django refuse to run any.
"""

import posixpath
from collections import Counter, defaultdict
from collections.abc import Iterator

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.effect import Outcome
from iact_guard.analyze.migration.history.graph import graph
from iact_guard.analyze.migration.history.labels import plain
from iact_guard.analyze.migration.history.released import Released
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.steps import (
    Comment,
    CreateTable,
    SetTimeout,
    Truncate,
    Unclear,
    WriteRows,
)
from iact_guard.model.fact import Fact, known, not_applicable
from iact_guard.model.location import Evidence, Location
from iact_guard.model.migration import Migration
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository

MAX_SHOWN = 3
_ROWS = (WriteRows, Truncate, SetTimeout, Comment)
"""Steps that leave the schema as it is."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Something that a released migration does now and did not, or the other way round."""

    message: str
    location: Location
    evidence: tuple[Evidence, ...] = ()
    certain: bool = True


@dataclass(frozen=True, slots=True)
class _Before:
    """The release, or the base: its facts, its migrations by path, and what it had squashed."""

    ctx: Context
    migrations: dict[str, Migration]
    gone: dict[str, list[str]]
    """By folder the names of those that are not there any more, and nothing stands for."""
    tellers: dict[str, str]
    """By folder the migration that tells of them, by entity id: the first that is new."""


@fact("migration.edits")
def edits(ctx: Context, migration: Migration) -> Fact[tuple[Edit, ...]]:
    """How a released migration differs from what databases have run; and which ones are gone."""
    released = _before(ctx, ctx.project.entities("repository")[0])
    if released.state != "known":
        return not_applicable(released.reason)
    before = released.known
    found = [*_inconsistent(ctx, migration), *_gone(migration, before)]
    old = before.migrations.get(migration.path)
    if old is not None and not _is_same(ctx, migration.path, before):
        found += _changed(ctx, migration, before.ctx, old)
    return known(tuple(found))


@fact("repository.migrations_before")
def _before(ctx: Context, repository: Repository) -> Fact[_Before]:
    project = ctx.project.release or ctx.project.base
    if project is None:
        return not_applicable("there is neither a base revision nor a release to compare with")
    old: tuple[Migration, ...] = project.entities("migration")
    new: tuple[Migration, ...] = ctx.project.entities("migration")
    replaced = {*_replaced(old), *_replaced(new)}
    gone: dict[str, list[str]] = defaultdict(list)
    for migration in old:
        folder, path = posixpath.dirname(migration.path), migration.path
        there = ctx.project.exists(path) or path in ctx.project.discovery.excluded
        before = ctx.project.base is None or path in ctx.project.base.discovery.files
        if before and not there and (folder, migration.name) not in replaced:
            gone[folder].append(migration.name)
    released = Released(ctx.project)
    tellers: dict[str, str] = {}
    for migration in sorted(new, key=lambda each: (released.in_use(each), each.name)):
        tellers.setdefault(posixpath.dirname(migration.path), migration.id)
    return known(_Before(Context(project), {m.path: m for m in old}, dict(gone), tellers))


def _replaced(migrations: tuple[Migration, ...]) -> Iterator[tuple[str, str]]:
    for migration in migrations:
        for name in migration.replaces:
            yield posixpath.dirname(migration.path), name.name


def _is_same(ctx: Context, path: str, before: _Before) -> bool:
    """Whether a file is as it was released, or as the base of this change has it."""
    revisions = (before.ctx.project, ctx.project.base)
    return any(
        revision is not None
        and revision.exists(path)
        and revision.text(path).text == ctx.project.text(path).text
        for revision in revisions
    )


def _inconsistent(ctx: Context, migration: Migration) -> Iterator[Edit]:
    """Released migrations that need one which is not."""
    found = graph(ctx, ctx.project.entities("repository")[0]).known
    released = Released(ctx.project)
    by_id = {each.id: each for each in found.order}
    if not released.in_use(migration):
        return
    for need, name in found.needs.get(migration.id, {}).items():
        if not released.in_use(by_id[need]):
            other = by_id[need]
            label = f"{plain(found.label[need])}.{other.name}"
            yield Edit(
                f"{migration.name} is released and needs {label} now, which no database has run:"
                " where it is applied, `migrate` stops with InconsistentMigrationHistory",
                name.location if name.location.path == migration.path else migration.location,
                (Evidence(name.location, "says so"), Evidence(other.location, "is new")),
            )


def _gone(migration: Migration, before: _Before) -> Iterator[Edit]:
    """Released migrations that are not there any more, told once a folder."""
    folder = posixpath.dirname(migration.path)
    names = before.gone.get(folder, []) if before.tellers[folder] == migration.id else []
    if names:
        some = ", ".join(names[:MAX_SHOWN])
        more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
        one = len(names) == 1
        yield Edit(
            f"{some}{more} {'was' if one else 'were'} released and {'is' if one else 'are'} not"
            " there any more: databases that ran"
            f" {'it' if one else 'them'} run what stands in {'its' if one else 'their'} place as"
            " well",
            migration.location,
        )


def _changed(ctx: Context, new: Migration, past: Context, old: Migration) -> Iterator[Edit]:
    if _is_replaced(ctx, new) or _is_replaced(past, old):
        return  # it is not executed: a squashed migration is, or its originals are
    before, now = Counter(_does(past, old)), Counter(_does(ctx, new))
    lost, added = list((before - now).elements()), list((now - before).elements())
    if not lost and not added:
        return
    hidden = [what for what in (*lost, *added) if what.startswith(_HIDDEN)]
    if hidden:
        reason = hidden[0].removeprefix(_HIDDEN)
        yield Edit(
            f"{new.name} is released and was edited; whether it does what it did is not known:"
            f" {reason}",
            new.location,
            certain=False,
        )
        return
    shown = [*(f"no more `{what}`" for what in lost), *(f"now `{what}`" for what in added)]
    more = f" and {len(shown) - MAX_SHOWN} more" if len(shown) > MAX_SHOWN else ""
    yield Edit(
        f"{new.name} is released and does something else now ({', '.join(shown[:MAX_SHOWN])}"
        f"{more}): databases that ran it do not run it again",
        new.location,
    )


def _is_replaced(ctx: Context, migration: Migration) -> bool:
    return migration.id in graph(ctx, ctx.project.entities("repository")[0]).known.replaced


_HIDDEN = "? "
"""Begins what is not known."""


def _does(ctx: Context, migration: Migration) -> Iterator[str]:
    """What a migration does to the schema, a text for each thing."""
    for operation in migration.operations:
        found = effect(ctx, operation)
        if found.state != "known":
            yield f"{_HIDDEN}{found.reason}"
            continue
        for outcome in found.known.outcomes:
            yield from _shapes(outcome)


def _shapes(outcome: Outcome) -> Iterator[str]:
    step = outcome.step
    match step:
        case Unclear(schema=True, reason=reason):
            yield f"{_HIDDEN}{reason}"
        case Unclear():
            return
        case CreateTable(table=table, columns=columns):
            yield from outcome.cost.sql
            yield from (f"{table}.{column.name} {column.definition}" for column in columns)
        case _ if not isinstance(step, _ROWS):
            yield from outcome.cost.sql
