"""On a runner of GitHub, what GitHub reads counts from the root of the repository."""

import json
from pathlib import Path

from tests.command import GOOD, UNPINNED, iact_guard, write


def uris(root: Path, workspace: Path) -> set[str]:
    environment = {"GITHUB_WORKSPACE": str(workspace)}
    arguments = ("check", str(root), "--scanners", "none", "--format")
    run = iact_guard(*arguments, "sarif", environment=environment)
    annotated = iact_guard(*arguments, "github", environment=environment).out
    found = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for result in json.loads(run.out)["runs"][0]["results"]
    }
    assert all(f"file={uri}," in annotated for uri in found)
    return {uri for uri in found if uri.endswith(GOOD)}


def test_a_part_of_a_repository(tmp_path: Path) -> None:
    write(tmp_path, f"services/shop/{GOOD}", UNPINNED)
    root = tmp_path / "services/shop"
    assert uris(root, tmp_path) == {f"services/shop/{GOOD}"}
    assert uris(root, root) == {GOOD}
    assert uris(root, tmp_path / "elsewhere") == {GOOD}


def test_a_repository_beside_others_in_the_workspace(tmp_path: Path) -> None:
    write(tmp_path, f"services/shop/{GOOD}", UNPINNED)
    (tmp_path / "services/.git").mkdir()
    assert uris(tmp_path / "services/shop", tmp_path) == {f"shop/{GOOD}"}
    (tmp_path / "services/shop/.git").mkdir()
    assert uris(tmp_path / "services/shop", tmp_path) == {GOOD}
