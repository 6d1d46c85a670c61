"""Routes of ASP.NET: attributes of controllers, and what `Program.cs` maps."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

_CLASS = regex(r"\bclass\s+(\w+)[^{;]*[{;]")
_BASE = regex(r":\s*([\w.]+)")
_BASES = frozenset({"ControllerBase", "Controller", "ApiController", "ODataController"})
_ENDS = regex(r"[;{}]\s*$", re.MULTILINE)
_ROUTE = regex(r"\[(?:[^\[\]]*,\s*)?Route\(\s*@?\"([^\"]*)\"|\[(?:[^\[\]]*,\s*)?Route\(")
_VERB = regex(
    r"\[(?:[^\[\]\"]*,\s*)?Http(?:Get|Post|Put|Patch|Delete|Head|Options)(?:Attribute)?\b"
    r"\s*(?:\(\s*(?:template:\s*)?(?:@?\"([^\"]*)\")?([^)\"]*))?"
)
_MAPS = regex(
    r"\.(Map(?:Get|Post|Put|Patch|Delete|Methods|HealthChecks|Hub<[\w.]+>|Hub|GraphQL|Metrics)"
    r"|UseHealthChecks|UseSwagger|UseOpenApi)\(\s*(?:@?\"([^\"]*)\")?"
)
_GROUP = regex(r"\.MapGroup\(")
_OPEN = regex(
    r"\.(?:Map(?:ControllerRoute|DefaultControllerRoute|Fallback\w*|ReverseProxy|RazorPages|Forwarder"
    r"|IdentityApi\w*|Blazor\w*|Razor\w*|Carter|FastEndpoints|When|Dynamic\w*|AreaControllerRoute)"
    r"|Map|Use(?:Ocelot|PathBase|Mvc\w*|Spa\w*|FastEndpoints|Rewriter|Endpoint\w*Middleware))\s*[(<]"
    r"|\bIApplicationModelConvention\b|\bRoutePrefix\b|\bIEndpointRouteBuilder\b|\bUseEndpoints\b(?=\(\s*[a-z]\w*\.)"
    r"|\bServiceStack\b|\bCarterModule\b|\bFastEndpoints\b|\bUmbraco\w*\(|\bAddOData\b|\bMapOData\w*"
)
_DEFAULTS = ("health", "alive")


def routes_of(sources: Sources) -> Iterator[Route]:
    """The routes that are written out; `**` where a convention or a middleware may add some."""
    for source in sources.texts((".cs",), "Controller", ".Map", ".Use", "IEndpointRouteBuilder"):
        code = code_of(source)
        for match in _OPEN.finditer(code):
            yield at(source, match, ANYTHING)
        grouped = bool(_GROUP.search(code))
        for match in _MAPS.finditer(code):
            what = match[1]
            if what.startswith("Use") and match[2] is None:
                continue
            text = "metrics" if what == "MapMetrics" and match[2] is None else match[2]
            text = "graphql" if what == "MapGraphQL" and match[2] is None else text
            pattern = ANYTHING if text is None else pattern_of(text)
            yield at(source, match, joined(ANYTHING, pattern) if grouped else pattern)
        for match in re.finditer(r"\.MapDefaultEndpoints\(", code):
            yield from (at(source, match, each) for each in _DEFAULTS)
        yield from _controllers(source, code)


def _controllers(source: Text, code: str) -> Iterator[Route]:
    """The attributes of each class and of its methods: the class's are in front of the method's."""
    classes = list(_CLASS.finditer(code))
    ends = [*(found.start() for found in classes[1:]), len(code)]
    # Braces of routes stand within lines, those of the code before a class at their ends.
    before = [0, *(match.end() for match in _ENDS.finditer(code))]
    for found, end in zip(classes, ends, strict=False):
        base = _BASE.search(found[0])
        if not found[1].endswith("Controller") and not (base and "Controller" in base[1]):
            continue
        head = code[before[bisect_right(before, found.start()) - 1] : found.start()]
        prefixes = [match[1] for match in _ROUTE.finditer(head)]
        if None in prefixes or (base and base[1] not in _BASES and not prefixes):
            yield at(source, found, ANYTHING)  # its base may say where it stands
            continue
        controller = found[1].removesuffix("Controller")
        starts = [_named(text or "", controller) for text in prefixes] or [""]
        body_end = max(code.rfind("}", found.end(), end), found.end())
        for pattern in (_VERB, _ROUTE):
            for match in pattern.finditer(code, found.end(), body_end):
                for each in _of_method(match, starts, controller):
                    yield at(source, match, each)


def _of_method(match: re.Match[str], starts: list[str], controller: str) -> Iterator[str]:
    text = match[1]
    given = (match[2] or "").strip(" )") if match.re is _VERB else "unclear"
    if text is None and given and not given.startswith("Name"):
        yield ANYTHING
        return
    rest = (text or "").removeprefix("~")
    absolute = rest.startswith("/")
    yield from (joined(start, _named(rest, controller)) for start in ([""] if absolute else starts))


def _named(text: str, controller: str) -> str:
    """`[controller]` and `[action]` filled in as a pattern."""
    filled = text.replace("[controller]", controller).replace("[Controller]", controller)
    return pattern_of(filled.replace("[action]", "*").replace("[area]", "*")) if filled else ""
