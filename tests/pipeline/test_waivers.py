"""What holds findings back, as `iact-guard waivers` lists it."""

import json
import subprocess
from pathlib import Path

from tests.checkout import Checkout
from tests.command import iact_guard

WORKFLOW = """\
on: pull_request
permissions: {}
jobs:
  a:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: acme/setup@v1  # iact-guard: allow WF001, WF103 because it is ours
      - run: make all # iact-guard: allow WF101
"""
CONFIGURATION = """\
waivers:
  - {rule: AP001, paths: ["**"], reason: no owners yet, owner: "@acme", expires: 2020-01-01}
"""


def test_each_has_its_reason_end_age_and_use(tmp_path: Path) -> None:
    repo = Checkout(tmp_path / "r")
    repo.write(".github/workflows/ci.yml", WORKFLOW)
    repo.git("add", "-A")
    old = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "PATH": "/usr/bin:/bin:/usr/local/bin"}
    command = ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-q", "-m", "x"]
    subprocess.run(command, cwd=repo.root, check=True, env=old)
    repo.write(".iact-guard.yaml", CONFIGURATION)
    run = iact_guard("waivers", str(repo.root), "--format", "json", seconds=60)
    assert run.code == 0, run.err
    items = json.loads(run.out)
    assert [(i["kind"], i["rule"], i["line"], i["state"], i["uses"]) for i in items] == [
        ("comment", "WF001", 8, "in force", 1),
        ("comment", "WF103", 8, "in force", 0),
        ("comment", "WF101", 9, "it gives no reason", None),
        ("waiver", "AP001", 2, "expired", 1),
    ]
    assert all(item["age_days"] > 9000 and not item["at_least"] for item in items[:3])
    assert items[3]["age_days"] in (0, None)
    assert items[3]["owner"] == "@acme"
    text = iact_guard("waivers", str(repo.root), seconds=60).out
    assert "comment of WF001: it is ours; in force, 1 finding," in text
    assert "until 2020-01-01: no owners yet (@acme); expired, 1 finding, " in text


def test_nothing_is_said_where_nothing_is_waived(tmp_path: Path) -> None:
    run = iact_guard("waivers", str(tmp_path), seconds=60)
    assert (run.code, run.out) == (0, "nothing is waived\n")
