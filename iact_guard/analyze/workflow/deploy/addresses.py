"""What addresses a command names, as far as they are known, and whose they are."""

from collections.abc import Iterator

from iact_guard.analyze.context import Context
from iact_guard.analyze.shell.followed import script_with, words_of
from iact_guard.analyze.shell.foreign_hosts import names_others
from iact_guard.analyze.workflow.performed import Performed
from iact_guard.analyze.workflow.told import assigned_in, texts_of, told_contexts_of
from iact_guard.analyze.workflow.values import with_env
from iact_guard.model.command import Command
from iact_guard.syntax.expression import Contexts


def contexts_at(ctx: Context, performed: Performed) -> Contexts:
    """What the expressions of a step see."""
    return with_env(told_contexts_of(ctx, performed.job).known, performed.step)


def texts_in(ctx: Context, command: Command, contexts: Contexts) -> Iterator[str]:
    """All that the words of a command can be, as far as that is told."""
    yield from (word for word in command.words if word)
    for texts in told_words(ctx, command, contexts):
        yield from texts or ()


def told_words(
    ctx: Context, command: Command, contexts: Contexts
) -> Iterator[tuple[str, ...] | None]:
    """For each word that only a run knows what it can be; None where that is not told."""
    script = script_with(ctx, command)
    for word in words_of(ctx, command) if script else ():
        if word.static is None and script is not None:
            yield texts_of(word.parts, contexts, assigned_in(ctx, script).known)


def asks_others(ctx: Context, performed: Performed, command: Command) -> bool:
    """Whether a request goes to a service that is not the application's, or to a registry."""
    if names_others(command.text):
        return True
    return any(map(names_others, texts_in(ctx, command, contexts_at(ctx, performed))))
