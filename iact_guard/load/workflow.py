"""`.github/workflows/*.yml` to Workflow entities."""

from collections.abc import Iterator

from iact_guard.load.refusals import refusals
from iact_guard.load.shape import Seen, as_problems, misfits
from iact_guard.load.steps import load_inputs, load_permissions, load_steps
from iact_guard.load.workflow_shape import CALL, JOB, WORKFLOW
from iact_guard.load.yaml_nodes import (
    authored,
    authored_list,
    get,
    is_null,
    mapping,
    pairs,
    single_document,
)
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.errors import UnreadableError
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.source import Problem
from iact_guard.model.workflow import Environment, Job, Trigger, Workflow
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text

MAX_STEPS = 20_000
_UNLOADED = ("strategy", "container", "services")
_FILTERS = {
    "branches": "branches",
    "branches-ignore": "branches_ignore",
    "tags": "tags",
    "tags-ignore": "tags_ignore",
    "paths": "paths",
    "paths-ignore": "paths_ignore",
    "types": "types",
    "workflows": "workflows",
}


def load(source: Text) -> Loaded[Workflow]:
    """A workflow, and what GitHub would refuse about it."""
    root, problems = single_document(source, "the workflow")
    if not isinstance(root, yaml.Mapping):
        raise UnreadableError(Location(source.path), "GitHub refuses a workflow that is no mapping")
    jobs: list[Job] = []
    seen: Seen = set()
    shaped = list(misfits(root, WORKFLOW, "a workflow", seen))
    steps = 0
    for entry in mapping(root.get("jobs")):
        job, found = _job(entry, source.path)
        jobs.append(job)
        steps += len(job.steps)
        if steps > MAX_STEPS:  # a few aliases make millions
            raise UnreadableError(job.location, f"more than {MAX_STEPS:,} steps in one file")
        problems += found
        if isinstance(entry.value, yaml.Mapping):
            calls = entry.value.get("uses") is not None
            what = "a job that calls a workflow" if calls else "a job"
            shaped += misfits(entry.value, CALL if calls else JOB, what, seen)
    workflow = Workflow(
        id=f"workflow:{source.path}",
        path=source.path,
        location=root.entries[0].key.location if root.entries else Location(source.path),
        name=authored(root.get("name")),
        run_name=authored(root.get("run-name")),
        triggers=tuple(_triggers(root.entry("on"))),
        permissions=load_permissions(root.entry("permissions")),
        env=pairs(root.get("env")),
        shell=authored(get(root, "defaults", "run", "shell")),
        working_directory=authored(get(root, "defaults", "run", "working-directory")),
        concurrency=_concurrency(root.entry("concurrency")),
        jobs=tuple(jobs),
    )
    refused, remarks = as_problems(shaped)
    problems += [*_missing(root), *refused, *refusals(workflow, root)]
    return Loaded((workflow,), tuple(problems), tuple(remarks))


def _missing(root: yaml.Mapping) -> Iterator[Problem]:
    """`on` and `jobs`, which GitHub wants filled in."""
    for name in ("on", "jobs"):
        node = root.get(name)
        if is_null(node) or (isinstance(node, yaml.Mapping) and not node.entries):
            where = node.location if node else root.location
            yield Problem(where, f"GitHub refuses a workflow without `{name}`")
    jobs = root.get("jobs")
    if jobs is not None and not isinstance(jobs, yaml.Mapping) and not is_null(jobs):
        yield Problem(jobs.location, "GitHub refuses `jobs` that are no mapping")


def _triggers(entry: yaml.Entry | None) -> Iterator[Trigger]:
    if entry is None:
        return
    if not isinstance(entry.value, yaml.Mapping):
        for name in authored_list(entry.value):
            yield Trigger(name.text, name.location)
        return
    for item in entry.value.entries:
        event, body = item.key.text, item.value
        filters = {
            ours: authored_list(get(body, theirs))
            for theirs, ours in _FILTERS.items()
            if get(body, theirs) is not None
        }
        crons = [authored(get(part, "cron")) for part in _items(body)]
        yield Trigger(
            event,
            item.key.location,
            crons=tuple(cron for cron in crons if cron),
            inputs=load_inputs(get(body, "inputs")),
            outputs=tuple(_outputs(get(body, "outputs"))),
            secrets=load_inputs(get(body, "secrets")),
            **filters,
        )


def _outputs(node: yaml.Node | None) -> Iterator[Pair]:
    for entry in mapping(node):
        value = authored(get(entry.value, "value")) or Authored("", entry.key.location)
        yield Pair(Authored(entry.key.text, entry.key.location), value)


def _items(node: yaml.Node | None) -> tuple[yaml.Node, ...]:
    return node.items if isinstance(node, yaml.Sequence) else ()


