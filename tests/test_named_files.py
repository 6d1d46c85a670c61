"""What a run on named files says of them is what a run on everything says of them."""

from pathlib import Path

import pytest

from iact_guard.model.finding import Finding
from iact_guard.pipeline.check import run
from iact_guard.pipeline.request import CheckRequest
from iact_guard.tree import DiskTree

ROOT = Path(__file__).parent.parent
_ON_EVERYTHING: dict[Path, tuple[Finding, ...]] = {}


class Silent:
    def expect(self, steps: int) -> None: ...
    def step(self, label: str = "") -> None: ...
    def say(self, label: str) -> None: ...


def findings(root: Path, *files: str) -> tuple[Finding, ...]:
    return run(CheckRequest(root, frozenset(files) or None, scanners=()), Silent()).findings


def paths_of(finding: Finding) -> set[str]:
    places = (finding.location, *(each.location for each in (*finding.evidence, *finding.places)))
    return {place.path for place in places} | {each.path for each in finding.related}


CASES = [
    (ROOT / "fixtures" / name, path)
    for name in ("violating", "compliant")
    for path in sorted(DiskTree(ROOT / "fixtures" / name).listing().files)
    if path.startswith(".github/") or path.endswith((".tf", ".py", "CODEOWNERS", ".toml"))
]


@pytest.mark.parametrize(("root", "path"), CASES, ids=lambda each: str(each).rpartition("es/")[2])
def test_the_same_is_said_of_a_file_by_itself(root: Path, path: str) -> None:
    if root not in _ON_EVERYTHING:
        _ON_EVERYTHING[root] = findings(root)
    wanted = [each for each in _ON_EVERYTHING[root] if path in paths_of(each)]
    assert [*findings(root, path)] == wanted
