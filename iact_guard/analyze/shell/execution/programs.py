"""Programs: what they run, what another shell reads, what they answer."""

from collections.abc import Iterable
from contextlib import nullcontext

from iact_guard.analyze.shell.execution.run import Mark, Run, in_shell
from iact_guard.analyze.shell.execution.state import Env, ExitError, Given, Text
from iact_guard.analyze.shell.execution.values import Status, Symbol, of_status
from iact_guard.data.tables import rows, table
from iact_guard.load.passing import is_arguments
from iact_guard.load.script import embedded_text, reads_input
from iact_guard.load.wrappers import Inner, argv_of, inner_of, tool_of, wrapper_of
from iact_guard.syntax import shell

_SHELLS = frozenset({"bash", "sh", "dash", "zsh", "ksh"})
_GREPS = frozenset({"grep", "egrep", "fgrep", "zgrep", "rg"})
_SAME_SHELL = frozenset({"command", "builtin"})
MAX_WRAPPED = 6
_PER_LINE = ("-r", "-0r", "-I", "-i", "--no-run-if-empty", "--replace")
"""With one of these xargs runs nothing where it reads nothing."""


def is_mark(mark: Mark | None, env: Env, node: shell.Command, index: int) -> bool:
    """Whether a command that begins at a word is the one that is looked for."""
    if mark is None:
        return False
    source, given, arguments = env.source, env.given, env.arguments
    while given and arguments is not None and is_arguments(node.words[index]):
        source, node, index = given.source, given.node, 1 + given.count - len(arguments)
        arguments, given = given.arguments, given.outer
        if index >= len(node.words):
            return False
    found = (*source.at, node.start), len(node.words) - index
    return found == (mark.at, mark.words)


def meet(run: Run, env: Env, node: shell.Command, index: int) -> None:
    """The other command may be the one that runs here."""
    if run.trail.reached and is_mark(run.second, env, node, index):
        run.trail.second = True


def program(run: Run, env: Env, node: shell.Command, index: int, depth: int = 0) -> Status:
    """The status of the command that begins at a word of a simple command."""
    given, arguments = env.given, env.arguments
    if given and arguments is not None and is_arguments(node.words[index]):
        first = 1 + given.count - len(arguments)
        if first < len(given.node.words):
            return _handed(run, env, given, first, depth)
    meet(run, env, node, index)
    argv = (tool_of(node.argv[index]) or None, *argv_of(node, index + 1))
    found = wrapper_of(argv)
    inner = inner_of(argv, *found) if found else None
    status: Status | None = None
    if found and depth < MAX_WRAPPED:
        texts = list(_texts(env, node, index, inner, stdin=found[0].stdin))
        if texts:
            word = node.words[index + inner.index].literal if inner else ""
            reader = tuple(word.split()) if reads_input(word) else argv
            status = _elsewhere(run, env, node, reader, texts)
        elif inner:
            status = _wrapped(run, env, node, index, argv, inner, depth)
    if is_mark(run.target, env, node, index):
        status = run.outcome(env, node)
        run.output(env, node)
        return _leaving(argv, status)
    if status is None:
        _print(run, env, node, argv)
        status = _answer(run, env, node, argv)
    return _leaving(argv, status)


def _handed(run: Run, env: Env, given: Given, index: int, depth: int) -> Status:
    """A function runs what stands behind its name: `"$@"`."""
    before = env.source, env.given, env.arguments
    env.source, env.given, env.arguments = given.source, given.outer, given.arguments
    try:
        return program(run, env, given.node, index, depth)
    finally:
        env.source, env.given, env.arguments = before


def _leaving(argv: tuple[str | None, ...], status: Status) -> Status:
    """`exec` does not come back."""
    if argv[0] == "exec" and len(argv) > 1:
        raise ExitError(status)
    return status


def _print(run: Run, env: Env, node: shell.Command, argv: tuple[str | None, ...]) -> None:
    """A program may print something; `cat` what a file holds."""
    path = argv[1] if argv[0] == "cat" and len(argv) == 2 else None
    if path and path in run.trail.content and env.output is not None:
        env.output.append(run.trail.content[path])
    else:
        run.output(env, node)


def _answer(run: Run, env: Env, node: shell.Command, argv: tuple[str | None, ...]) -> Status:
    """A program that runs nothing else: it succeeds, unless it is asked something."""
    if argv[0] == "false":
        return 1
    passes_on = run.apart and (argv[0] in table("queries")["filter"] or _leaves_out(argv))
    asks = (
        (env.asked and not passes_on)
        or is_query(argv)
        or isinstance(node.words[0].parts[0], shell.Placeholder)
    )
    for word in argv[1:] if run.trail.files else ():
        run.trail.files.pop(word or "", None)  # it may write or remove what it is given
        if argv[0] != "cat":
            run.trail.content.pop(word or "", None)
    if argv[0] in ("true", "echo", "printf") or not asks:
        if argv[0] in ("touch", "rm"):
            kept = {word: argv[0] == "touch" for word in argv[1:] if word and word[:1] != "-"}
            run.trail.files.update(kept)
        return 0
    with run.asking_alike() if passes_on else nullcontext():
        if run.query(env, node):
            return 0
    return Symbol(("answer", run.key(env, node)), failing=True)


