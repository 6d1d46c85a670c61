"""Simple commands: assignments, redirects, functions, builtins, programs."""

from collections.abc import Sequence

from iact_guard.analyze.shell.execution import builtins, programs
from iact_guard.analyze.shell.execution.expansion import fields_of, key_of, value_of
from iact_guard.analyze.shell.execution.run import Run, settle
from iact_guard.analyze.shell.execution.state import (
    Defined,
    Env,
    Given,
    NotUnderstoodError,
    ReturnError,
)
from iact_guard.analyze.shell.execution.values import Status, Value, joined, number_of, value
from iact_guard.syntax import shell
from iact_guard.syntax.shell.nodes import Assignment

MAX_CALLS = 12
_WRITING = frozenset({">", ">>", "&>", "&>>", ">|"})


def simple(run: Run, env: Env, node: shell.Command) -> Status:
    """The status of a simple command, looked at by `-e`."""
    env.substituted = None
    asked, env.asked = env.asked, False
    if not node.words:
        _assign(run, env, node, env)
        redirect(run, env, node.redirects)
        _shown(run, env, node)
        status: Status = env.substituted if env.substituted is not None else 0
        return settle(run, env, node, status)
    if node.argv[0] in builtins.DECLARING:
        status = builtins.declare(run, env, node)
        return settle(run, env, node, _aimed(run, env, node, status))
    words = fields_of(run, env, node.words)
    lost = env.substituted
    muted = redirect(run, env, node.redirects, words)
    name = run.world.text(words[0]) if words else None
    alone = name is None and len(words) == 1 and not node.words[0].quoted
    if not words or (alone and lost is not None and run.world.empty(words[0])):
        status = lost if lost is not None else 0
        return settle(run, env, node, status)
    if lost is not None and lost != 0:
        run.note(env, node, lost, "this command's status counts instead")
    before = _assign_for(run, env, node, name)
    output = env.output
    if muted:
        env.output = channel(env, node.redirects)
    env.asked = asked
    try:
        status = _run(run, env, node, name, words)
    finally:
        env.asked = False
        env.output = output
        for each, old in before.items():
            if old is None:
                env.values.pop(each, None)
            else:
                env.values[each] = old
    env.statuses = (status,)
    return settle(run, env, node, status)


def _shown(run: Run, env: Env, node: shell.Command) -> None:
    """`$(< file)`."""
    reads = [each.target for each in node.redirects if each.operator == "<" and each.target]
    if env.output is None or len(node.redirects) != 1 or not reads:
        return
    path = reads[0].static or ""
    if path in run.trail.content:
        env.output.append(run.trail.content[path])
    else:
        run.output(env, node)


def _run(
    run: Run, env: Env, node: shell.Command, name: str | None, words: Sequence[Value]
) -> Status:
    if name in env.functions:
        programs.meet(run, env, node, 0)
        before, env.given = env.given, _given(run, env, node, len(words) - 1)
        try:
            status = _call(run, env, env.functions[name or ""], words[1:])
        finally:
            env.given = before
        return _aimed(run, env, node, status)
    handler = builtins.BUILTINS.get(name or "")
    if handler is None:
        return programs.program(run, env, node, 0)
    programs.meet(run, env, node, 0)
    return _aimed(run, env, node, handler(run, env, node, words))


def _aimed(run: Run, env: Env, node: shell.Command, status: Status) -> Status:
    return run.outcome(env, node) if programs.is_mark(run.target, env, node, 0) else status


def _given(run: Run, env: Env, node: shell.Command, count: int) -> Given | None:
    """The call, where the function may run what is looked for."""
    at = (*env.source.at, node.start)
    wanted = any(m and m.at == at and m.words < len(node.words) for m in (run.target, run.second))
    if not wanted and env.given is None:
        return None
    return Given(node, env.source, count, env.arguments, env.given)


