"""What a container runs when it starts: `ENTRYPOINT` and `CMD` of a Dockerfile."""

import json
import re
import shlex
from collections.abc import Iterator

from iact_guard.model.location import Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

MAX_LINES = 5_000
_FROM = regex(r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_WORD = regex(r"\s*(\w+)\s+(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Startup:
    """A text that a shell could run in place of the container's process."""

    text: str
    location: Location


def startups_of(source: Text, target: str = "") -> tuple[Startup, ...]:
    """`ENTRYPOINT`, then `CMD`, of a stage, of the last one without a name; those of its base."""
    stages: dict[str, dict[str, Startup]] = {}
    current: dict[str, Startup] = {}
    for line, instruction, rest in _instructions(source.text):
        if instruction == "FROM" and (match := _FROM.match(rest)):
            current = dict(stages.get(match[1].lower(), {}))
            stages[(match[2] or str(len(stages))).lower()] = current
        elif instruction in ("ENTRYPOINT", "CMD"):
            if instruction == "ENTRYPOINT":
                current.pop("CMD", None)
            place = Location(source.path, line, 1, line, 2)
            current[instruction] = Startup(_text(rest), place)
    chosen = stages.get(target.lower(), {}) if target else current
    return tuple(chosen[name] for name in ("ENTRYPOINT", "CMD") if name in chosen)


def _instructions(text: str) -> Iterator[tuple[int, str, str]]:
    """The line, the word in capitals and the rest of each instruction, continued lines joined."""
    begin, pieces = 0, ""
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        if line.lstrip().startswith("#"):
            continue
        begin = begin if pieces else number
        if line.rstrip().endswith("\\"):
            pieces += line.rstrip()[:-1] + " "
            continue
        if match := _WORD.match(pieces + line):
            yield begin, match[1].upper(), match[2].strip()
        pieces = ""


def _text(rest: str) -> str:
    """The exec form as a shell would have it; the shell form as it is."""
    if rest.startswith("["):
        try:
            words = json.loads(rest)
        except (ValueError, RecursionError):
            return rest
        if isinstance(words, list):
            return shlex.join(str(word) for word in words)
    return rest
