"""The scanners by name, imported on use."""

from importlib import import_module
from typing import cast, get_args

from iact_guard.model.errors import crash_place
from iact_guard.model.scan import ScannerName, ScannerReport
from iact_guard.scanners.request import ScanRequest

SCANNERS: dict[ScannerName, str] = {
    "bandit": "iact_guard.scanners.bandit:scan",
    "checkov": "iact_guard.scanners.checkov:scan",
    "safety": "iact_guard.scanners.safety:scan",
}
NAMES: tuple[ScannerName, ...] = get_args(ScannerName)


def scan(name: ScannerName, request: ScanRequest) -> ScannerReport:
    """Run one scanner; a crash of ours is its status, never an exception."""
    module, _, function = SCANNERS[name].partition(":")
    try:
        return cast(ScannerReport, getattr(import_module(module), function)(request))
    except Exception as error:  # noqa: BLE001  # the other results must survive
        return ScannerReport(name, "failed", reason=f"it crashed: {crash_place(error)}")
