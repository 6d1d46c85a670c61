"""The folders that a command on Terraform looks at, as far as matrices and variables tell them."""

import posixpath
from collections.abc import Iterator
from itertools import islice, product, takewhile

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import all_commands_of, followed_of, way_to, words_of
from iact_guard.analyze.workflow.performed import Performed
from iact_guard.analyze.workflow.told import told_contexts_of
from iact_guard.analyze.workflow.values import possible, with_env
from iact_guard.data.tables import Row, table
from iact_guard.model.authored import Authored
from iact_guard.model.command import Command
from iact_guard.syntax import shell
from iact_guard.syntax.expression import Contexts, parts

MAX_FOLDERS = 64
"""Of one command."""
_CHANGES = ("-chdir=", "--terragrunt-working-dir=", "--working-dir=")
Options = tuple[str, ...]
"""All that a piece of a path can be; `*` stands for what is only known when it runs."""


def folders_of(ctx: Context, performed: Performed, command: Command, row: Row) -> tuple[str, ...]:
    """Where a command works, and which folders it is given."""
    contexts = _contexts(ctx, performed)
    words = words_of(ctx, command)
    here = _here(ctx, performed, command, contexts)
    given = _given(command, words, row, contexts) or [("",)]
    paths = product(*here, tuple(option for options in given for option in options))
    found = (normal(posixpath.join("", *pieces)) for pieces in islice(paths, MAX_FOLDERS))
    return tuple(dict.fromkeys(found))


def resolved(ctx: Context, performed: Performed, text: Authored) -> tuple[str, ...]:
    """The folders that an input of an action can name."""
    return tuple(map(normal, _options(text.text, _contexts(ctx, performed))))


def normal(folder: str) -> str:
    """A folder without detours, empty for the root; below what is not known it is not known."""
    found = posixpath.normpath(folder.replace("**", "*"))
    found = found.removeprefix("/github/workspace/")
    return "" if found == "." else found


def _contexts(ctx: Context, performed: Performed) -> Contexts:
    return with_env(told_contexts_of(ctx, performed.job).known, performed.step)


def _here(
    ctx: Context, performed: Performed, command: Command, contexts: Contexts
) -> list[Options]:
    """The pieces of the path to where a command works."""
    pieces: list[Options] = []
    if way_to(ctx, command):
        folder = followed_of(ctx, performed.step).known.folders.get(command.id)
        pieces.append(("*",) if folder is None else (folder,))
    else:
        workflow = ctx.project.workflow_of(performed.job)
        default = performed.job.working_directory or workflow.working_directory
        chosen = performed.step.working_directory or default
        pieces.append(_options(chosen.text, contexts) if chosen else ("",))
        before = all_commands_of(ctx, performed.step.id)
        for each in takewhile(lambda other: other.id != command.id, before):
            if each.tool in ("cd", "pushd") and way_to(ctx, each) is None:
                words = words_of(ctx, each)
                pieces.append(_written(words[1], contexts) if len(words) > 1 else ("*",))
    pieces += [
        tuple(text.removeprefix(option) for text in _written(word, contexts))
        for word in words_of(ctx, command)
        for option in _CHANGES
        if word.literal.startswith(option)
    ]
    return pieces


def _given(
    command: Command, words: tuple[shell.Word, ...], row: Row, contexts: Contexts
) -> list[Options]:
    """The folders among the words of a command."""
    options, values = row.get("option", ()), table("terraform_checks")["values"]["names"].split()
    known = set(row["words"].split())
    found: list[Options] = []
    last = ""
    for word in words[1:]:
        text = word.literal
        name, equals, _ = text.partition("=")
        if name in options and equals:
            found.append(tuple(o.partition("=")[2] for o in _written(word, contexts)))
        elif last in options or (
            not options and not text.startswith("-") and text not in known and last not in values
        ):
            found.append(_written(word, contexts))
        last = text if text.startswith("-") and "=" not in text else ""
    return [tuple(_folder(option) for option in options) for options in found]


def _folder(path: str) -> str:
    return posixpath.dirname(path) if path.endswith((".tf", ".tfvars", ".json")) else path


def _written(word: shell.Word, contexts: Contexts) -> Options:
    """What a word can be."""
    return _options("".join(_pieces(word, contexts)), contexts)


def _pieces(word: shell.Word, contexts: Contexts) -> Iterator[str]:
    environment = contexts.get("env")
    for part in word.parts:
        if isinstance(part, shell.Literal):
            yield part.text
        elif isinstance(part, shell.Placeholder):
            yield f"${{{{ {part.expression} }}}}"
        elif isinstance(part, shell.Variable) and part.name == "GITHUB_WORKSPACE":
            yield "."
        elif (
            isinstance(part, shell.Variable)
            and isinstance(environment, dict)
            and part.name in environment
        ):
            yield f"${{{{ env.{part.name} }}}}"
        else:
            yield "*"


def _options(text: str, contexts: Contexts) -> Options:
    found = possible(text, contexts)
    if found is not None:
        return found
    return ("".join("*" if part.is_expression else part.text for part in parts(text)),)