def _call(run: Run, env: Env, function: Defined, arguments: Sequence[Value]) -> Status:
    if env.calls > MAX_CALLS:
        raise NotUnderstoodError("functions that call functions, too deep to follow")
    before = env.arguments, env.source, env.loops, env.asked, env.depth
    trap = None if env.errtrace else env.traps.pop("ERR", None)
    env.arguments, env.source, env.loops, env.asked = tuple(arguments), function.source, 0, False
    env.locals.append({})
    env.calls += 1
    try:
        return run.execute(run, env, function.body)
    except ReturnError as error:
        return error.status
    finally:
        env.calls -= 1
        for name, old in env.locals.pop().items():
            if old is None:
                env.values.pop(name, None)
            else:
                env.put(name, old)
        env.arguments, env.source, env.loops, env.asked, env.depth = before
        if trap is not None:
            env.traps.setdefault("ERR", trap)


def _assign(run: Run, env: Env, node: shell.Command, into: Env) -> None:
    for each in node.assignments:
        run.at(env, node)
        if each.array:
            words = fields_of(run, env, each.value)
            before = into.arrays.get(each.name, ()) if each.append else ()
            into.values.pop(each.name, None)
            into.arrays[each.name] = (*before, *words)
            continue
        found = value_of(run, env, each.value[0].parts) if each.value else ()
        index = _index(env, each)
        if index:
            _put_element(run, into, each, index, found)
        elif each.append and each.name in into.arrays:
            first, *rest = into.arrays[each.name] or ((),)
            into.arrays[each.name] = (value(*first, *found), *rest)
        else:
            into.put(each.name, value(*into.get(each.name), *found) if each.append else found)


def _index(env: Env, assignment: shell.Node) -> str:
    """What stands in `name[...]=`; empty where there are no brackets."""
    text = env.source.text[assignment.start : assignment.end]
    head, _, rest = text.partition("=")[0].partition("[")
    return rest.rpartition("]")[0] if rest and head else ""


def _put_element(run: Run, env: Env, assignment: Assignment, index: str, found: Value) -> None:
    """`name[index]=value`: of a list by number, of a table by name."""
    name, elements = assignment.name, env.arrays.get(assignment.name, ())
    key = key_of(run, env, index)
    number = number_of(key)
    if number is not None and 0 <= number <= len(elements):
        before = elements[number] if assignment.append and number < len(elements) else ()
        changed = value(*before, *found)
        env.values.pop(name, None)
        env.arrays[name] = (*elements[:number], changed, *elements[number + 1 :])
        return
    entry = f"{name}[{key}]"
    before = env.values.get(entry, ()) if assignment.append else ()
    env.values[entry] = value(*before, *found)


def _assign_for(
    run: Run, env: Env, node: shell.Command, name: str | None
) -> dict[str, Value | None]:
    """Assignments for one command alone; what they hide."""
    if not node.assignments:
        return {}
    before = {each.name: env.values.get(each.name) for each in node.assignments}
    _assign(run, env, node, env)
    return before


def channel(env: Env, redirects: Sequence[shell.Redirect]) -> list[Value] | None:
    """What collects the output of a command that goes elsewhere: `>&4`."""
    target = redirects[-1].target if redirects and redirects[-1].operator == ">&" else None
    return env.channels.get(target.static or "") if target else None


def _write(run: Run, redirect: shell.Redirect, path: str, words: Sequence[Value]) -> None:
    """What a file holds: known where `echo` alone has written it."""
    text = builtins.said(run, words) if words else None
    if text is not None and redirect.operator in (">", ">|") and redirect.descriptor in ("", "1"):
        run.trail.content[path] = text
    else:
        run.trail.content.pop(path, None)


def redirect(
    run: Run, env: Env, redirects: Sequence[shell.Redirect], words: Sequence[Value] = ()
) -> bool:
    """What redirects do; whether the output goes elsewhere."""
    muted = False
    for each in redirects:
        if each.heredoc:
            value_of(run, env, each.heredoc.parts)
            continue
        target = value_of(run, env, each.target.parts) if each.target else ()
        first = each.descriptor in ("", "1")
        muted |= first and each.operator in (*_WRITING, ">&")
        path = run.world.text(target) or ""
        if each.operator in _WRITING and not path.startswith("/dev/"):
            if path:
                run.trail.files[path] = True
                _write(run, each, path, words)
            run.trail.written |= {(run.world.known(target), joined(words, " "))}
    return muted
