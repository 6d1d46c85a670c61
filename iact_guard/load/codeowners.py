"""CODEOWNERS to an Owners entity."""

from collections.abc import Iterator

from iact_guard.model.authored import Authored
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.owners import MAX_BYTES, IgnoredLine, OwnerRule, Owners
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

# An escaped space belongs to the pattern; `#` begins a comment at the start of a word only.
_WORD = regex(r"(?:\\.|[^\s\\]|\\$)++")
_OWNER = regex(r"@[A-Za-z0-9][\w-]*(?:/[\w.-]+)?|[^\s@]+@[^\s@.]+(?:\.[^\s@.]+)+")


def load(source: Text) -> Loaded[Owners]:
    """The owners file; lines that GitHub ignores are kept apart, they are no problem of reading."""
    rules: list[OwnerRule] = []
    ignored: list[IgnoredLine] = []
    oversized = len(source.text.encode()) > MAX_BYTES
    for rule in () if oversized else _rules(source):
        reason = _refused(rule)
        if reason:
            ignored.append(IgnoredLine(rule, reason))
        else:
            rules.append(rule)
    first = source.line(1)
    owners = Owners(
        id=f"owners:{source.path}",
        path=source.path,
        location=Location(source.path, 1, 1, 1, max(len(first) + 1, 2)),
        rules=tuple(rules),
        ignored=tuple(ignored),
        oversized=oversized,
    )
    return Loaded((owners,))


def _rules(source: Text) -> Iterator[OwnerRule]:
    for number in range(1, len(source.starts) + 1):
        words = list(_words(source, number))
        if words:
            pattern, *owners = words
            end = words[-1].location
            place = pattern.location
            region = Location(source.path, number, place.column, number, end.end_column)
            yield OwnerRule(pattern, tuple(owners), region)


def _words(source: Text, number: int) -> Iterator[Authored]:
    for match in _WORD.finditer(source.line(number)):
        if match.group().startswith("#"):
            return
        place = Location(source.path, number, match.start() + 1, number, match.end() + 1)
        yield Authored(match.group(), place)


def _refused(rule: OwnerRule) -> str:
    """Why GitHub skips the line; empty where it does not."""
    pattern = rule.pattern.text
    if pattern.startswith("!"):
        return "`!` negates nothing in an owners file"
    if pattern.startswith("\\#"):
        return "a pattern cannot begin with `#`"
    if "[" in pattern or "]" in pattern:
        return "`[` and `]` are not supported in a pattern"
    for owner in rule.owners:
        if not _OWNER.fullmatch(owner.text):
            return f"{owner.text!r} is no user, team or address"
    return ""
