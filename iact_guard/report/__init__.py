"""Results to text: pure builders, one a format."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from iact_guard.model.result import Result

REPORTERS: dict[str, str] = {
    "console": "iact_guard.report.console:render",
    "comment": "iact_guard.report.markdown:render_comment",
    "github": "iact_guard.report.github:render",
    "html": "iact_guard.report.html:render",
    "json": "iact_guard.report.json:render",
    "junit": "iact_guard.report.junit:render",
    "markdown": "iact_guard.report.markdown:render",
    "sarif": "iact_guard.report.sarif:render",
}


def reporter(name: str) -> Callable[[Result], str]:
    """The function that renders a result in a format, imported on use."""
    module, _, function = REPORTERS[name].partition(":")
    return cast(Callable[[Result], str], getattr(import_module(module), function))
