"""Source lines and line hashes of the places that a report shows, redacted."""

from collections.abc import Iterable
from itertools import pairwise

from iact_guard.aggregate.line_hash import line_hashes
from iact_guard.model.errors import UnreadableError
from iact_guard.model.finding import Finding
from iact_guard.model.location import Location
from iact_guard.project import Project
from iact_guard.syntax.text import Text


class Excerpts:
    """Reads each file once; a file that cannot be decoded has no lines to show."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._texts: dict[str, Text | None] = {}

    def line(self, path: str, number: int) -> str:
        """The line that a fingerprint stands on, empty where there is none."""
        text = self._text(path)
        return self.project.redactor.identity(path, number, text.line(number)) if text else ""

    def lines(self, locations: Iterable[Location]) -> dict[tuple[str, int], str]:
        """The lines of the locations, by path and number."""
        places = sorted({(where.path, where.line) for where in locations})
        texts = {place: self._text(place[0]) for place in places}
        redactor = self.project.redactor
        shown = {
            place: redactor.source_line(*place, text.line(place[1]))
            for place, text in texts.items()
            if text
        }
        return {place: line for place, line in shown.items() if line}

    def hashes(self, findings: Iterable[Finding]) -> dict[tuple[str, int], str]:
        """GitHub's hash of the lines that the findings stand on, over the redacted text."""
        wanted: dict[str, set[int]] = {}
        for finding in findings:
            wanted.setdefault(finding.location.path, set()).add(finding.location.line)
        found: dict[tuple[str, int], str] = {}
        for path, numbers in sorted(wanted.items()):
            text = self._text(path)
            if text is None:
                continue
            hashes = line_hashes(self._masked(text), numbers)
            found |= {(path, number): value for number, value in hashes.items()}
        return found

    def _masked(self, text: Text) -> str:
        """The file with its secret lines masked; a line without one keeps every character."""
        bounds = [*text.starts, len(text.text)]
        return "".join(
            self.project.redactor.identity(text.path, number, text.text[start:end])
            for number, (start, end) in enumerate(pairwise(bounds), start=1)
        )

    def _text(self, path: str) -> Text | None:
        if path not in self._texts:
            self._texts[path] = studied(self.project, path)
        return self._texts[path]


def studied(project: Project, path: str) -> Text | None:
    """A file whose lines may be shown: one by itself does not tell that it lies within a key."""
    try:
        text = project.text(path)
    except UnreadableError:
        return None
    project.redactor.study(path, text.text)
    return text
