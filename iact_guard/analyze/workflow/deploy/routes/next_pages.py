"""Routes of Next.js: one a file, below `app` and `pages`."""

import posixpath
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import code_of
from iact_guard.analyze.workflow.deploy.routes.packages import Package
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, pattern_of
from iact_guard.model.location import Location
from iact_guard.model.regex import regex

_PAGE = regex(r"(?:^|.*?/)app/(?:(.*)/)?(?:page|route)\.[jt]sx?$")
_OLD_PAGE = regex(r"(?:^|.*?/)pages/(.*)\.[jt]sx?$")
_GROUP = regex(r"\(.*\)|@.*")
_MAY_ANSWER = ("next.config.", "middleware.", "server.", "proxy.")
_ANSWERS = (
    "rewrites", "basePath", "rewrite(", "createServer", "NextResponse.json", "new Response",
    "new NextResponse", "Response.json", "i18n",
)  # fmt: skip


def routes_of(package: Package) -> Iterator[Route]:
    """A configuration that rewrites, a middleware or a server that answers may add any."""
    for path in package.paths():
        inner = path[len(package.start) :]
        if posixpath.basename(path).startswith(_MAY_ANSWER):
            source = package.sources.text(path)
            if source is None or any(word in code_of(source) for word in _ANSWERS):
                yield Route(ANYTHING, Location(path))
        if found := _PAGE.match(inner):
            parts = [part for part in (found[1] or "").split("/") if not _GROUP.fullmatch(part)]
            yield Route(pattern_of("/".join(parts)), Location(path))
        elif old := _OLD_PAGE.match(inner):
            yield Route(pattern_of(old[1].removesuffix("index")), Location(path))
