"""Roots as plain data, for `iact-guard model`."""

from collections.abc import Iterable
from typing import Any

from iact_guard.analyze.context import Context
from iact_guard.analyze.terraform.instances import META, META_BLOCKS, Instance, Nested
from iact_guard.analyze.terraform.modules import ModuleInstance
from iact_guard.analyze.terraform.production import environment_of
from iact_guard.analyze.terraform.roots import Root, plans
from iact_guard.model.value import Entries, Items, Value
from iact_guard.redact import MASK
from iact_guard.redact.names import may_hold_secret

MAX_DEPTH = 12
MAX_NODES = 50_000
Plain = dict[str, Any]


class _Budget:
    """How much of a root is shown."""

    def __init__(self) -> None:
        self.left = MAX_NODES

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def terraform(ctx: Context) -> Plain:
    """`{"roots": [...]}`: each root, then one for each variables file that may be chosen."""
    roots: list[Plain] = []
    for module in ctx.project.entities("terraform-module"):
        found = plans(ctx, module)
        if found.state == "known":
            roots += [_root(ctx, root) for root in found.known]
    return {"roots": roots}


def _root(ctx: Context, root: Root) -> Plain:
    budget = _Budget()
    environment = environment_of(ctx, root)
    module = root.module
    resources = [_instance(i, budget) for i in root.instances if not i.data]
    data = [_instance(i, budget) for i in root.instances if i.data]
    return {
        "path": root.definition.folder or ".",
        "environment": environment.known.name if environment.state == "known" else None,
        "environment_reason": environment.reason,
        "variables_file": root.chosen.path if root.chosen else None,
        "variables": _named(module.names("variable"), module.variable, budget),
        "locals": _named(module.local_names(), module.local, budget),
        "outputs": _named(module.names("output"), module.output, budget),
        "resources": resources,
        "data": data,
        "modules": [call for inner in root.modules for call in _calls(inner)],
    }


def _named(names: Iterable[str], value: Any, budget: _Budget) -> Plain:
    return {name: _value(value(name), name, budget) for name in names}


def _calls(module: ModuleInstance) -> Iterable[Plain]:
    for block in module.definition.of("module"):
        for call in module.calls.get(block.labels[0], ()) if block.labels else ():
            source = block.body.get("source")
            text = getattr(source.expression, "value", None) if source else None
            yield {
                "address": f"{module.prefix}module.{block.labels[0]}{call.turn.key}",
                "name": block.labels[0],
                "source": text if isinstance(text, str) else None,
                "folder": (call.module.definition.folder or ".") if call.module else None,
                "path": block.header.path,
                "line": block.header.line,
                "reason": call.reason or call.turn.reason or None,
            }


def _instance(instance: Instance, budget: _Budget) -> Plain:
    return {
        "address": instance.address,
        "type": instance.type,
        "name": instance.name,
        "path": instance.location.path,
        "line": instance.location.line,
        "attributes": _attributes(instance.nested, budget, top=True),
        "reason": instance.reason or None,
    }


def _attributes(nested: Nested, budget: _Budget, *, top: bool, depth: int = 0) -> Plain:
    shown: Plain = {}
    for attribute in nested.body.attributes:
        if not (top and attribute.name in META):
            value = nested.attribute(attribute.name)
            shown[attribute.name] = _value(value, attribute.name, budget)
    if depth < MAX_DEPTH:
        for type, inner in nested.all_blocks():
            if not (top and type in META_BLOCKS) and budget.spend():
                listed = shown.setdefault(type, [])
                if isinstance(listed, list):
                    listed.append(_attributes(inner, budget, top=False, depth=depth + 1))
    return shown


def _value(value: Value, name: str, budget: _Budget, *, within: bool = False) -> Plain:
    """A value; of a collection that is not wholly known also its parts, one level deep."""
    hidden = may_hold_secret(name)
    plain, whole = _plain(value, budget, hidden=hidden)
    shown: Plain = {
        "state": value.state if whole else "unknown",
        "value": plain,
        "reason": value.reason or None,
        "line": value.trail[0].location.line if value.trail else None,
    }
    if value.trail:
        shown["evidence"] = [
            {
                "path": step.location.path,
                "line": step.location.line,
                "column": step.location.column,
                "message": step.message,
            }
            for step in value.trail
        ]
    if value.state == "known" and not whole:
        shown["reason"] = _reason(value)
        if not within:
            shown["parts"] = _parts(value, name, budget)
    return shown


def _parts(value: Value, name: str, budget: _Budget) -> Any:
    """The values within a collection that is not wholly known."""
    content = value.content
    if isinstance(content, Entries):
        pairs = sorted(content.values.items())
        return {
            key: _value(inner, name if may_hold_secret(name) else key, budget, within=True)
            for key, inner in pairs
            if budget.spend()
        }
    if isinstance(content, Items):
        return [
            _value(item, name, budget, within=True) for item in content.values if budget.spend()
        ]
    return None


def _plain(
    value: Value, budget: _Budget, *, hidden: bool = False, depth: int = 0
) -> tuple[Any, bool]:
    """JSON of what is certain, and whether that is all of it."""
    if value.state != "known":
        return None, value.nothing
    if not budget.spend() or depth > MAX_DEPTH:
        return None, False
    content = value.content
    if isinstance(content, Items):
        found = [_plain(i, budget, hidden=hidden, depth=depth + 1) for i in content.values]
        return [item for item, _ in found], all(whole for _, whole in found)
    if isinstance(content, Entries):
        pairs = {
            key: _plain(inner, budget, hidden=hidden or may_hold_secret(key), depth=depth + 1)
            for key, inner in sorted(content.values.items())
        }
        certain = {key: plain for key, (plain, whole) in pairs.items() if whole or plain}
        return certain, not content.others and all(whole for _, whole in pairs.values())
    return (MASK if hidden and isinstance(content, str) and content else content), True


def _reason(value: Value) -> str:
    """Why the first part that is not certain is none."""
    stack, seen = [value], 0
    while stack and seen < MAX_NODES:
        part = stack.pop()
        seen += 1
        if part.state == "unknown":
            return part.reason
        if isinstance(part.content, Entries):
            if part.content.others:
                return f"it may hold more: {part.content.others}"
            stack += reversed(part.content.values.values())
        elif isinstance(part.content, Items):
            stack += reversed(part.content.values)
    return "too large to be shown"
