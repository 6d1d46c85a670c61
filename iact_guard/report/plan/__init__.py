"""The plan of migrations as text: `console`, `markdown`, `json`."""

from importlib import import_module

from iact_guard.model.plan import PlanReport


def render(report: PlanReport, format_: str, *, color: bool = False) -> str:
    """The plan in a format; `color` adds ANSI sequences to that of the console."""
    text: str
    if format_ == "console":
        from iact_guard.report.plan import console

        text = console.render(report, color=color)
    else:
        text = import_module(f"iact_guard.report.plan.{format_}").render(report)
    return text
