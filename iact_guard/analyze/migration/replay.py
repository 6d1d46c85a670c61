"""Run every migration in order, on paper: the state, the tables, and each operation's effect."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.migration.databases import postgresql
from iact_guard.analyze.migration.databases.engine import engine
from iact_guard.analyze.migration.declared import shipped
from iact_guard.analyze.migration.django_version import ANY, DjangoVersion, django_version
from iact_guard.analyze.migration.effect import (
    UNSURE,
    WORKS,
    Cost,
    Effect,
    Impact,
    Lock,
    OldCode,
    Outcome,
    Waiting,
    WayBack,
    brief,
    worst,
)
from iact_guard.analyze.migration.forwards.operations import steps
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.history.graph import Graph, graph
from iact_guard.analyze.migration.history.released import Released
from iact_guard.analyze.migration.state.models import State
from iact_guard.analyze.migration.steps import (
    AddColumn,
    Aside,
    BuildIndex,
    ChangeTable,
    ChangeType,
    CreateTable,
    DropColumn,
    DropTable,
    Placed,
    RenameColumn,
    RenameTable,
    SetNotNull,
    Step,
    Unclear,
    WriteRows,
    alone,
)
from iact_guard.analyze.migration.transaction.existing_rows import meet_rows
from iact_guard.analyze.migration.transaction.forgotten import (
    Forgotten,
    forgets,
    still_required,
)
from iact_guard.analyze.migration.transaction.held import Held
from iact_guard.analyze.migration.transaction.keys import ForeignKeys
from iact_guard.analyze.migration.transaction.mend import Taken, find_successors, mend
from iact_guard.analyze.migration.transaction.pending import Pending
from iact_guard.analyze.migration.transaction.tables import Known, Tables
from iact_guard.analyze.migration.way_back import together, way_back
from iact_guard.model.fact import Fact, known, not_applicable, unknown
from iact_guard.model.location import Evidence
from iact_guard.model.migration import Migration, Operation
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository


@dataclass(frozen=True, slots=True)
class Replay:
    """The order, and the effect of each operation by entity id."""

    graph: Graph
    effects: dict[str, Effect]


@fact("repository.migration_replay")
def replay(ctx: Context, repository: Repository) -> Fact[Replay]:
    """All migrations, in order."""
    migrations: tuple[Migration, ...] = ctx.project.entities("migration")
    return known(_Run(ctx, migrations, graph(ctx, repository).known).replay())


@fact("operation.effect")
def effect(ctx: Context, operation: Operation) -> Fact[Effect]:
    """What an operation does to the running system."""
    found = replay(ctx, ctx.project.entities("repository")[0])
    if found.state != "known":
        return unknown(found.reason)
    return known(found.known.effects[operation.id])


@fact("operation.outcomes")
def outcomes(ctx: Context, operation: Operation) -> Fact[tuple[Outcome, ...]]:
    """The steps of an operation itself that are up for judgement."""
    found = effect(ctx, operation)
    if found.state != "known":
        return unknown(found.reason)
    if found.known.released:
        return not_applicable("the base revision has it already")
    if found.known.skipped:
        return not_applicable(found.known.skipped)
    return known(found.known.own)


@fact("migration.effects")
def effects(ctx: Context, migration: Migration) -> Fact[tuple[tuple[Operation, Effect], ...]]:
    """What its operations do, those within others included, in order of execution."""
    found = tuple((each, effect(ctx, each).known) for each in migration.every_operation)
    if found and all(what.released for _, what in found):
        return not_applicable("the base revision has it already")
    skipped = next((what.skipped for _, what in found if what.skipped), "")
    return not_applicable(skipped) if skipped else known(found)


class _Run:
    def __init__(self, ctx: Context, migrations: tuple[Migration, ...], graph: Graph) -> None:
        project = ctx.project
        self.ctx = ctx
        self.engine = engine(project.config.database)
        self.small_tables = frozenset(project.config.database.small_tables)
        self.declared = shipped().impact | project.config.migrations.operations
        self.graph = graph
        self.modules = project.modules
        self.released = Released(project)
        self.fresh = {m.id for m in migrations if not self.released.in_use(m)}
        self.effects: dict[str, Effect] = {}
        self.forgotten: list[Forgotten] = []
        self.state = State()
        self.tables = Tables()
        self.keys = ForeignKeys()
        self.migrations = migrations

    def version(self, migration: Migration) -> DjangoVersion:
        """The Django that runs a migration; where nobody says which, it may be any."""
        found = django_version(self.ctx, migration)
        return found.known if found.state == "known" else ANY

    def siblings(self, migration: Migration) -> set[str]:
        """Initial migrations of one app ship together: Django splits them where keys are mutual."""
        if not migration.initial:
            return set()
        package = migration.package
        return {m.id for m in self.migrations if m.initial and m.package == package}

    def replay(self) -> Replay:
        """The effects of all operations, those of skipped migrations included."""
        for migration in self.graph.order:
            _Migration(self, migration).run()
        self.judge(self.forgotten)
        for migration in self.migrations:
            instead = self.graph.replaced.get(migration.id)
            if instead is not None:
                reason = f"{instead.name} is executed instead"
                for operation in migration.every_operation:
                    self.effects[operation.id] = Effect(skipped=reason)
        return Replay(self.graph, self.effects)

    def judge(self, forgotten: list[Forgotten]) -> None:
        """Note what the tables still ask for, of columns that only the models forgot."""
        for operation, outcome in still_required(forgotten, self.tables):
            found = self.effects[operation.id]
            self.effects[operation.id] = replace(found, own=(*found.own, outcome))


class _Migration:
    """One migration: its steps, the locks it holds, and what its end makes of them."""

    def __init__(self, run: _Run, migration: Migration) -> None:
        self.run_ = run
        self.tables = run.tables
        self.migration = migration
        self.label = run.graph.label[migration.id]
        # What nobody uses yet: what this migration made or, with a base, what came since then.
        fresh = run.released.known and migration.id in run.fresh
        self.recent = run.fresh if fresh else {migration.id} | run.siblings(migration)
        self.transaction = run.engine.transactional and migration.atomic is not False
        self.held = Held()
        self.before = run.state
        """The models at the start of the migration."""
        self.query: tuple[str, int | None] = ("", None)
        """The one of which `held` are the locks, where the migration is no transaction."""
        self.start: dict[str, frozenset[str]] = {}
        """The columns of each table that it touches, as it found them."""
        self.taken: list[Taken] = []
        self.forgotten: list[Forgotten] = []
        self.pending = Pending(run.keys, migration.id)
        self.ways: dict[str, WayBack] = {}

    def run(self) -> None:
        """Take all steps, then judge them by how the migration ends."""
        for operation in self.migration.operations:
            self._operation(operation)
        self._end()
        if self.transaction:
            mend(self.taken, self.tables, self.start)
        find_successors(self.taken, self.tables, self.start, self.migration.id)
        by_operation: dict[str, list[Taken]] = {}
        for taken in self.taken:
            by_operation.setdefault(taken.operation.id, []).append(taken)
        for operation in self.migration.every_operation:
            own = tuple(map(self._outcome, by_operation.get(operation.id, ())))
            within = operation.every[1:]
            inner = tuple(self._outcome(t) for o in within for t in by_operation.get(o.id, ()))
            self.run_.effects[operation.id] = self._effect(operation, own, inner)
        if self.run_.released.known:
            self.run_.forgotten += self.forgotten  # a later migration of the release may make good
        else:
            self.run_.judge(self.forgotten)

    def _end(self) -> None:
        """Indexes of new columns, and keys of new tables, are made when the migration ends."""
        for taken in self.taken:
            step = taken.step
            if isinstance(step, CreateTable) and self._is_gone(step.table):
                taken.cost = replace(taken.cost, locks=(), impact="none")
            if isinstance(step, DropTable) and self._is_own(taken):
                taken.cost = replace(taken.cost, locks=(), impact="none")
            if not isinstance(step, AddColumn) or not step.column.index:
                continue
            if self.transaction and not taken.waiting:
                taken.waiting = self.pending.refuses(step)
                if taken.waiting and taken.waiting.certain:
                    taken.cost = replace(taken.cost, impact="fails")
            if self.run_.engine.name == "postgresql" and not taken.new_table:
                self._index_later(taken, step)

    def _index_later(self, taken: Taken, step: AddColumn) -> None:
        """The index of a new column: not at all if the column is gone; else under the locks."""
        gone = taken.column is not None and taken.column.origin not in self.tables.origins()
        if taken.cost.impact == "full_block_scan" and (gone or not self.transaction):
            plain = self.run_.engine.cost(replace(step, column=replace(step.column, index=False)))
            scan: Impact = "none" if gone else "write_block_scan"
            locks = plain.locks if gone else taken.cost.locks
            taken.cost = replace(taken.cost, locks=locks, impact=worst((plain.impact, scan)))

    def _is_gone(self, table: str) -> bool:
        """Whether a table that the migration made is dropped by it, and not merely renamed."""
        renamed = (t.step.table for t in self.taken if isinstance(t.step, RenameTable))
        return self.tables.get(table) is None and table not in renamed

    def _is_own(self, dropped: Taken) -> bool:
        """Whether a table that goes has come with this migration: its keys were never made."""
        table = getattr(dropped.step, "table", "")
        made = (t.step for t in self.taken if isinstance(t.step, CreateTable))
        return dropped.new_table and any(step.table == table for step in made)

    def _outcome(self, taken: Taken) -> Outcome:
        small = getattr(taken.step, "table", "") in self.run_.small_tables
        return Outcome(
            taken.step,
            taken.cost,
            taken.new_table,
            taken.evidence,
            taken.mended,
            taken.known_as,
            taken.column.required if taken.column else None,
            small,
            taken.waiting,
        )

    def _effect(
        self, operation: Operation, own: tuple[Outcome, ...], inner: tuple[Outcome, ...]
    ) -> Effect:
        tables = (getattr(outcome.step, "table", "") for outcome in own + inner)
        return Effect(
            table=next((table for table in tables if table), None),
            own=own,
            inner=inner,
            way_back=together(self.ways[o.id] for o in operation.every if o.id in self.ways),
            released=self.run_.released.operation(self.migration, operation),
        )

    def _operation(self, operation: Operation) -> None:
        self._take(operation)
        if operation.database:
            # The operations on the database see a state of their own, which is then forgotten.
            state = self.run_.state
            self.run_.state = state.copy()
            for inner in operation.database:
                self._operation(inner)
            self.run_.state = state
        for inner in operation.state:
            forgotten = forgets(inner, self.label, self.run_.state, self.tables)
            if forgotten is not None:
                self.forgotten.append(forgotten)
            self.run_.state.apply(self.label, inner)

    def _take(self, operation: Operation) -> None:
        before = self.run_.state
        after = before.copy()
        after.apply(self.label, operation)
        run = self.run_
        scene = Scene(
            self.label,
            before,
            after,
            run.declared,
            run.modules,
            partial(run.version, self.migration),
            self.tables,
            run.ctx.project.text,
            run.engine.vendor,
            self.migration.atomic is not False,
            self.transaction,
        )
        self.ways[operation.id] = way_back(operation, self.label, before, run.modules)
        for step in steps(scene, operation):
            self._step(operation, step)
        self.run_.state = after

    def _step(self, operation: Operation, said: Step | Placed) -> None:
        placed = said if isinstance(said, Placed) else Placed(said, operation.location)
        step, table = placed.step, getattr(placed.step, "table", "")
        query = (operation.id, placed.query)
        if not self.transaction and (placed.query is None or query != self.query):
            self.held.clear()
        self.query = query
        found = self.tables.get(table)
        if table not in self.start:
            self.start[table] = frozenset(found.columns if found else ())
        new_table = bool(table) and (isinstance(step, CreateTable) or self._is_new(table))
        evidence = [Evidence(placed.location, _told(step))]
        column = self._column(step)
        evidence += self._history(step, column)
        cost = self._cost(step)
        cost = replace(cost, old_code=self._used(step, cost.old_code))
        if (
            isinstance(step, SetNotNull)
            and not step.filled
            and self.tables.proves(table, step.column.name)
        ):
            cost = replace(cost, impact="brief_full_block", may_fail="")
        if isinstance(step, SetNotNull) and column and self._recent(column.by):
            if postgresql.requires_value(step.column) and not column.filled:
                cost = replace(cost, old_code=cost.old_code | postgresql.INSERT_BREAKS)
        elif column and self._recent(column.by) and isinstance(step, DropColumn | RenameColumn):
            cost = replace(cost, old_code=WORKS)
        if new_table and not isinstance(step, CreateTable | Unclear):
            cost = Cost(cost.sql, self._others(cost), brief(self._others(cost)))
        cost, writer = meet_rows(step, cost, self.tables, self._recent, self.before)
        if writer is not None:
            evidence.append(Evidence(writer.location, f"may have mended the rows of {table}"))
        cost = self._transaction(placed, cost, evidence)
        waiting = self._checks(step, operation, new_table)
        if waiting is not None and waiting.certain:
            cost = replace(cost, impact="fails")
        self.tables.apply(step, operation)
        if isinstance(step, AddColumn):
            column = self.tables.column(step.table, step.column.name)
        taken = Taken(operation, step, cost, new_table, tuple(evidence), column, waiting=waiting)
        self.taken.append(taken)
        self.held.take(self._others(cost), operation)
        if isinstance(step, RenameTable):
            self.held.rename(step.table, step.to)

    def _checks(self, step: Step, operation: Operation, new_table: bool) -> Waiting | None:
        """The rows whose checks were put off, if the database refuses the step for them."""
        postpones = self.transaction and self.run_.engine.name == "postgresql"
        waiting = self.pending.refuses(step) if postpones else None
        if postpones:
            self.pending.apply(step, operation, new_table=new_table)
        self.run_.keys.apply(step, operation)
        return waiting

    def _cost(self, step: Step) -> Cost:
        cost = self.run_.engine.cost(step)
        if isinstance(step, CreateTable):
            locks = self._others(cost)
            known_new = not locks and "?" not in step.references
            return replace(cost, locks=locks, impact="none" if known_new else cost.impact)
        if isinstance(step, AddColumn) and self._is_built_alone(step, cost):
            return replace(cost, impact="write_block_scan")
        return cost

    def _is_built_alone(self, step: AddColumn, cost: Cost) -> bool:
        """Whether the index of a new column is built when the lock of ADD COLUMN is gone."""
        apart = not self.transaction and self.run_.engine.name == "postgresql"
        scans = cost.impact == "full_block_scan"
        return apart and scans and postgresql.is_indexed_apart(step.column)

    def _others(self, cost: Cost) -> tuple[tuple[str, Lock], ...]:
        return tuple((table, lock) for table, lock in cost.locks if not self._is_new(table))

    def _transaction(self, placed: Placed, cost: Cost, evidence: list[Evidence]) -> Cost:
        """What the transaction around it makes worse."""
        if alone(placed.step):
            if self.migration.atomic or placed.beside:
                return replace(cost, impact="fails", reason=_why_not(placed))
            if self.migration.atomic is None:
                reason = "whether the migration is a transaction cannot be read"
                return replace(cost, impact="unknown", reason=reason)
            return cost
        if cost.impact not in ("write_block_scan", "nonblocking_scan", "row_locks"):
            return cost
        impact: Impact = cost.impact
        for table, lock, by in self.held.behind(placed.step):
            everybody = lock == "AccessExclusiveLock"
            impact = worst((impact, "full_block_scan" if everybody else "write_block_scan"))
            evidence.append(Evidence(by.location, f"locks {table} until the transaction ends"))
        return replace(cost, impact=impact)

    def _used(self, step: Step, old: OldCode) -> OldCode:
        """What becomes of the old code where the models tell how far it uses what is taken away."""
        if not isinstance(step, DropTable | RenameTable | DropColumn | RenameColumn):
            return old
        if step.use.forgotten is not None and not self._recent(step.use.forgotten):
            return WORKS
        if step.use.modelled:
            return old
        # A view that no model stands for is nobody's that asks through models.
        view = isinstance(step, DropTable) and step.kind != "table"
        return WORKS if view else UNSURE

    def _is_new(self, table: str) -> bool:
        found = self.tables.get(table)
        return found is not None and self._recent(found.by)

    def _recent(self, by: Operation | None) -> bool:
        return by is not None and by.migration in self.recent

    def _column(self, step: Step) -> Known | None:
        match step:
            case DropColumn(table=table, column=str(name)) | RenameColumn(table=table, column=name):
                return self.tables.column(table, name)
            case SetNotNull(table=table, column=column):
                return self.tables.column(table, column.name)
        return None

    def _history(self, step: Step, column: Known | None) -> Iterator[Evidence]:
        """Since when what it touches is there."""
        if column is not None:
            yield Evidence(column.by.location, f"adds the column {column.added_as}")
            return
        table = getattr(step, "table", "")
        found = self.tables.get(table) if table else None
        if found is not None and found.by is not None:
            yield Evidence(found.by.location, f"creates the table {table}")


def _why_not(placed: Placed) -> str:
    """Why something that refuses to run in a transaction is in one."""
    if placed.beside:
        return "what stands in one text is one transaction: a list of texts is not"
    return "it refuses to run in a transaction, and the migration is one"


def _told(step: Step) -> str:
    """A step in words, as evidence."""
    match step:
        case AddColumn(table=table, column=column):
            return f"adds the column {column.name} to {table}"
        case DropColumn(table=table, column=name):
            return f"drops the column {name} of {table}"
        case RenameColumn(table=table, column=name, to=to):
            return f"renames the column {name} of {table} to {to}"
        case BuildIndex(table=table, columns=columns):
            return f"builds an index on {table} ({columns})"
        case SetNotNull(table=table, column=column):
            return f"makes the column {column.name} of {table} NOT NULL"
        case ChangeType(table=table, old=old, new=new):
            return f"changes the type of {new.name} of {table} from {old.type} to {new.type}"
        case Unclear(reason=reason):
            return reason
        case WriteRows(table=table, verb=verb, live=live):
            verbs = {"insert": "adds rows to", "update": "updates rows of", "any": "writes rows of"}
            through = " (by the class of the application, imported)" if live else ""
            return f"{verbs.get(verb, 'deletes rows of')} {table}{through}"
        case ChangeTable(table=table, change=change):
            return f"{change}: {table}"
        case Aside(what=what):
            return what
    words = "".join(f" {c.lower()}" if c.isupper() else c for c in type(step).__name__).strip()
    table = getattr(step, "table", "")
    return f"{words} {table}".strip()
