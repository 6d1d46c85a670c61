"""The rows of a job's matrix that may end differently."""

from itertools import product

from iact_guard.analyze.workflow.run.condition import condition_of, pieces_of
from iact_guard.analyze.workflow.run.domains import OTHER, compared_in, path_of
from iact_guard.analyze.workflow.run.scope import Scope
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.workflow import Job
from iact_guard.syntax.expression import Index, Node, Open, Value, nodes_in

MAX_LEGS = 32
"""Beyond it the rows differ in the first axes only."""


def legs_of(job: Job, scope: Scope) -> list[Value]:
    """Each `matrix` that the conditions of the job tell apart; one for a job without any."""
    if job.matrix is None:
        return [None]
    axes: dict[str, tuple[Value, ...]] = {}
    for axis in sorted(_asked_for(job)):
        values = _values(job, axis, scope)
        count = len(values)
        for others in axes.values():
            count *= len(others)
        if count <= MAX_LEGS:
            axes[axis] = values
    names = tuple(axes)
    return [Open(dict(zip(names, row, strict=True))) for row in product(*axes.values())]


def _values(job: Job, axis: str, scope: Scope) -> tuple[Value, ...]:
    """What an axis can be: as written, else what it is compared with."""
    if found := axis_of(job, axis):
        return found
    compared = compared_in(scope.chosen.ctx, scope.workflow).known.get(axis, ())
    fixed = (_typed(v) for v in _written(job, axis) if "${{" not in v.text)
    return tuple(dict.fromkeys((*fixed, *compared, OTHER)))


def axis_of(job: Job, axis: str) -> tuple[Value, ...]:
    """All that an axis (in lower case) can be; empty where that is computed in a run."""
    written = _written(job, axis)
    computed = any("${{" in value.text or value.locate is None for value in written)
    if not written or computed or not all(job.matrix_rows):
        return ()
    if job.matrix_dynamic and not job.matrix_rows:
        return ()  # its `include` may be computed, and add to any axis
    own = any(pair.key.text.lower() == axis for pair in job.matrix or ())
    every = all(_in_row(row, axis) for row in job.matrix_rows) and not job.matrix
    absent = () if own or every else (None,)  # in rows that do not set it
    return tuple(dict.fromkeys((*map(_typed, written), *absent)))


def _written(job: Job, axis: str) -> list[Authored]:
    pairs = [pair.value for pair in job.matrix or () if pair.key.text.lower() == axis]
    return [*pairs, *(value for row in job.matrix_rows if (value := _in_row(row, axis)))]


def _in_row(row: tuple[Pair, ...], axis: str) -> Authored | None:
    return next((pair.value for pair in row if pair.key.text.lower() == axis), None)


def _typed(value: Authored) -> Value:
    plain = value.plain and value.text.lower() in ("true", "false")
    return value.text.lower() == "true" if plain else value.text


def _asked_for(job: Job) -> set[str]:
    """The axes that a condition, or the tolerance of a failure, looks at."""
    texts = [job.continue_on_error]
    for step in job.steps:
        texts += [step.condition, step.continue_on_error]
    found: set[str] = set()
    for text in texts:
        if text and "matrix" in text.text:
            found |= _axes(text.text)
    return found


def _axes(text: str) -> set[str]:
    nodes: list[Node] = [p for p in pieces_of(text) or () if not isinstance(p, str)]
    if not nodes and (condition := condition_of(text)):
        nodes.append(condition.node)
    paths = (path_of(i) for n in nodes for i in nodes_in(n) if isinstance(i, Index))
    return {path[1] for path in paths if path and path[0] == "matrix" and len(path) > 1}
