"""Routes of NestJS: its controllers behind the global prefix."""

import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of
from iact_guard.analyze.workflow.deploy.routes.packages import Package
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.model.regex import regex

_GIVEN = r"\(\s*(?:(['\"`])([^'\"`$]*)\1|\)|(.))"
_CONTROLLER = regex("@Controller" + _GIVEN)
_METHOD = regex(r"@(?:Get|Post|Put|Patch|Delete|Head|Options|All|Sse)" + _GIVEN)
_GLOBAL = regex(r"\.setGlobalPrefix\(\s*(?:(['\"`])([^'\"`$]*)\1\s*(,)?)?")
_OPEN = regex(r"RouterModule|enableVersioning|createProxyMiddleware|\.getHttpAdapter\(\)\.get")
_MIDDLEWARE = regex(r"\b\w+\.(?:get|use)\(\s*['\"`](/[^'\"`$]*)['\"`]")
_WORDS = ("@Controller", "setGlobalPrefix", "RouterModule", "enableVersioning", "getHttpAdapter")


def routes_of(package: Package) -> Iterator[Route]:
    """Every method behind its controller's path; with exceptions the prefix is optional."""
    prefixes: set[str] = set()
    optional = False
    routes: list[Route] = []
    for source in package.texts(*_WORDS):
        code = code_of(source)
        if match := _OPEN.search(code):
            yield at(source, match, ANYTHING)
        for match in _MIDDLEWARE.finditer(code):
            yield at(source, match, joined(pattern_of(match[1]), ANYTHING))
        for match in _GLOBAL.finditer(code):
            prefixes.add(ANYTHING if match[2] is None else pattern_of(match[2]))
            optional = optional or bool(match[3])
        controllers = list(_CONTROLLER.finditer(code))
        ends = [*(found.start() for found in controllers[1:]), len(code)]
        for found, end in zip(controllers, ends, strict=False):
            start = _path(found)
            methods = _METHOD.finditer(code, found.end(), end)
            routes += [at(source, each, joined(start, _path(each))) for each in methods]
    for prefix in sorted(prefixes | ({""} if optional or not prefixes else set())):
        yield from (Route(joined(prefix, route.pattern), route.location) for route in routes)


def _path(match: re.Match[str]) -> str:
    return ANYTHING if match[3] else pattern_of(match[2] or "")
