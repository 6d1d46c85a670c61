"""Routes of Express: what applications and routers are told to answer."""

from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of, combined
from iact_guard.analyze.workflow.deploy.routes.packages import Package
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.model.regex import regex

MAX_ROUTERS = 3
"""Prefixes in front of one route."""
_TEXT = r"\s*(?:['\"`]([^'\"`$]*)['\"`])?"
_VERB = regex(r"\b(\w+)\s*\.(?:get|post|put|patch|delete|head|options|all|route)\(" + _TEXT)
_USE = regex(r"\.use\(" + _TEXT + r"\s*,?\s*(\w+)?")
_COMPUTED = regex(r"\.use\(\s*(?:`([^`]*)`|[\w.]+\s*,)")
_HOLE = regex(r"\$\{[^{}]*\}")
_MADE = regex(r"\bexpress\(\s*\)")
_ROUTER = regex(
    r"\b(?:const|let|var)\s+(\w+)\s*(?::[^=;]+)?=\s*[^;\n]*?\b(?:[rR]outer|express)\s*\(\s*\)"
)
_GIVEN = regex(r"\(\s*(\w+)\s*:\s*(?:express\.)?(?:Express|Application|Router|IRouter)\b")
_LOCAL = regex(
    r"(?:import\s+(?:\*\s+as\s+)?(\w+)[^;'\"]*from\s*"
    r"|(?:const|let|var)\s+(\w+)\s*=\s*require\(\s*)['\"]\.{1,2}/"
)
_OPEN = regex(
    r"createProxyMiddleware|http-proxy|readdirSync|glob(?:\.sync)?\("
    r"|createServer\(\s*(?:async\s*)?(?:\(|function)"
)
_CALLS = (".get(", ".post(", ".put(", ".delete(", ".patch(", ".all(", ".route(", ".use(", ".head(")


def routes_of(package: Package) -> Iterator[Route]:
    """Routes of an application as they stand; those of routers behind what some `use` names."""
    prefixes: set[str] = set()
    inner: list[Route] = []
    bare = False
    made = [len(_MADE.findall(code_of(each))) for each in package.texts("express(")]
    only = sum(made) == 1  # with several of them one may stand below another
    for source in package.texts(*_CALLS):
        code = code_of(source)
        if match := _OPEN.search(code):
            yield at(source, match, ANYTHING)
        routers = {m[1] for m in _ROUTER.finditer(code)} | {m[1] for m in _GIVEN.finditer(code)}
        local = {name for m in _LOCAL.finditer(code) for name in m.groups() if name}
        for match in _USE.finditer(code):
            if match[1] is not None:
                prefixes.add(pattern_of(match[1]))
            elif computed := _COMPUTED.match(code, match.start()):
                prefixes.add(_with_holes(computed[1] or ""))
            elif match[2] in local | routers | {"require"}:
                bare = True
        for match in _VERB.finditer(code):
            owner, text = match[1], match[2]
            if text is None and owner in routers and code[match.end() : match.end() + 1] != ")":
                inner.append(at(source, match, ANYTHING))
            elif text is not None and text.startswith(("/", "*")):
                route = at(source, match, pattern_of(text))
                if owner == "app" and only:
                    yield route
                else:
                    inner.append(route)
    yield from combined(prefixes, inner, MAX_ROUTERS, alone=bare)


def _with_holes(text: str) -> str:
    """The pattern of a template; what a name stands for may be several segments."""
    segments = [
        ANYTHING if _HOLE.fullmatch(each) else "*" if "$" in each else pattern_of(each)
        for each in text.split("/")
    ]
    return joined(*segments) or ANYTHING
