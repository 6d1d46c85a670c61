"""Statements: lists, pipelines, branches, loops, functions, shells within the shell."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from iact_guard.analyze.shell.execution import commands, conditions
from iact_guard.analyze.shell.execution.arithmetic import evaluate
from iact_guard.analyze.shell.execution.expansion import fields_of, value_of
from iact_guard.analyze.shell.execution.run import Cause, Run, in_shell, settle
from iact_guard.analyze.shell.execution.state import (
    Defined,
    EndlessError,
    Env,
    LoopError,
    NotUnderstoodError,
)
from iact_guard.analyze.shell.execution.values import Status, Symbol, Value, value
from iact_guard.syntax import shell

GUARDS = (shell.If, shell.AndOr)
"""What may end the script before it matters what the command does."""
MAX_ITERATIONS = 40
"""Of one loop that is not over a list."""
MAX_ASKED = 2
"""Of one whose end only a run can tell."""
MAX_DEPTH = 60
_SHOWN = 12
"""Characters of a statement that stand in a message."""
PRUNED = (shell.If, shell.For, shell.While, shell.Case, shell.AndOr)
"""What is left out where nothing hangs on it."""


def execute(run: Run, env: Env, node: shell.Statement | shell.Block) -> Status:
    """What a statement or a block ends with."""
    run.fuel.spend()
    quiet = env.output is None and not env.asked and env.given is None
    if isinstance(node, PRUNED) and quiet and run.idle(env, node):
        env.status = 0
        return 0
    if (
        isinstance(node, GUARDS)
        and env.main
        and env.given is None
        and not env.traps
        and run.guards(env, node)
    ):
        env.status = 0
        return 0
    env.depth += 1
    if env.depth > MAX_DEPTH:
        raise NotUnderstoodError("calls within calls, too deep to follow")
    env.status = _dispatch(run, env, node)
    env.depth -= 1
    return env.status


def _dispatch(run: Run, env: Env, node: shell.Statement | shell.Block) -> Status:
    match node:
        case shell.Command():
            return commands.simple(run, env, node)
        case shell.Block():
            return _block(run, env, node)
        case shell.AndOr():
            return _list(run, env, node)
        case shell.Pipeline():
            return _pipeline(run, env, node)
        case shell.If():
            return _if(run, env, node)
        case shell.While():
            return _loop(run, env, lambda: _holds(run, env, node), node.body)
        case shell.For():
            return _for(run, env, node)
        case shell.ForArithmetic():
            return _counted(run, env, node)
        case shell.Case():
            return _case(run, env, node)
        case shell.Function():
            env.functions[node.name] = Defined(node.body, env.source)
            return 0
        case shell.Subshell():
            inner = env.subshell()
            status = in_shell(run, inner, node.body)
            return settle(run, env, node, status)
        case shell.Group():
            return execute(run, env, node.body)
        case shell.Conditional():
            return settle(run, env, node, 0 if conditions.double(run, env, node) else 1)
        case shell.ArithmeticCommand():
            run.at(env, node)
            found = evaluate(value_of(run, env, node.parts), env, run.world)
            return settle(run, env, node, 1 if run.world.zero(found) else 0)
        case shell.Coproc():
            _background(run, env, node.body)
            env.put("COPROC_PID", env.values["!"])
            return 0
        case shell.Redirected():
            return _redirected(run, env, node)
        case shell.Unparsed():
            raise NotUnderstoodError(f"the script cannot be understood: {node.reason}")


def _block(run: Run, env: Env, node: shell.Block) -> Status:
    status: Status = 0
    asked = env.asked
    for index, item in enumerate(node.items):
        env.asked = asked and index == len(node.items) - 1
        if item.background:
            _background(run, env, item.statement)
            status = env.status = 0
        else:
            status = execute(run, env, item.statement)
        if status != 0 and index < len(node.items) - 1:
            following = node.items[index + 1].statement
            cause: Cause = "remote" if env.remote else "script"
            run.note(env, following, status, "the script goes on here, `-e` is off", cause)
    env.asked = asked
    return status


def _background(run: Run, env: Env, statement: shell.Statement) -> None:
    inner = env.subshell()
    inner.asked = False
    inner.output = None
    status = in_shell(run, inner, statement)
    run.trail.ended = None if status == 0 else run.trail.ended
    env.started += 1
    process = str(70_000 + env.started)
    env.jobs[process] = status
    env.values["!"] = value(process)
    run.note(env, statement, status, "it runs in the background", "background")


def _list(run: Run, env: Env, node: shell.AndOr) -> Status:
    status: Status = 0
    asked = env.asked
    last = len(node.items) - 1
    for index, item in enumerate(node.items):
        if index:
            operator = node.operators[index - 1]
            if (status == 0) != (operator == "&&"):
                continue
            if operator == "||":
                run.note(env, item, status, f"`|| {_shown(env, item)}` replaces its failure")
        if index < last:
            handled = asked or _asks(run, env, node, index)
            with env.looking_away(asked=handled):
                status = execute(run, env, item)
        else:
            env.asked = asked
            status = execute(run, env, item)
    return status


def _shown(env: Env, node: shell.Node) -> str:
    """A statement for a message: whole where it is short, else how it begins."""
    words = env.source.text[node.start : node.end].split()
    text = " ".join(words)
    if len(text) <= _SHOWN:
        return text
    return f"{words[0]} ..." if len(words[0]) <= _SHOWN else "..."


def _asks(run: Run, env: Env, node: shell.AndOr, index: int) -> bool:
    """Whether what is looked for only runs where this part fails."""
    handlers = [i + 1 for i in range(index, len(node.operators)) if node.operators[i] == "||"]
    wanted = [mark for mark in (run.target, run.second) if mark]
    return any(
        mark.at[:-1] == env.source.at and item.start <= mark.at[-1] < item.end
        for mark in wanted
        for item in node.items[handlers[0] if handlers else len(node.items) :]
    )


def _pipeline(run: Run, env: Env, node: shell.Pipeline) -> Status:
    if node.negated:
        with env.looking_away(asked=env.asked):
            status = _joined(run, env, node)
        asked = "its failure only decides which branch is taken"
        run.note(env, node, status, asked if env.asked else "`!` turns its status around")
        return 1 if status == 0 else 0
    if len(node.commands) == 1:
        return execute(run, env, node.commands[0])
    return settle(run, env, node, _joined(run, env, node))


def _joined(run: Run, env: Env, node: shell.Pipeline) -> Status:
    if len(node.commands) == 1:
        return execute(run, env, node.commands[0])
    statuses: list[Status] = []
    last = len(node.commands) - 1
    for index, command in enumerate(node.commands):
        inner = env if index == last and env.lastpipe else env.subshell()
        judges = run.apart and run.trail.reached and index > 0
        inner.asked = judges or (env.asked and (index == last or env.pipefail))
        if index < last:
            inner.output = None
        if inner is env:
            with env.looking_away():
                statuses.append(execute(run, env, command))
        else:
            statuses.append(in_shell(run, inner, command))
    env.statuses = tuple(statuses)
    if env.pipefail:
        return next((status for status in reversed(statuses) if status != 0), 0)
    for status in statuses[:-1]:
        message = "only this end of the pipeline decides: no pipefail"
        run.note(env, node.commands[-1], status, message, "pipeline")
    return statuses[-1]


def _if(run: Run, env: Env, node: shell.If) -> Status:
    for condition, body in node.branches:
        with env.looking_away(asked=True):
            status = execute(run, env, condition)
        if status == 0:
            return execute(run, env, body)
        run.note(env, node, status, "its failure only decides which branch is taken")
    return execute(run, env, node.otherwise) if node.otherwise else 0


def _holds(run: Run, env: Env, node: shell.While) -> bool:
    with env.looking_away(asked=True), _alike(run, env, node):
        status = execute(run, env, node.condition)
    run.note(env, node, status, "its failure only decides whether the loop goes on")
    return (status == 0) != node.until


def _alike(run: Run, env: Env, node: shell.While) -> AbstractContextManager[None]:
    """What a loop reads line by line was there before the command in it."""
    items = node.condition.items
    first = items[0].statement if len(items) == 1 else None
    while isinstance(first, shell.Pipeline) and len(first.commands) == 1:
        first = first.commands[0]
    reads = isinstance(first, shell.Command) and first.argv[:1] == ("read",)
    return run.asking_alike() if reads and run.holds_mark(env, node.body) else nullcontext()


def _loop(run: Run, env: Env, holds: Callable[[], bool], body: shell.Block) -> Status:
    status: Status = 0
    depth = env.depth
    env.loops += 1
    try:
        for iteration in range(MAX_ITERATIONS):
            asked = len(run.world.answers) + run.questions
            try:
                if not holds():
                    return status
                if iteration >= MAX_ASKED and len(run.world.answers) + run.questions > asked:
                    raise EndlessError  # more of the same
                status = execute(run, env, body)
            except LoopError as error:
                status, env.depth = _left(env, error), depth
                if error.ends:
                    return 0
    finally:
        env.loops -= 1
    raise EndlessError


def _left(env: Env, error: LoopError) -> Status:
    """`break` and `continue` for this loop; those for one further out go on."""
    if error.levels > 1 and env.loops > 1:
        raise LoopError(error.levels - 1, ends=error.ends)
    return 0


def _for(run: Run, env: Env, node: shell.For) -> Status:
    if node.select:
        raise NotUnderstoodError("`select` asks somebody")
    run.at(env, node)
    if node.words is None:
        unknown = env.arguments is None
        values = list(env.arguments or ())
        if unknown and run.query(env, node, "some"):
            values = [(Symbol(("each", run.key(env, node))),)]
    else:
        values = fields_of(run, env, node.words)
        unclear = [v for v in values if any(isinstance(piece, Symbol) for piece in v)]
        if values and len(unclear) == len(values) and not _certain(node.words):
            values = values if run.query(env, node, "some") else []
    status: Status = 0
    depth = env.depth
    env.loops += 1
    try:
        for each in values:
            env.put(node.variable, run.world.known(each))
            try:
                status = execute(run, env, node.body)
            except LoopError as error:
                status, env.depth = _left(env, error), depth
                if error.ends:
                    break
    finally:
        env.loops -= 1
    return status


def _certain(words: tuple[shell.Word, ...]) -> bool:
    """Whether at least one word is there whatever its expansion gives."""
    return any(
        any(isinstance(part, shell.Literal) or part.quoted for part in word.parts)
        and not any(getattr(part, "name", "") in ("@", "*") for part in word.parts)
        and not any(getattr(part, "operator", "") in ("[@]", "[*]") for part in word.parts)
        for word in words
    )


def _counted(run: Run, env: Env, node: shell.ForArithmetic) -> Status:
    parts = value_of(run, env, node.parts)
    pieces: list[list[str | Symbol]] = [[]]
    for piece in parts:
        if isinstance(piece, str):
            head, *rest = piece.split(";")
            pieces[-1].append(head)
            pieces += [[each] for each in rest]
        else:
            pieces[-1].append(piece)
    if len(pieces) != 3:
        raise NotUnderstoodError("a loop is not understood")
    first, condition, after = (value(*each) for each in pieces)
    run.at(env, node)
    evaluate(first, env, run.world)
    begun = False

    def holds() -> bool:
        nonlocal begun
        if begun:
            evaluate(after, env, run.world)
        begun = True
        return not condition or not run.world.zero(evaluate(condition, env, run.world))

    return _loop(run, env, holds, node.body)


def _case(run: Run, env: Env, node: shell.Case) -> Status:
    found: Value = run.world.known(value_of(run, env, node.word.parts))
    run.at(env, node)
    status: Status = 0
    through = False
    for arm in node.arms:
        run.fuel.spend()
        if not through and not any(conditions.matched(run, env, found, p) for p in arm.patterns):
            continue
        status = execute(run, env, arm.body)
        through = arm.terminator == ";&"
        if arm.terminator not in (";&", ";;&"):
            break
    return status


def _redirected(run: Run, env: Env, node: shell.Redirected) -> Status:
    muted = commands.redirect(run, env, node.redirects)
    output, channels = env.output, env.channels
    if output is not None:
        to_output = (each for each in node.redirects if each.operator == ">&" and each.target)
        opened = [
            each.descriptor for each in to_output if each.target and each.target.static == "1"
        ]
        env.channels = {**channels, **dict.fromkeys(opened, output)}
    if muted:
        env.output = commands.channel(env, node.redirects)
    try:
        status = execute(run, env, node.body)
    finally:
        env.output, env.channels = output, channels
    return status
