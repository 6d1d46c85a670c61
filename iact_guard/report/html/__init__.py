"""The report as a page: what is on it, and the way to production as a drawing."""

from iact_guard.report.html.page import render

__all__ = ["render"]
