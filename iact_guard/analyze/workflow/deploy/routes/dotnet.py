"""Routes of ASP.NET: attributes of controllers, and what `Program.cs` maps."""

import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.syntax.text import Text

_CLASS = re.compile(r"\bclass\s+(\w+)[^{;]*[{;]")
_ATTRIBUTES = re.compile(r"(?:\[[^\[\]]*(?:\[[\w\]]*[^\[\]]*)*\]\s*)*(?:public|internal|sealed|partial|abstract|static|\s)*\Z")
_ROUTE = re.compile(r"\[(?:[^\[\]]*,\s*)?Route\(\s*@?\"([^\"]*)\"|\[(?:[^\[\]]*,\s*)?Route\(")
_VERB = re.compile(
    r"\[(?:[^\[\]\"]*,\s*)?Http(?:Get|Post|Put|Patch|Delete|Head|Options)(?:Attribute)?\b"
    r"\s*(?:\(\s*(?:template:\s*)?(?:@?\"([^\"]*)\")?([^)\"]*))?"
)
_MAPS = re.compile(
    r"\.(Map(?:Get|Post|Put|Patch|Delete|Methods|HealthChecks|Hub<[\w.]+>|Hub|GraphQL|Metrics)"
    r"|UseHealthChecks|UseSwagger|UseOpenApi)\(\s*(?:@?\"([^\"]*)\")?"
)
_GROUP = re.compile(r"\.MapGroup\(")
_OPEN = re.compile(
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
    for number, found in enumerate(classes):
        end = classes[number + 1].start() if number + 1 < len(classes) else len(code)
        before = max(code.rfind(";", 0, found.start()), code.rfind("}", 0, found.start()))
        before = max(before, code.rfind("{", 0, _header(code, found.start())))
        head = code[max(before, 0) : found.start()]
        name = found[1]
        controller = name.removesuffix("Controller")
        prefixes = [m[1] for m in _ROUTE.finditer(head)]
        inherits = ":" in found[0] and "Controller" in found[0]
        if not prefixes and not inherits and not name.endswith("Controller"):
            continue
        own = ("ControllerBase", "Controller", "ApiController", "ODataController")
        base = re.search(r":\s*([\w.]+)", found[0])
        unknown = base is not None and base[1] not in own and not prefixes
        if None in prefixes or unknown:
            yield at(source, found, ANYTHING)
            continue
        starts = [_named(text or "", controller) for text in prefixes] or [""]
        body_end = code.rfind("}", found.end(), end) if number + 1 < len(classes) else end
        body = code[found.end() : body_end if body_end > 0 else end]
        yield from _methods(source, code, body, found.end(), starts, controller)


def _header(code: str, start: int) -> int:
    """Where the attributes of a class may begin: braces of routes stand in quotes behind it."""
    quoted = code.rfind("namespace", 0, start)
    return max(quoted + len("namespace"), 0) if quoted >= 0 else 0


def _methods(
    source: Text, code: str, body: str, offset: int, starts: list[str], controller: str
) -> Iterator[Route]:
    for pattern in (_VERB, _ROUTE):
        for match in pattern.finditer(code, offset, offset + len(body)):
            text = match[1]
            if text is None and pattern is _VERB and (match[2] or "").strip(" )"):
                named = (match[2] or "").strip().startswith("Name")
                if not named:
                    yield at(source, match, ANYTHING)
                    continue
            if text is None and pattern is _ROUTE:
                yield at(source, match, ANYTHING)
                continue
            rest = _named(text or "", controller)
            absolute = (text or "").startswith(("/", "~/"))
            for start in [""] if absolute else starts:
                yield at(source, match, joined(start, pattern_of(rest.removeprefix("~")) if rest else ""))


def _named(text: str, controller: str) -> str:
    """`[controller]` and `[action]` filled in as a pattern."""
    filled = text.replace("[controller]", controller).replace("[Controller]", controller)
    return pattern_of(filled.replace("[action]", "*").replace("[area]", "*")) if filled else ""