def _job(entry: yaml.Entry, path: str) -> tuple[Job, list[Problem]]:
    node, key = entry.value, entry.key.text
    job_id = f"job:{path}#{key}"
    if not isinstance(node, yaml.Mapping):
        problem = Problem(entry.key.location, "GitHub refuses a job that is no mapping")
        return Job(job_id, path, key, f"workflow:{path}", entry.key.location), [problem]
    steps, problems = load_steps(node.get("steps"), path, job_id)
    if node.get("uses") is None and is_null(node.get("runs-on")):
        reason = "GitHub refuses a job without `runs-on` or `uses`"
        problems.append(Problem(entry.key.location, reason))
    secrets = node.entry("secrets")
    inherits = bool(secrets and (text := authored(secrets.value)) and text.text == "inherit")
    matrix, dynamic = _matrix(get(node, "strategy", "matrix"))
    job = Job(
        id=job_id,
        path=path,
        key=key,
        workflow=f"workflow:{path}",
        location=entry.key.location,
        name=authored(node.get("name")),
        needs=authored_list(node.get("needs")),
        condition=authored(node.get("if")),
        environment=_environment(node.entry("environment")),
        permissions=load_permissions(node.entry("permissions")),
        env=pairs(node.get("env")),
        outputs=pairs(node.get("outputs")),
        shell=authored(get(node, "defaults", "run", "shell")),
        working_directory=authored(get(node, "defaults", "run", "working-directory")),
        runs_on=authored_list(get(node, "runs-on", "labels") or node.get("runs-on")),
        uses=authored(node.get("uses")),
        with_=pairs(node.get("with")),
        secrets=pairs(secrets.value) if secrets else (),
        secrets_inherit=secrets.key.location if secrets and inherits else None,
        continue_on_error=authored(node.get("continue-on-error")),
        timeout=authored(node.get("timeout-minutes")),
        container=authored(get(node, "container", "image") or node.get("container")),
        services=tuple(_services(node.get("services"))),
        matrix=matrix,
        matrix_dynamic=dynamic,
        matrix_keys=_matrix_keys(get(node, "strategy", "matrix")),
        computed=tuple(_computed(node)),
        matrix_rows=tuple(map(pairs, _items(get(node, "strategy", "matrix", "include")))),
        concurrency=_concurrency(node.entry("concurrency")),
        steps=tuple(steps),
    )
    return job, problems


def _environment(entry: yaml.Entry | None) -> Environment | None:
    if entry is None or is_null(entry.value):
        return None
    name = authored(entry.value) or authored(get(entry.value, "name"))
    if name is None:
        return None
    url = authored(get(entry.value, "url"))
    return Environment(name, entry.key.location, url, authored(get(entry.value, "deployment")))


def _services(node: yaml.Node | None) -> Iterator[Pair]:
    for entry in mapping(node):
        image = authored(get(entry.value, "image"))
        if image:
            yield Pair(Authored(entry.key.text, entry.key.location), image)


def _matrix(node: yaml.Node | None) -> tuple[tuple[Pair, ...] | None, bool]:
    """Scalar axes, and whether a part of the matrix is computed or no scalar."""
    if node is None:
        return None, False
    if not isinstance(node, yaml.Mapping):
        return (), True
    axes: list[Pair] = []
    dynamic = False
    for entry in node.entries:
        values = authored_list(entry.value) if isinstance(entry.value, yaml.Sequence) else ()
        whole = isinstance(entry.value, yaml.Sequence) and len(values) == len(entry.value.items)
        dynamic |= not whole
        axes += [Pair(Authored(entry.key.text, entry.key.location), value) for value in values]
    return tuple(axes), dynamic


def _matrix_keys(node: yaml.Node | None) -> tuple[str, ...] | None:
    """The axes, and what the rows of `include` add."""
    rows = get(node, "include")
    if not isinstance(node, yaml.Mapping) or isinstance(rows, yaml.Scalar):
        return None
    added = [_items(rows)] if rows else []
    if any(not isinstance(row, yaml.Mapping) for items in added for row in items):
        return None
    axes = [entry.key.text for entry in node.entries]
    more = [entry.key.text for items in added for row in items for entry in mapping(row)]
    return tuple(key for key in dict.fromkeys([*axes, *more]) if key not in ("include", "exclude"))


def _computed(node: yaml.Mapping) -> Iterator[Authored]:
    """Expressions in the parts of a job that are not loaded otherwise."""
    pending = [part for name in _UNLOADED if (part := node.get(name))]
    seen: set[int] = set()
    while pending:
        part = pending.pop()
        if id(part) in seen:  # an alias is the same node
            continue
        seen.add(id(part))
        if isinstance(part, yaml.Sequence):
            pending += part.items
        elif isinstance(part, yaml.Mapping):
            pending += [entry.value for entry in part.entries]
        elif "${{" in part.text and (text := authored(part)):
            yield text


def _concurrency(entry: yaml.Entry | None) -> Pair | None:
    if entry is None or is_null(entry.value):
        return None
    group = authored(entry.value) or authored(get(entry.value, "group"))
    cancel = authored(get(entry.value, "cancel-in-progress"))
    nothing = Authored("", entry.key.location)
    return Pair(group or nothing, cancel or nothing)
