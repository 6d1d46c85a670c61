"""The parts of what a step runs that are not read: too long, too deep, or not understood."""

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.shell.followed import followed_of, links_to, origin_of
from iact_guard.analyze.shell.scripts import script_of
from iact_guard.model.fact import Fact, known
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.workflow import Step


@dataclass(frozen=True, slots=True)
class Unread:
    """A part that may run anything."""

    reason: str
    location: Location
    """In the step, on one line."""
    evidence: tuple[Evidence, ...] = ()
    """The way to it, where it stands in another file."""


@fact("step.unread")
def unread_of(ctx: Context, step: Step) -> Fact[tuple[Unread, ...]]:
    """What a step runs and nobody read; a script of a shell that we do not know is not meant."""
    found: list[Unread] = []
    script = script_of(ctx, step.id)
    if script and script.reader.understood:
        rest = script.tree.unparsed if script.tree else None
        start, end = (rest.start, rest.end) if rest else (0, len(script.source.text))
        reason = rest.reason if rest else script.reason
        if reason:
            place = script.source.first_line(start, max(end, start + 1))
            found.append(Unread(f"a part of the script is not read: {reason}", place))
    followed = followed_of(ctx, step).known
    unread = [(each, f"not all that it runs is read: {each.unread}") for each in followed.commands
              if each.unread]  # fmt: skip
    unread += [(each.command, f"{each.what}: {each.reason}") for each in followed.opaque
               if each.unread]  # fmt: skip
    for command, reason in unread:
        place = origin_of(ctx, command).location
        found.append(Unread(reason, place, links_to(ctx, command)))
    return known(tuple(found))
