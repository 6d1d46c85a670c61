"""Routes of Spring: annotated methods, and the endpoints of its actuator."""

import re
from collections.abc import Iterator

from iact_guard.analyze.workflow.deploy.routes.fragments import at, code_of
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.analyze.workflow.deploy.routes.sources import Sources
from iact_guard.model.location import Location
from iact_guard.model.regex import regex
from iact_guard.syntax.text import Text

_WORDS = (
    "Mapping", "RouterFunction", "RouteLocator", "@Path(", "routing", "addViewController",
    "PathMatchConfigurer",
)  # fmt: skip
_MAPPING = regex(
    r"@(Request|Get|Post|Put|Patch|Delete)Mapping\b"
    r"\s*(?:\(\s*(?:(?:value|path)\s*=\s*)?[{\[]?\s*([^)]*)\))?"
)
_QUOTED = regex(r"\"([^\"$]*)\"")
_TYPE = regex(r"\b(?:class|interface|object)\s+\w+")
_OPEN = regex(
    r"RouterFunction|RouteLocator|addViewController|PathMatchConfigurer|WebMvcConfigurationSupport"
    r"|ServletRegistrationBean|@Path\(|@Controller\(\"|RestResource|routing\s*\{"
)
_SETTING = regex(
    r"context-path|contextPath|base-path|basePath|spring\.cloud\.gateway|zuul|path-mapping"
)
_SETTINGS = (".properties", ".yml", ".yaml", "pom.xml", ".gradle", ".gradle.kts")


def routes_of(sources: Sources) -> Iterator[Route]:
    """Annotated methods behind their class's; the actuator's where it is a dependency."""
    found = False
    for source in sources.texts((".java", ".kt"), *_WORDS):
        code = code_of(source)
        if match := _OPEN.search(code):
            yield at(source, match, ANYTHING)
        for route in _annotated(source, code):
            found = True
            yield route
    for path in sources.code if found else ():
        settings = sources.text(path) if path.endswith(_SETTINGS) else None
        if settings and "actuator" in settings.text:
            yield Route(joined("actuator", ANYTHING), Location(path))
        if settings and _SETTING.search(settings.text):
            yield Route(ANYTHING, Location(path))


def _annotated(source: Text, code: str) -> Iterator[Route]:
    """The methods of a file; with several types in it, their prefixes may be anybody's."""
    first = next((match.start() for match in _TYPE.finditer(code)), 0)
    mappings = list(_MAPPING.finditer(code))
    starts = [p for each in mappings if each.start() < first for p in _patterns(each)] or [""]
    if any(each[1] == "Request" and each.start() > first for each in mappings):
        starts.append(ANYTHING)
    for each in mappings:
        if each.start() >= first:
            for pattern in _patterns(each):
                yield from (at(source, each, joined(start, pattern)) for start in starts)


def _patterns(mapping: re.Match[str]) -> list[str]:
    given = mapping[2] or ""
    texts = _QUOTED.findall(given)
    return [pattern_of(text) for text in texts] or [ANYTHING if given.strip() else ""]
