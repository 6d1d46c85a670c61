"""Simple commands: assignments, redirects, functions, builtins, programs."""

from collections.abc import Sequence

from iact_guard.analyze.shell.execution import builtins, programs
from iact_guard.analyze.shell.execution.expansion import fields_of, value_of
from iact_guard.analyze.shell.execution.run import Run, settle
from iact_guard.analyze.shell.execution.state import (
    Defined,
    Env,
    NotUnderstoodError,
    ReturnError,
)
from iact_guard.analyze.shell.execution.values import Status, Value, joined, value
from iact_guard.syntax import shell

MAX_CALLS = 12
_WRITING = frozenset({">", ">>", "&>", "&>>", ">|"})


def simple(run: Run, env: Env, node: shell.Command) -> Status:
    """The status of a simple command, looked at by `-e`."""
    env.substituted = None
    asked, env.asked = env.asked, False
    if not node.words:
        _assign(run, env, node, env)
        redirect(run, env, node.redirects)
        status: Status = env.substituted if env.substituted is not None else 0
        return settle(run, env, node, status)
    if node.argv[0] in builtins.DECLARING:
        status = builtins.declare(run, env, node)
        return settle(run, env, node, _aimed(run, env, node, status))
    words = fields_of(run, env, node.words)
    lost = env.substituted
    muted = redirect(run, env, node.redirects, words)
    name = run.world.text(words[0]) if words else None
    if not words:
        status = lost if lost is not None else 0
        return settle(run, env, node, status)
    if lost is not None and lost != 0:
        run.note(env, node, lost, "this command's status counts instead")
    before = _assign_for(run, env, node, name)
    output = env.output
    if muted:
        env.output = None
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


def _run(
    run: Run, env: Env, node: shell.Command, name: str | None, words: Sequence[Value]
) -> Status:
    if name in env.functions:
        programs.meet(run, env, node, 0)
        return _aimed(run, env, node, _call(run, env, env.functions[name or ""], words[1:]))
    handler = builtins.BUILTINS.get(name or "")
    if handler is None:
        return programs.program(run, env, node, 0)
    programs.meet(run, env, node, 0)
    return _aimed(run, env, node, handler(run, env, node, words))


def _aimed(run: Run, env: Env, node: shell.Command, status: Status) -> Status:
    return run.outcome(env, node) if programs.is_mark(run.target, env, node, 0) else status


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
        if _indexed(env, each):
            into.arrays[each.name] = (*into.arrays.get(each.name, ()), found)
        elif each.append and each.name in into.arrays:
            first, *rest = into.arrays[each.name] or ((),)
            into.arrays[each.name] = (value(*first, *found), *rest)
        else:
            into.put(each.name, value(*into.get(each.name), *found) if each.append else found)


def _indexed(env: Env, assignment: shell.Node) -> bool:
    text = env.source.text[assignment.start : assignment.end]
    return "[" in text.partition("=")[0]


def _assign_for(
    run: Run, env: Env, node: shell.Command, name: str | None
) -> dict[str, Value | None]:
    """Assignments for one command alone; what they hide."""
    if not node.assignments:
        return {}
    before = {each.name: env.values.get(each.name) for each in node.assignments}
    _assign(run, env, node, env)
    return before


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
            run.trail.written |= {(run.world.known(target), joined(words, " "))}
    return muted
