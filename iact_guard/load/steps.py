"""Steps, inputs and permissions: what workflows and composite actions have in common."""

from collections import Counter
from collections.abc import Iterator

from iact_guard.load.yaml_nodes import authored, authored_list, get, mapping, pairs
from iact_guard.model.authored import Authored, Pair
from iact_guard.model.source import Problem
from iact_guard.model.workflow import Input, Permissions, Scope, Step
from iact_guard.syntax import yaml

_BACKGROUND = ("background", "wait", "wait-all", "cancel")


def load_steps(node: yaml.Node | None, path: str, parent: str) -> tuple[list[Step], list[Problem]]:
    """The steps of a job or action; `parent` is the entity id of either."""
    if node is None:
        return [], []
    if not isinstance(node, yaml.Sequence):
        return [], []  # the shape says so
    seen: Counter[str] = Counter()
    steps: list[Step] = []
    problems: list[Problem] = []
    for item, extra in _flat(node):
        problems += _shape(item) if item.entries or not extra else []
        steps.append(_step(item, path, parent, len(steps), seen, extra))
    return steps, problems


def _flat(node: yaml.Sequence) -> Iterator[tuple[yaml.Mapping, tuple[Pair, ...]]]:
    """Each step; those of a `parallel` group run in the background, and all are waited for."""
    for item in node.items:
        group = item.entry("parallel") if isinstance(item, yaml.Mapping) else None
        if group is None or not isinstance(group.value, yaml.Sequence):
            if isinstance(item, yaml.Mapping):
                yield item, ()
            continue
        background, wait = (
            Pair(Authored(name, group.key.location), Authored("true", group.key.location))
            for name in ("background", "wait-all")
        )
        for inner in group.value.items:
            if isinstance(inner, yaml.Mapping):
                yield inner, (background,)
        yield yaml.Mapping((), group.key.location), (wait,)


def _shape(item: yaml.Mapping) -> list[Problem]:
    does = [name for name in ("uses", "run", *_BACKGROUND) if item.get(name) is not None]
    if not does:
        return [Problem(item.location, "GitHub refuses a step with neither `uses` nor `run`")]
    if "uses" in does and "run" in does:
        return [Problem(item.location, "GitHub refuses a step with both `uses` and `run`")]
    if "uses" in does:
        return [
            Problem(entry.key.location, f"GitHub refuses `{name}` on a step that uses an action")
            for name in ("shell", "working-directory")
            if (entry := item.entry(name))
        ]
    return []


def _step(
    item: yaml.Mapping,
    path: str,
    parent: str,
    index: int,
    seen: Counter[str],
    extra: tuple[Pair, ...],
) -> Step:
    given = item.named

    def text(name: str) -> Authored | None:
        return authored(given[name].value) if name in given else None

    key, name, uses, run = text("id"), text("name"), text("uses"), text("run")
    label = next((each.text for each in (key, name, uses) if each and each.text), "run")
    seen[label] += 1
    ordinal = f"~{seen[label]}" if seen[label] > 1 else ""
    owner = parent.split(":", 1)[1]
    return Step(
        id=f"step:{owner}{'/' if '#' in owner else '#'}{label}{ordinal}",
        path=path,
        parent=parent,
        index=index,
        location=item.location,
        key=key,
        name=name,
        uses=uses,
        run=run,
        with_=pairs(item.get("with")),
        env=pairs(item.get("env")),
        condition=text("if"),
        shell=text("shell"),
        working_directory=text("working-directory"),
        continue_on_error=text("continue-on-error"),
        timeout=text("timeout-minutes"),
        extra=(*extra, *_extra(item)),
    )


def _extra(item: yaml.Mapping) -> list[Pair]:
    return [
        Pair(Authored(name, entry.key.location), value)
        for name in _BACKGROUND
        if (entry := item.entry(name))
        for value in authored_list(entry.value) or (Authored("", entry.key.location),)
    ]


def load_permissions(entry: yaml.Entry | None) -> Permissions | None:
    """A `permissions` block, `{}` and `read-all` included."""
    if entry is None:
        return None
    text = authored(entry.value)
    if text is not None:
        return Permissions(entry.key.location, all=text.text)
    scopes = tuple(
        Scope(item.key.text, access.text, item.key.location)
        for item in mapping(entry.value)
        if (access := authored(item.value))
    )
    return Permissions(entry.key.location, scopes=scopes)


def load_inputs(node: yaml.Node | None) -> tuple[Input, ...]:
    """The `inputs` of a dispatch, a call or an action."""
    return tuple(
        Input(
            name=entry.key.text,
            type=_text(get(entry.value, "type")),
            required=_text(get(entry.value, "required")),
            default=authored(get(entry.value, "default")),
            options=tuple(option.text for option in authored_list(get(entry.value, "options"))),
            location=entry.key.location,
        )
        for entry in mapping(node)
    )


def _text(node: yaml.Node | None) -> str:
    text = authored(node)
    return text.text if text else ""
