"""Routes of Node: Express and NestJS by their calls and decorators, Next.js by its files."""

import json
import posixpath
import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of, combined
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.data.tables import table
from iact_guard.model.location import Location
from iact_guard.syntax.text import Text

_ENDINGS = (".js", ".ts", ".mjs", ".cjs", ".mts", ".cts", ".jsx", ".tsx")
_TEXT = r"\s*(?:['\"`]([^'\"`$]*)['\"`])?"
_VERB = re.compile(r"\b(\w+)\s*\.(?:get|post|put|patch|delete|head|options|all|route)\(" + _TEXT)
_USE = re.compile(r"\b\w+\s*\.use\(" + _TEXT + r"\s*,?\s*(\w+)?")
_ROUTER = re.compile(r"\b(?:const|let|var)\s+(\w+)\s*(?::[^=]+)?=\s*(?:express\s*\.\s*)?(?:Router|express|router)\(")
_GIVEN = re.compile(r"\(\s*(\w+)\s*:\s*(?:express\.)?(?:Express|Application|Router|IRouter)\b")
_LOCAL = re.compile(
    r"(?:import\s+(?:\*\s+as\s+)?(\w+)[^;'\"]*from\s*|(?:const|let|var)\s+(\w+)\s*=\s*require\(\s*)['\"]\.{1,2}/"
)
_LISTENS = re.compile(r"createProxyMiddleware|http-proxy|express-http-proxy|readdirSync|glob(?:\.sync)?\(|createServer\(\s*(?:async\s*)?(?:\(|function)")
_CONTROLLER = re.compile(r"@Controller\(\s*(?:(['\"`])([^'\"`$]*)\1|\)|(.))")
_METHOD = re.compile(r"@(?:Get|Post|Put|Patch|Delete|Head|Options|All)\(\s*(?:(['\"`])([^'\"`$]*)\1|\)|(.))")
_GLOBAL = re.compile(r"\.setGlobalPrefix\(\s*(?:(['\"`])([^'\"`$]*)\1\s*(,)?)?")
_DYNAMIC = re.compile(r"RouterModule\.register|enableVersioning|APP_ROUTES")
_PAGE = re.compile(r"(?:^|.*/)app/(?:(.*)/)?(?:page|route)\.(?:[jt]sx?)$")
_OLD_PAGE = re.compile(r"(?:^|.*/)pages/(.*)\.(?:[jt]sx?)$")
_GROUP = re.compile(r"^(?:\(.*\)|@.*)$")


def dependencies_of(source: Text) -> frozenset[str] | None:
    """The packages that a `package.json` names for running; None where it is none."""
    try:
        value = json.loads(source.text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    found = (value.get(name) for name in ("dependencies", "devDependencies"))
    return frozenset(str(key) for each in found if isinstance(each, dict) for key in each)


def routes_of(sources: Sources) -> Iterator[Route]:
    """The routes of every package that serves something; none of a frontend alone."""
    for path in sources.code:
        if posixpath.basename(path) != "package.json":
            continue
        source = sources.text(path)
        names = dependencies_of(source) if source else None
        place = Location(path)
        if names is None or names & frozenset(table("frameworks")["node"]["unread"]):
            yield Route(ANYTHING, place)
            continue
        folder = posixpath.dirname(path)
        if "next" in names:
            yield from _next(sources, folder, place)
        if "@nestjs/core" in names:
            yield from _nest(sources, folder, place)
        if "express" in names and "@nestjs/core" not in names:
            yield from _express(sources, folder, place)


def _texts(sources: Sources, folder: str, *words: str) -> Iterator[Text]:
    start = f"{folder}/" if folder else ""
    return (each for each in sources.texts(_ENDINGS, *words) if each.path.startswith(start))


def _express(sources: Sources, folder: str, place: Location) -> Iterator[Route]:
    """Routes of an application as they stand; those of routers behind the prefixes of some `use`."""
    prefixes: set[str] = set()
    inner: list[Route] = []
    bare = False
    for source in _texts(sources, folder, "express", "Router("):
        code = code_of(source)
        if match := _LISTENS.search(code):
            yield at(source, match, ANYTHING)
        owners = {m[1] for m in _ROUTER.finditer(code)} | {m[1] for m in _GIVEN.finditer(code)}
        local = {name for m in _LOCAL.finditer(code) for name in m.groups() if name}
        for match in _USE.finditer(code):
            text, what = match[1], match[2]
            if text is not None:
                prefixes.add(pattern_of(text))
            bare = bare or (text is None and what in local | owners)
            if text is None and what == "require":
                bare = True
        for match in _VERB.finditer(code):
            if match[1] not in owners | {"app", "router", "server"}:
                continue
            if match[2] is None:
                if code[match.end() : match.end() + 1] not in (")", "'", '"'):
                    inner.append(at(source, match, ANYTHING))
                continue
            route = at(source, match, pattern_of(match[2]))
            if match[1] in ("app", "server") and "Router(" not in code:
                yield route
            else:
                inner.append(route)
    every = combined(prefixes, inner, 3)
    if every is None:
        yield Route(ANYTHING, place)
        return
    plain = {route.pattern for route in inner} if prefixes and not bare else set()
    yield from (route for route in every if route.pattern not in plain or not plain)


def _nest(sources: Sources, folder: str, place: Location) -> Iterator[Route]:
    prefixes: set[str] = set()
    optional = False
    routes: list[Route] = []
    for source in _texts(sources, folder, "@Controller", "setGlobalPrefix", *("RouterModule", "enableVersioning")):
        code = code_of(source)
        if match := _DYNAMIC.search(code):
            yield at(source, match, ANYTHING)
        for match in _GLOBAL.finditer(code):
            prefixes.add(pattern_of(match[2]) if match[2] is not None else ANYTHING)
            optional = optional or bool(match[3])
        controllers = list(_CONTROLLER.finditer(code))
        for number, found in enumerate(controllers):
            end = controllers[number + 1].start() if number + 1 < len(controllers) else len(code)
            start = ANYTHING if found[3] else pattern_of(found[2] or "")
            for match in _METHOD.finditer(code, found.end(), end):
                rest = ANYTHING if match[3] else pattern_of(match[2] or "")
                routes.append(at(source, match, joined(start, rest)))
    for prefix in sorted(prefixes | ({""} if optional or not prefixes else set())):
        yield from (Route(joined(prefix, route.pattern), route.location) for route in routes)


def _next(sources: Sources, folder: str, place: Location) -> Iterator[Route]:
    """One route a file; a configuration that rewrites, or a server of its own, may add any."""
    start = f"{folder}/" if folder else ""
    for path in sources.code:
        if not path.startswith(start):
            continue
        name = posixpath.basename(path)
        if name.startswith("next.config.") or name.startswith(("middleware.", "server.", "proxy.")):
            source = sources.text(path)
            words = ("rewrites", "basePath", "rewrite(", "createServer", "NextResponse.json", "new Response")
            if source is None or any(word in code_of(source) for word in words):
                yield Route(ANYTHING, Location(path))
        found, old = _PAGE.match(path[len(start) :]), _OLD_PAGE.match(path[len(start) :])
        if found:
            parts = [part for part in (found[1] or "").split("/") if not _GROUP.match(part)]
            yield Route(pattern_of("/".join(parts)), Location(path))
        elif old:
            route = old[1].removesuffix("index")
            yield Route(pattern_of(route), Location(path))
