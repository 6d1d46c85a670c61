"""Routes of a Django application, where its `urls.py` can be read with certainty."""

import re

from iact_guard.analyze.context import Context, fact
from iact_guard.model.errors import UnreadableError
from iact_guard.model.fact import Fact, known
from iact_guard.model.records import dataclass
from iact_guard.model.repository import Repository

MAX_FILES = 4_000
"""That are searched for a path that no route has."""
MAX_PARTS = 3
"""Routes within routes."""
MAX_PARAMETERS = 6
"""In one route; with more of them nothing is certain."""
_ROUTE = re.compile(r"""\bpath\(\s*r?["']([^"']*)["']\s*,\s*([\w.]+)(?:\(\s*\(?\s*["']([\w.]+))?""")
_UNCLEAR = re.compile(
    r"""\bre_path\(|\burl\(|router|i18n_patterns|urlpatterns\s*\+?=\s*[^\[\s(]|\bf["']"""
)
_PARAMETER = re.compile(r"<(?:(\w+):)?\w+>")
_SEARCHED = (".py", ".conf", ".yml", ".yaml", ".tf", ".js", ".ts", ".html", ".json", ".toml",
             "Dockerfile", "Caddyfile", ".template", ".j2", ".sh", ".lua", ".go")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Routes:
    """What the application answers to."""

    literals: tuple[str, ...]
    """Routes and the prefixes of included ones, as written."""
    foreign: tuple[str, ...]
    """Prefixes behind which another package answers."""
    place: str
    """The first `urls.py`."""


@fact("repository.django_routes")
def routes_of(ctx: Context, repository: Repository) -> Fact[Routes | None]:
    """None without Django, or where a route cannot be read for certain."""
    files = ctx.project.discovery.files
    paths = sorted(p for p in files if p.endswith("urls.py"))
    if not paths or not any(p.endswith("manage.py") for p in files):
        return known(None)
    literals: list[str] = []
    foreign: list[str] = []
    for path in paths:
        try:
            text = ctx.project.text(path).text
        except UnreadableError:
            return known(None)
        if _UNCLEAR.search(text) or text.count("path(") != len(_ROUTE.findall(text)):
            return known(None)
        for route, view, module in _ROUTE.findall(text):
            if route.count("<") > MAX_PARAMETERS:
                return known(None)
            literals.append(route)
            file = f"/{module.replace('.', '/')}.py"
            inside = view == "include" and any(f"/{each}".endswith(file) for each in paths)
            if not inside and (view == "include" or view.endswith(".urls")):
                foreign.append(route)
    return known(Routes(tuple(dict.fromkeys(literals)), tuple(foreign), paths[0]))


def lacks(ctx: Context, path: str) -> bool:
    """Whether no route of the application can be this path, and nothing else speaks of it."""
    routes = routes_of(ctx, Repository()).known
    wanted = path.partition("?")[0].partition("#")[0].strip("/")
    if routes is None or not wanted or "$" in wanted or "*" in wanted:
        return False
    if any(wanted.startswith(each.strip("/")) for each in routes.foreign):
        return False
    if _matches(wanted, routes.literals, MAX_PARTS):
        return False
    return not _is_spoken_of(ctx, wanted, routes)


def _matches(wanted: str, literals: tuple[str, ...], depth: int) -> bool:
    for literal in literals:
        text = literal.strip("/")
        pattern = "".join(
            (".+" if part == "path" else "[^/]+") if index % 2 else re.escape(part)
            for index, part in enumerate(_PARAMETER.split(text))
        )
        if re.fullmatch(pattern, wanted):
            return True
        found = re.match(f"{pattern}/", wanted) if text and depth > 1 else None
        if found and _matches(wanted[found.end() :], literals, depth - 1):
            return True
    return False


def _is_spoken_of(ctx: Context, wanted: str, routes: Routes) -> bool:
    """Whether a server, a middleware or a frontend of the repository may answer it."""
    name = wanted.rpartition("/")[2]
    everything = ctx.project.discovery.files
    files = [p for p in sorted(everything) if p.endswith(_SEARCHED)]
    firsts = {each.strip("/").partition("/")[0] for each in routes.literals}
    frontend = any(p.endswith("package.json") for p in everything)
    if len(files) > MAX_FILES or (frontend and wanted.partition("/")[0] not in firsts):
        return True
    for path in files:
        if path.startswith(".github/"):
            continue
        try:
            if name in ctx.project.text(path).text:
                return True
        except UnreadableError:
            return True
    return False
