"""The commands that a shell has itself."""

from collections.abc import Callable, Mapping, Sequence

from iact_guard.analyze.shell.execution import arithmetic, conditions
from iact_guard.analyze.shell.execution.expansion import value_of
from iact_guard.analyze.shell.execution.options import shopt, switch
from iact_guard.analyze.shell.execution.run import Run
from iact_guard.analyze.shell.execution.state import (
    Env,
    ExitError,
    LoopError,
    NotUnderstoodError,
    ReturnError,
    Text,
    Trap,
)
from iact_guard.analyze.shell.execution.values import (
    Status,
    Symbol,
    Value,
    joined,
    number_of,
    stripped,
    value,
)
from iact_guard.load.script import embedded_text
from iact_guard.syntax import shell

Handler = Callable[[Run, Env, shell.Command, Sequence[Value]], Status]
DECLARING = frozenset({"export", "local", "declare", "typeset", "readonly"})


def _nothing(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return 0


def _false(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return 1


def _echo(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    if env.output is not None:
        env.output.append(said(run, words) or ())
    return 0


def said(run: Run, words: Sequence[Value]) -> Value | None:
    """What `echo` prints with these words; None for another command."""
    if run.world.text(words[0]) != "echo":
        return None
    rest = list(words[1:])
    ending = "\n"
    while rest and run.world.text(rest[0]) in ("-n", "-e", "-E", "-ne", "-en"):
        ending = "" if "n" in (run.world.text(rest.pop(0)) or "") else ending
    return value(*joined(rest, " "), ending)


def _printf(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    if env.output is None:
        return 0
    form = run.world.text(words[1]) if len(words) > 1 else None
    if form is not None and "%" not in form:
        env.output.append(value(form.replace("\\n", "\n")))
    elif form in ("%s", "%s\\n", "%d", "%d\\n") and len(words) == 3:
        env.output.append(value(*words[2], "\n" if form.endswith("n") else ""))
    else:
        run.output(env, node)
    return 0


def _exit(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    run.at(env, node)
    last = env.status if env.ending is None else env.ending
    status = run.status_of(words[1], env.status) if len(words) > 1 else last
    raise run.end(env, node, status, "the script ends here")


def _return(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    run.at(env, node)
    status = run.status_of(words[1], env.status) if len(words) > 1 else env.status
    if not env.calls:
        if env.bash:
            return 2  # it complains
        raise run.end(env, node, status, "the script ends here")
    raise ReturnError(status)


def _break(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return _leave(run, env, words, ends=True)


def _continue(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return _leave(run, env, words, ends=False)


def _leave(run: Run, env: Env, words: Sequence[Value], *, ends: bool) -> Status:
    if not env.loops:
        return 0
    levels = number_of(run.world.text(words[1]) or "1") if len(words) > 1 else 1
    raise LoopError(levels or 1, ends=ends)


def _set(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    rest = list(words[1:])
    while rest:
        text = run.world.text(rest[0])
        if text is None:
            raise NotUnderstoodError("which options are set is only known when it runs")
        if text in ("--", "-") or text[:1] not in ("-", "+"):
            env.arguments = tuple(rest[1:] if text in ("--", "-") else rest)
            env.given = None
            break
        rest.pop(0)
        name = run.world.text(rest.pop(0)) or "" if text.endswith("o") and rest else ""
        switch(env, text[1:], name, on=text[0] == "-")
    return 0


def _shopt(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return shopt(env, [run.world.text(word) or "" for word in words[1:]])


def _trap(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    if len(words) < 2:
        return 0
    first, *names = words[1:]
    text = run.world.text(first)
    if text is None:  # a part of it is only known when it runs
        text = embedded_text(env.source.text, node.words[1].parts)
    if text == "--" and names:
        return _trap(run, env, node, [words[0], *names])
    if not names:
        text, names = "-", [first]
    for each in names:
        name = (run.world.text(each) or "").upper().removeprefix("SIG")
        name = "EXIT" if name == "0" else name
        if text == "-":
            env.traps.pop(name, None)
        elif name in ("EXIT", "ERR"):
            tree = run.fuel.parse(text)
            source = Text(text, (*env.source.at, node.start, -1))
            env.traps[name] = Trap(tree.body, source, node)
    return 0


def _wait(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    run.at(env, node)
    texts = [run.world.text(word) for word in words[1:]]
    names = [text for text in texts if not (text or "").startswith("-")]
    if "-n" in texts and env.jobs:
        *others, last = env.jobs
        done = next((job for job in others if run.world.ask(("done", job, len(env.jobs)))), last)
        return env.jobs.pop(done)
    if not names:
        for status in env.jobs.values():
            run.note(env, node, status, "`wait` without a process ends with 0")
        env.jobs.clear()
        return 127 if "-n" in texts else 0
    found: Status = 127
    for name in names:
        if name is None:
            raise NotUnderstoodError("which process is waited for is only known when it runs")
        jobs = list(env.jobs)
        number = number_of(name[1:]) if name[:1] == "%" else None
        if number and number <= len(jobs):
            name = jobs[number - 1]
        found = env.jobs.get(name, 127)
        if found != 0 and name != names[-1]:
            run.note(env, node, found, "`wait` ends with the status of the last process")
    return found


def _jobs(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    if env.output is not None:
        run.at(env, node)  # a process that has ended is not listed
        listed = [job for job in env.jobs if run.world.ask(("runs", job))]
        env.output.append(value("".join(f"{job}\n" for job in listed)))
    return 0


def _unset(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    for word in words[1:]:
        name = run.world.text(word) or ""
        env.arrays.pop(name, None)
        env.functions.pop(name, None)
        env.values.pop(name, None)
        env.unset |= {name}
    return 0


def _shift(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    count = number_of(run.world.text(words[1]) or "1") if len(words) > 1 else 1
    if env.arguments is None:
        return 0
    if (count or 0) > len(env.arguments):
        return 1
    env.arguments = env.arguments[count or 0 :]
    return 0


def _read(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    names = [name for word in words[1:] if (name := run.world.text(word) or "").isidentifier()]
    holds = True
    given = [each for each in node.redirects if each.operator == "<<<"]
    paths = [each.target.static or "" for each in node.redirects
             if each.operator == "<" and each.target]  # fmt: skip
    if paths and paths[-1] in run.trail.content and len(names) == 1:
        env.put(names[0], stripped(run.trail.content[paths[-1]]))
        return 0
    if not given:
        holds = run.query(env, node)
    key = run.key(env, node)
    for name in names:
        env.put(name, (Symbol(("read", key, min(run.trail.visits[key], 2), name)),))
    return 0 if holds else 1


def _lines(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    name = run.world.text(words[-1]) or ""
    if name.isidentifier() and len(words) > 1:
        env.put(name, (Symbol(("lines", run.key(env, node))),))
    return 0


def _test(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    closed = run.world.text(words[0]) == "["
    return 0 if conditions.bracket(run, env, node, words[1 : -1 if closed else None]) else 1


def _let(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    run.at(env, node)
    found: Value = value("0")
    for word in words[1:]:
        found = arithmetic.evaluate(word, env, run.world)
    return 1 if run.world.zero(found) else 0


def _eval(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    at = (*env.source.at, node.start)
    inside = any(mark and mark.at[: len(at)] == at for mark in (run.target, run.second))
    text = run.world.text(joined(words[1:], " "))
    if inside and len(node.words) > 1:
        text = embedded_text(env.source.text, node.words[1].parts)
    if text is None:
        return 0
    before, env.source = env.source, Text(text, at)
    try:
        return run.execute(run, env, run.fuel.parse(text).body)
    finally:
        env.source = before


def _exec(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    from iact_guard.analyze.shell.execution.programs import program

    if len(words) < 2:
        return 0
    raise ExitError(program(run, env, node, 1))


def _source(run: Run, env: Env, node: shell.Command, words: Sequence[Value]) -> Status:
    return 0


def declare(run: Run, env: Env, node: shell.Command) -> Status:
    """`export`, `local` and their like: the status of a substitution is lost."""
    name = node.argv[0]
    for word in node.words[1:]:
        first = word.parts[0] if word.parts else None
        text = first.text if isinstance(first, shell.Literal) and not first.quoted else ""
        variable, sign, rest = text.partition("=")
        variable = variable.removesuffix("+")
        if not variable.isidentifier():
            value_of(run, env, word.parts)
            continue
        if name == "local" and env.locals:
            env.locals[-1].setdefault(variable, env.values.get(variable))
        if name == "export":
            env.exported.add(variable)
        if not sign:
            if name == "local":
                env.put(variable, ())
            continue
        if rest.startswith("("):
            _array(run, env, variable, word)
            continue
        found = value_of(run, env, word.parts)
        head = len(text) - len(rest)
        whole = found[0] if found and isinstance(found[0], str) else ""
        env.put(variable, value(whole[head:], *found[1:]))
    if env.substituted is not None:
        message = f"the status of `{name}` counts instead"
        run.note(env, node, env.substituted, message)
    return 0


def _array(run: Run, env: Env, name: str, word: shell.Word) -> None:
    elements: list[Value] = []
    parts: list[shell.Part] = []
    for part in word.parts[1:]:
        if isinstance(part, shell.Literal) and part.quoted and part.start == part.end:
            elements.append(value_of(run, env, parts))
            parts = []
        else:
            parts.append(part)
    env.values.pop(name, None)
    env.arrays[name] = tuple(elements)


BUILTINS: Mapping[str, Handler] = {
    ":": _nothing,
    "true": _nothing,
    "false": _false,
    "echo": _echo,
    "printf": _printf,
    "exit": _exit,
    "return": _return,
    "break": _break,
    "continue": _continue,
    "set": _set,
    "shopt": _shopt,
    "trap": _trap,
    "wait": _wait,
    "jobs": _jobs,
    "unset": _unset,
    "shift": _shift,
    "read": _read,
    "mapfile": _lines,
    "readarray": _lines,
    "[": _test,
    "test": _test,
    "let": _let,
    "eval": _eval,
    "exec": _exec,
    "source": _source,
    ".": _source,
    "cd": _nothing,
    "pushd": _nothing,
    "popd": _nothing,
    "umask": _nothing,
    "ulimit": _nothing,
    "alias": _nothing,
    "disown": _nothing,
}
