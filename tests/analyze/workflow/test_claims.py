"""What names of steps claim."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iact_guard.analyze.workflow.gates.claims import claim_in
from iact_guard.model.authored import Authored
from iact_guard.model.location import Location


def _kind(name: str) -> str | None:
    claim = claim_in(Authored(name, Location("a.yml", 1, 1, 1, 2)))
    return claim.kind if claim else None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Run smoke tests", "test"),
        ("🧪 Unit tests", "test"),
        ("Ejecutar pruebas de integración", "test"),
        ("Security scan", "check"),
        ("Run flake8", "check"),
        ("Post-deployment health check", "check"),
        ("Deploy to production", "deployment"),
        ("Production deployment", "deployment"),
        ("deploy-staging", "deployment"),
        ("Switch traffic to green", "traffic"),
        ("Notify on-call", "notification"),
        ("Send Slack notification on failure", "notification"),
        ("Build Docker image", "build"),
        ("Run database migrations", "migration"),
        ("Backup database", "backup"),
        ("Create database backup", "backup"),
        ("Roll back", "rollback"),
        ("Step 4: Rollback on failure", "rollback"),
        ("Deploy ${{ matrix.app }}", "deployment"),
        ("Notify deployment success", "notification"),
        ("Send invitation emails", "notification"),
        ("Gate on critical/high findings", "check"),
        ("Performance Budget Check", "check"),
        ("Accessibility testing", "test"),
        ("Verify the deployment", "check"),
        ("Check for vulnerabilities", "check"),
    ],
)
def test_name_claims(name: str, kind: str) -> None:
    """Verbs first, objects of a verb, and names made of objects."""
    assert _kind(name) == kind


@pytest.mark.parametrize(
    "name",
    [
        "Deploy summary", "Print test results", "All tests passed", "Build info", "Set up tests",
        "Show deployment URL", "Get build number", "Checkout code", "Run a one-line script",
        "Deployment status", "Skip tests", "Build matrix", "Wait for deployment", "Hello world",
        "Approve production deployment", "Deploy (dry run)", "Install dependencies", "",
        "Test coverage report", "Determine deployment target", "Upload to S3",
        "Approval gate", "Check the environment", "Verify", "Status check", "Deploy success",
    ],
)  # fmt: skip
def test_name_claims_nothing(name: str) -> None:
    """Names that report, prepare, decide or have nothing to do with it."""
    assert _kind(name) is None


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_name_is_judged(name: str) -> None:
    """Nothing crashes, and case and spaces make no difference."""
    assert _kind(name) == _kind(f"  {name}  ")
