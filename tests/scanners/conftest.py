"""The environments of Checkov and Safety, made once in the user's own cache, never skipped."""

from pathlib import Path

import pytest

from iact_guard.model.scan import ScannerName
from iact_guard.scanners import environment
from iact_guard.scanners.request import silent


def _ensure(name: ScannerName) -> Path:
    return environment.ensure(name, offline=False, progress=silent)


@pytest.fixture(scope="session")
def checkov_python() -> Path:
    return _ensure("checkov")


@pytest.fixture(scope="session")
def safety_python() -> Path:
    return _ensure("safety")
