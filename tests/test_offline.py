"""Without a network, and without the environments of Checkov and Safety."""

import json
from pathlib import Path

from tests.command import GOOD, UNPINNED, iact_guard, write


def test_offline_says_what_is_missing_and_counts_what_was_asked_for(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    write(root, GOOD, UNPINNED.replace("acme/setup@v1", "./.github/actions/x"))
    write(root, ".github/CODEOWNERS", "* @a/b\n")
    nothing = {"IACT_GUARD_CACHE_DIR": str(tmp_path / "cache")}
    run = iact_guard("check", str(root), "--offline", "--format", "json", environment=nothing)
    status = {s["name"]: s["status"] for s in run.report["scanners"]}
    assert status == {"bandit": "ok", "checkov": "not-installed", "safety": "not-installed"}
    assert run.code == 0, run.out
    assert len(run.report["warnings"]) == 2
    asked = iact_guard(
        "check", str(root), "--offline", "--scanners", "checkov,safety", "--format", "json",
        environment=nothing,
    )  # fmt: skip
    assert asked.code == 2
    assert [f["rule"] for f in json.loads(asked.out)["findings"]] == ["IG002", "IG002"]
    assert not (tmp_path / "cache").exists()
    alone = iact_guard("check", str(root), "--scanners", "none", environment=nothing)
    assert alone.code == 0
