"""Scopes that steps certainly need."""

import pytest

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.rights.needed_scopes import needed_scopes_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

_TOKEN = "env: {GH_TOKEN: '${{ github.token }}'}"
_CHECKOUT = "- uses: actions/checkout@v4\n"


def _needs(steps: str, top: str = "", runner: str = "ubuntu-latest") -> list[tuple[str, ...]]:
    body = "".join(f"      {line}\n" for line in steps.splitlines())
    text = f"on: push\n{top}\njobs:\n  a:\n    runs-on: {runner}\n    steps:\n{body}"
    project = Project(DictTree({".github/workflows/a.yml": text}))
    found = needed_scopes_of(Context(project), project.entities("job")[0]).known
    return [need.scopes for need in found]


@pytest.mark.parametrize(
    ("steps", "scopes"),
    [
        ("- run: gh pr comment 1 --body x", [("pull-requests", "issues")]),
        ("- run: gh release create v1", [("contents",)]),
        ("- run: gh workflow run x.yml", [("actions",)]),
        ("- run: gh pr view 1", []),
        ("- run: echo gh issue create", []),
        (f"{_CHECKOUT}- run: git push", [("contents",)]),
        (f"{_CHECKOUT}- run: git push origin HEAD:main", [("contents",)]),
        (f"{_CHECKOUT}- run: git push upstream", []),
        (f"{_CHECKOUT}- run: cd x && git push", []),
        ("- run: git push", []),
        ("- uses: actions/deploy-pages@v4", [("pages",), ("id-token",)]),
        ("- uses: peter-evans/create-pull-request@v7\n  with: {token: '${{ secrets.PAT }}'}", []),
    ],
)
def test_what_is_certain(steps: str, scopes: list[tuple[str, ...]]) -> None:
    """Only with the workflow's own token."""
    assert _needs(steps, _TOKEN) == scopes


def test_own_runners_may_have_an_identity() -> None:
    """A role is assumed without a token of GitHub there."""
    step = "- uses: aws-actions/configure-aws-credentials@v4\n  with: {role-to-assume: x}"
    assert _needs(step) == [("id-token",)]
    assert _needs(step, runner="[self-hosted, linux]") == []
    assert _needs(step, "env: {AWS_ACCESS_KEY_ID: x}") == []


def test_without_a_token_gh_does_nothing() -> None:
    """It fails for another reason."""
    assert _needs("- run: gh issue create") == []
