"""What decides an open question of a run: a person, a filter of changed paths, the run itself."""

from typing import Literal

from iact_guard.analyze.context import Context
from iact_guard.analyze.uses import parse_use
from iact_guard.analyze.workflow.performed import Performed, called_workflow, work_of
from iact_guard.data.tables import table
from iact_guard.model.regex import regex
from iact_guard.model.workflow import Job, Workflow

Question = tuple[str, str]
"""Where it is asked (a workflow's path, `#` and a job in it, `>` and a called workflow), and the
expression."""
Decider = Literal["person", "paths", "run", "event"]
_STEP_OUTPUT = regex(r"\bsteps\.([\w-]+)\.outputs\b")
_JOB_OUTPUT = regex(r"\bneeds\.([\w-]+)\.outputs\b")
_COMPUTED = regex(r"\b(steps|needs)\b|\bhashfiles\(")
# What somebody may write or click to make gates go away.
_CHOSEN = (
    (regex(r"\bgithub\.event\.inputs\.([\w-]+)|\binputs\.([\w-]+)"), "the input {}"),
    (regex(r"\blabels\b|\bgithub\.event\.label\b"), "a label"),
    (regex(r"\bhead_commit\.message\b|\bevent\.commits\b"), "the commit message"),
    (regex(r"\bpull_request\.title\b"), "the title of a pull request"),
    (regex(r"\bpull_request\.body\b"), "the text of a pull request"),
    (regex(r"\bcomment\.body\b"), "a comment"),
    (regex(r"\bclient_payload\.([\w.-]+)"), "the payload field {}"),
    (regex(r"\bvars\.([\w-]+)"), "the variable {}"),
)


def decider_of(ctx: Context, workflow: Workflow, question: Question) -> Decider:
    """Who decides a question of a run of `workflow`."""
    expression = question[1]
    if is_computed(expression):
        return "paths" if _by_paths(ctx, workflow, question) else "run"
    return "person" if switch_named(expression) else "event"


def is_computed(expression: str) -> bool:
    """Whether the run itself computes it: outputs of steps and jobs."""
    return _COMPUTED.search(expression) is not None


def switch_named(expression: str) -> str:
    """What a person uses to decide it: `the input skip_tests`; empty for anything else."""
    for pattern, words in _CHOSEN:
        if found := pattern.search(expression):
            return words.format(next((group for group in found.groups() if group), ""))
    return ""


def job_asked(ctx: Context, workflow: Workflow, question: Question) -> Job | None:
    """The job whose outputs or steps a question is about."""
    where, expression = question
    place = where.rpartition(">")[2]
    path, _, key = place.partition("#")
    owner = next((each for each in ctx.project.workflows if each.path == path), workflow)
    found = _JOB_OUTPUT.search(expression)
    wanted = found[1] if found else key.partition("/")[0]
    return next((job for job in owner.jobs if job.key.lower() == wanted.lower()), None)


def _by_paths(ctx: Context, workflow: Workflow, question: Question) -> bool:
    job = job_asked(ctx, workflow, question)
    if job is None:
        return False
    step = _STEP_OUTPUT.search(question[1])
    performed = work_of(ctx, job).known.steps
    if step:
        wanted = step[1].lower()
        performed = tuple(p for p in performed if p.step.key and p.step.key.text.lower() == wanted)
    elif called_workflow(ctx, job) is None and not job.outputs:
        return False
    return any(_filters_paths(each) for each in performed)


def _filters_paths(performed: Performed) -> bool:
    step, known = performed.step, table("path_filters")
    if step.uses:
        return parse_use(step.uses).name.lower() in known["actions"]
    return step.run is not None and any(command in step.run.text for command in known["commands"])
