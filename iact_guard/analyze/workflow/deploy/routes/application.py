"""What the applications of a repository answer, where all of them can be read."""

import re
from collections.abc import Iterator
from itertools import islice

from iact_guard.analyze.context import Context, fact
from iact_guard.analyze.workflow.deploy.routes import (
    decorated,
    django,
    dotnet,
    go,
    node,
    rails,
    spring,
)
from iact_guard.analyze.workflow.deploy.routes.packages import packages_of
from iact_guard.analyze.workflow.deploy.routes.python_code import modules_of
from iact_guard.analyze.workflow.deploy.routes.route import Route
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.data.tables import table
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.regex import regex
from iact_guard.model.repository import Repository

MAX_ROUTES = 50_000
"""Of a repository; with more of them nothing is certain."""
_IMPORT = regex(r"^\s*(?:from\s+([\w.]+)\s+import\s+(\w+)|import\s+([\w.]+))", re.MULTILINE)
_WASM = regex(r"blazor\.webassembly|BlazorWebAssembly")


@dataclass(frozen=True, slots=True)
class Application:
    """What the applications of a repository answer together."""

    routes: tuple[Route, ...]
    has_pages: bool
    """A frontend beside them answers every path with the same page."""
    sources: Sources
    """The files, for what else may speak of a path."""


@fact("repository.routes")
def application_of(ctx: Context, repository: Repository) -> Fact[Application | None]:
    """None without a route, and where something that is not read may answer as well."""
    sources = Sources(ctx)
    elsewhere = ".gitmodules" in ctx.project.discovery.files
    if elsewhere or sources.too_many or _serves_unread(sources):
        return known(None)
    routes = tuple(islice(_routes(sources), MAX_ROUTES + 1))
    if not any(each.certain for each in routes) or len(routes) > MAX_ROUTES or sources.unread:
        return known(None)
    return known(Application(routes, _has_pages(sources), sources))


def _routes(sources: Sources) -> Iterator[Route]:
    yield from dotnet.routes_of(sources)
    yield from node.routes_of(sources)
    yield from spring.routes_of(sources)
    yield from go.routes_of(sources)
    yield from rails.routes_of(sources)
    modules = modules_of(sources)
    urls = django.Urls(modules)
    yield from django.routes_of(urls)
    yield from decorated.routes_of(decorated.routers_of(modules), urls.mounted)


def _serves_unread(sources: Sources) -> bool:
    """Whether something is served by a language or a framework that is not read."""
    words = table("frameworks")
    for ending, said in words["languages"].items():
        if next(sources.texts((ending,), *said), None) is not None:
            return True
    names = frozenset(words["python"])
    for source in sources.texts((".py",)):
        for match in _IMPORT.finditer(source.text):
            whole = f"{match[1]}.{match[2]}" if match[1] else match[3]
            if not names.isdisjoint((whole, match[1] or whole)):
                return True
    return any(path.endswith("config.ru") for path in sources.code) and not any(
        path.endswith("config/routes.rb") for path in sources.code
    )


def _has_pages(sources: Sources) -> bool:
    pages = frozenset(table("frameworks")["node"]["pages"])
    for package in packages_of(sources):
        names = package.dependencies
        if names is None or (names & pages and "next" not in names):
            return True
    projects = sources.texts((".csproj",))
    return bool(sources.unread) or any(_WASM.search(each.text) for each in projects)