def _leaves_out(argv: tuple[str | None, ...]) -> bool:
    """`grep -v`: it only takes lines away from what is shown."""
    flags = [word for word in argv[1:] if word and word[:1] == "-"]
    short = "".join(flag[1:] for flag in flags if flag[:2] != "--")
    inverted = "v" in short or "--invert-match" in flags
    return argv[0] in _GREPS and inverted and not {"q", "c"} & set(short)


def is_query(argv: tuple[str | None, ...]) -> bool:
    """Whether a program's status is an answer."""
    words = [word or "" for word in argv]
    for row in rows("queries", "query").get(words[0], ()):
        rest = iter(words)
        if all(any(word == want for word in rest) for want in row["words"].split()) and all(
            word in words for word in row.get("with", ())
        ):
            return True
    return False


def _wrapped(
    run: Run,
    env: Env,
    node: shell.Command,
    index: int,
    argv: tuple[str | None, ...],
    inner: Inner,
    depth: int,
) -> Status:
    """The status of a program that runs the command behind it."""
    status: Status | None
    tool = argv[0]
    picky = tool == "xargs" and any(word and word.startswith(_PER_LINE) for word in argv)
    if (picky or tool == "find") and not run.query(env, node, "input"):
        return 0
    if tool in _SAME_SHELL:
        status = _builtin(run, env, node, index + inner.index)
        if status is not None:
            return status
    status = program(run, env, node, index + inner.index, depth + 1)
    if tool == "find" and "+" not in argv:
        run.note(env, node, status, "`find -exec` ends with 0 whatever it runs")
        return 0
    if tool == "xargs" and status != 0:
        return Symbol(("xargs", status), failing=True)
    return status


def _builtin(run: Run, env: Env, node: shell.Command, index: int) -> Status | None:
    """`command exit 1`, `builtin echo`."""
    from iact_guard.analyze.shell.execution.builtins import BUILTINS
    from iact_guard.analyze.shell.execution.expansion import fields_of

    handler = BUILTINS.get(node.argv[index] or "")
    if handler is None or is_mark(run.target, env, node, index):
        return None
    return handler(run, env, node, fields_of(run, env, node.words[index:]))


def _texts(
    env: Env, node: shell.Command, index: int, inner: Inner | None, *, stdin: bool
) -> Iterable[tuple[str, tuple[shell.Part, ...]]]:
    """The texts that a program gives to another shell, as the loader sees them."""
    word = node.words[index + inner.index] if inner else None
    if inner and word and not reads_input(word.literal):
        if inner.script or " " in word.literal.strip():
            yield embedded_text(env.source.text, word.parts), word.parts
    elif stdin or inner:
        for redirect in node.redirects:
            if redirect.heredoc:
                parts = redirect.heredoc.parts
                yield embedded_text(env.source.text, parts), parts


def _elsewhere(
    run: Run,
    env: Env,
    node: shell.Command,
    argv: tuple[str | None, ...],
    texts: list[tuple[str, tuple[shell.Part, ...]]],
) -> Status:
    """Another shell reads a text; what it does not take over is off there."""
    status: Status = 0
    name = argv[0] or ""
    flags = [word for word in argv[1:] if word and word[:1] in "-+"]
    for text, parts in texts:
        tree = run.fuel.parse(text)
        inner = env.subshell()
        inner.source = Text(text, (*env.source.at, node.start))
        kept_functions = {n: f for n, f in env.functions.items() if n in env.exported}
        inner.traps, inner.functions, inner.locals = {}, {}, []
        if name == "bash":
            inner.functions = kept_functions
        inner.given, inner.ending = None, None
        inner.bash, inner.remote = name != "sh" and name != "dash", True
        inner.errexit = (
            name in _SHELLS
            and any(word[0] == "-" and word[:2] != "--" and "e" in word[1:] for word in flags)
        ) or "errexit" in argv
        inner.pipefail = name in _SHELLS and "pipefail" in argv
        inner.posix = inner.inherit = inner.errtrace = inner.exempt = inner.asked = False
        inner.arguments, inner.calls, inner.loops = None, 0, 0
        expanded = [part.name for part in parts if isinstance(part, shell.Variable)]
        if not expanded:
            local = name in _SHELLS
            kept = {n: v for n, v in env.values.items() if local and n in _exported(env, node)}
            inner.values, inner.arrays = kept, {}
            inner.sealed = not local
        inner.fixed = {"?": of_status(env.status)} if "?" in expanded else {}
        inner.status = 0
        status = in_shell(run, inner, tree.body)
    return status


def _exported(env: Env, node: shell.Command) -> set[str]:
    return env.exported | {each.name for each in node.assignments}
