"""Literals given to names that mean a secret, in whichever format a file is written."""

from collections import Counter

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.secrets.candidate import Candidate
from iact_guard.analyze.secrets.dotenv_literals import is_template
from iact_guard.analyze.secrets.values import is_secret, looks_drawn
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known, unknown
from iact_guard.model.location import Evidence, Location
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.source import Kind, Problem
from iact_guard.model.text_file import TextFile
from iact_guard.project import resolve
from iact_guard.redact import Redactor
from iact_guard.syntax.text import Text

# A file's search: `f(source: Text) -> Iterator[Candidate]`, imported with its parser on use.
_FORMATS = "iact_guard.analyze.secrets"
_SEARCH: dict[Kind, str] = {
    Kind.PYTHON: f"{_FORMATS}.python_literals:search",
    Kind.MIGRATION: f"{_FORMATS}.python_literals:search_parsed",
    Kind.WORKFLOW: f"{_FORMATS}.yaml_literals:search",
    Kind.ACTION: f"{_FORMATS}.yaml_literals:search",
    Kind.TERRAFORM: f"{_FORMATS}.hcl_literals:search",
    Kind.TFVARS: f"{_FORMATS}.hcl_literals:search",
    Kind.DOTENV: f"{_FORMATS}.dotenv_literals:search",
}
_TESTS = regex(
    r"(?:^|/)(?:\w*[_-])?(?:tests?|testing|testdata|test[_-]data|fixtures?|__tests__|specs?|mocks?|examples?"
    r"|samples?|e2e|factories|stubs?|cassettes)(?:[_-]\w*)?(?:/|\.pyi?$)"
    r"|(?:^|/)(?:conftest|(?:\w*_)?ci|(?:\w*_)?factory)\.py$"
)


@dataclass(frozen=True, slots=True)
class Assigned:
    """A secret in a file: where and under which name, never what."""

    name: str
    location: Location
    """Of the value, on its first line."""
    length: int
    """Of the value, in characters."""
    ordinal: int
    """From 1 among those of the same name in the file."""
    sample: bool = False
    """In an environment file to be copied, and such that somebody may have invented it."""


@fact("file.assigned_secrets")
def assigned_secrets(ctx: Context, file: TextFile) -> Fact[tuple[Assigned, ...]]:
    """The secrets of a file, in order; the redactor learns each value before it is forgotten."""
    try:
        source = ctx.project.text(file.path)
        candidates: list[Candidate] = list(resolve(_SEARCH[file.kind])(source))
    except UnreadableError as error:
        ctx.project.note(Problem(error.location, error.reason, remedy=error.remedy))
        place = Location(file.path, error.location.line, error.location.column)
        return unknown("could not be searched for secrets", (Evidence(place, error.reason),))
    template = file.kind == Kind.DOTENV and is_template(file.path)
    counts: Counter[str] = Counter()
    found: dict[Location, Assigned] = {}
    for candidate in candidates:
        place = candidate.location
        if place in found or not is_secret(candidate.name, candidate.value, candidate.trust):
            continue
        counts[candidate.name] += 1
        _keep(ctx.project.redactor, source, candidate)
        found[place] = Assigned(
            candidate.name,
            _one_line(source, place),
            len(candidate.value),
            counts[candidate.name],
            template and not looks_drawn(candidate.value),
        )
    if _TESTS.search(file.path):
        return known((), "a test's own secrets open nothing")
    return known(tuple(found.values()))


def _keep(redactor: Redactor, source: Text, candidate: Candidate) -> None:
    """See to it that the value is shown nowhere."""
    value, place = candidate.value, candidate.location
    # A single word is hidden where it stands; masked everywhere, it would take other texts along.
    if not value.isalpha() or len(value) > 15:
        redactor.learn(value, source.path)
    for line in range(place.line, place.end_line + 1):
        start = place.column if line == place.line else 1
        end = place.end_column if line == place.end_line else len(source.line(line)) + 1
        redactor.hide(source.path, line, start, end)


def _one_line(source: Text, place: Location) -> Location:
    if place.end_line == place.line:
        end = place.end_column
    else:
        end = len(source.line(place.line).rstrip()) + 1
    return Location(place.path, place.line, place.column, place.line, max(end, place.column + 1))
