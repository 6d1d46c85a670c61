"""The verdict from the files against what was measured."""

from dataclasses import dataclass

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.effect import Effect
from iact_guard.analyze.migration.replay import effect
from iact_guard.analyze.migration.steps import RenameTable
from iact_guard.config import parse
from iact_guard.project import Project
from iact_guard.tree import DictTree
from tests.oracle.case import Case
from tests.oracle.truth import IMPACTS, KINDS, MigrationTruth, OperationTruth, strongest

SAFE = ("none", "brief_write_block", "brief_full_block", "nonblocking_scan")


@dataclass(frozen=True)
class Answer:
    """One verdict, and what it should have been."""

    case: str
    place: str
    """Which operation, or which kind of query."""
    subject: str
    """`impact`, `locks`, `old_code`, `may_fail`."""
    said: str
    true: str
    why: str = ""
    """What the database said."""

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return self.said == self.true

    @property
    def unknown(self) -> bool:
        """Whether the files do not tell, as far as we see."""
        return self.said == "unknown"

    @property
    def falsely_safe(self) -> bool:
        """Whether we call safe what is not."""
        if self.subject == "impact":
            return self.said in SAFE and self.true not in SAFE
        return self.subject == "old_code" and (self.said, self.true) == ("ok", "breaks")

    def __str__(self) -> str:
        said = f"{self.case} | {self.place} {self.subject}: said {self.said}, is {self.true}"
        return f"{said} ({self.why})" if self.why else said


def verdicts(case: Case, django: str = "", engine: str = "postgresql") -> list[list[Effect]]:
    """The effects of the operations of each migration of the release."""
    more = {"requirements.txt": f"django=={django}\n"} if django else {}
    base = DictTree({**case.base_files, **more})
    config = parse({"database": {"engine": engine}}, "oracle")
    project = Project(DictTree({**case.files, **more}), config, base)
    ctx = Context(project)
    release = (m for m in project.entities("migration") if m.path not in case.base_files)
    found = [[effect(ctx, o).known for o in migration.operations] for migration in release]
    assert project.problems == (), project.problems
    return found


def compare(
    case: Case, truths: list[MigrationTruth], django: str = "", engine: str = "postgresql"
) -> list[Answer]:
    """Every verdict of a case beside the truth."""
    answers: list[Answer] = []
    said_old = dict.fromkeys(KINDS, "ok")
    true_old: dict[str, str] = {}
    for truth, effects in zip(truths, verdicts(case, django, engine), strict=False):
        held: dict[str, list[str]] = {}
        atomic = "atomic = False" not in dict(case.migrations)[truth.name]
        for number, (what, said) in enumerate(zip(truth.operations, effects, strict=True)):
            place = f"{truth.name}[{number}]"
            answers.append(Answer(case.name, place, "impact", said.impact, what.impact, what.error))
            if not atomic:
                held.clear()
            if not what.error:
                answers += _locks(case, place, held, said, what)
                answers.append(_may_fail(case, place, said, what))
            else:
                break
        if truth.failed:
            break
        if truth.back is not None:
            ways = [effect.way_back.possible for effect in effects]
            said_back = "no" if False in ways else "unknown" if None in ways else "yes"
            true_back = "no" if truth.back else "yes"
            answers.append(
                Answer(case.name, truth.name, "reversible", said_back, true_back, truth.back)
            )
        true_old |= truth.old_code
        for kind in KINDS:
            said_old[kind] = _worse(said_old[kind], [getattr(e.old_code, kind) for e in effects])
            true = "breaks" if kind in true_old else "ok"
            why = true_old.get(kind, "")
            answers.append(
                Answer(case.name, f"{truth.name} {kind}", "old_code", said_old[kind], true, why)
            )
    return answers


def _worse(before: str, states: list[str]) -> str:
    for state in ("breaks", "unknown"):
        if state in (before, *states):
            return state
    return "ok"


def _locks(
    case: Case, place: str, held: dict[str, list[str]], said: Effect, what: OperationTruth
) -> list[Answer]:
    for table, modes in said.locks.items():
        held.setdefault(table, []).extend(modes)
    for outcome in said.outcomes:
        if isinstance(outcome.step, RenameTable) and outcome.step.table in held:
            held[outcome.step.to] = list(held[outcome.step.table])
    if said.impact == "unknown":
        return [Answer(case.name, place, "locks", "unknown", _text(what.locks))]
    seen = {table: strongest(held.get(table, [])) for table in what.locks}
    seen |= {table: strongest(held[table]) for table in said.locks}
    return [Answer(case.name, place, "locks", _text(seen), _text(what.locks))]


def _text(locks: dict[str, str]) -> str:
    return ", ".join(f"{table} {mode}" for table, mode in sorted(locks.items()))


def _may_fail(case: Case, place: str, said: Effect, what: OperationTruth) -> Answer:
    """Rows that no case has may still be in its way: only what did fail counts."""
    risk = any(outcome.cost.may_fail for outcome in said.outcomes)
    words = {True: "may fail", False: "cannot"}
    true = words[bool(what.may_fail) or risk]
    return Answer(case.name, place, "may_fail", words[risk], true, what.may_fail)


assert set(SAFE) < set(IMPACTS)
