"""Routes of the packages of Node, by the frameworks that they depend on."""

from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes import express, nest, next_pages
from iact_guard.analyze.workflow.deploy.routes.packages import packages_of
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.data.tables import table


def routes_of(sources: Sources) -> Iterator[Route]:
    """The routes of every package that serves something; none of a frontend alone."""
    unread = frozenset(table("frameworks")["node"]["unread"])
    for package in packages_of(sources):
        names = package.dependencies
        if names is None or names & unread:
            yield Route(ANYTHING, package.place)
            continue
        if "next" in names:
            yield from next_pages.routes_of(package)
        if "@nestjs/core" in names:
            yield from nest.routes_of(package)
        elif "express" in names:
            yield from express.routes_of(package)
