"""Routes that Python declares on objects: Flask, FastAPI, Django Ninja."""

import ast
from collections.abc import Iterator
from dataclasses import field

from iact_guard.analyze.workflow.deploy.routes.python_code import (
    Code,
    Modules,
    called,
    calls_in,
    keyword,
    literal,
)
from iact_guard.analyze.workflow.deploy.routes.route import ANYTHING, Route, joined, pattern_of
from iact_guard.model.location import Location
from iact_guard.model.records import dataclass

MAX_DEPTH = 8
"""Of routers within routers."""
_ROOTS = frozenset({"FastAPI", "Flask", "APIFlask", "Quart"})
_APIS = frozenset({"NinjaAPI"})
_PARTS = frozenset({"APIRouter", "Router", "Blueprint", "APIBlueprint"})
_VERBS = frozenset({
    "get", "post", "put", "patch", "delete", "head", "options", "route", "api_route", "websocket",
    "add_api_route", "add_url_rule", "add_route",
})  # fmt: skip
_MOUNTS = frozenset({"include_router", "register_blueprint", "add_router"})
_OPENS = frozenset({
    "mount", "register_controllers", "add_resource", "register_view", "add_namespace",
    "auto_discover_controllers", "api_operation", "add_websocket_route",
})  # fmt: skip
_BUILT_IN = ("docs", "docs/**", "redoc", "openapi.json", "metrics", "static/**")

Key = tuple[str, str]


@dataclass(slots=True)
class Router:
    """An object with routes: its own ones, and the routers that hang below it."""

    kind: str
    place: Location
    prefix: str = ""
    routes: list[Route] = field(default_factory=list)
    below: list[tuple[str, Key]] = field(default_factory=list)


def routers_of(modules: Modules) -> dict[Key, Router]:
    """Every router of the repository, by its file and name."""
    found: dict[Key, Router] = {}
    for code in modules.by_path.values():
        for node in ast.walk(code.tree):
            if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call):
                kind = called(node.value)
                if kind not in _ROOTS | _APIS | _PARTS:
                    continue
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if isinstance(target, ast.Name):
                        found.setdefault((code.path, target.id), _made(code, node.value, kind))
    for code in modules.by_path.values():
        for call in calls_in(code.tree):
            _declare(modules, found, code, call)
    return found


def _made(code: Code, call: ast.Call, kind: str) -> Router:
    given = keyword(call, "prefix", "url_prefix")
    text = literal(given)
    prefix = "" if given is None else ANYTHING if text is None else pattern_of(text)
    router = Router(kind, code.module.head(call), prefix)
    moved = keyword(call, "root_path")
    if moved is not None or (kind == "NinjaExtraAPI"):
        router.routes.append(Route(ANYTHING, router.place))
    return router


def _declare(modules: Modules, routers: dict[Key, Router], code: Code, call: ast.Call) -> None:
    """A route, or a router below another one."""
    name = called(call)
    if not isinstance(call.func, ast.Attribute) or name not in _VERBS | _MOUNTS | _OPENS:
        return
    key = modules.resolve(code, call.func.value)
    owner = routers.get(key) if key else None
    place = code.module.head(call)
    if owner is None:
        if name in _MOUNTS:  # an application that came as an argument
            for each in (r for r in routers.values() if r.kind in _ROOTS | _APIS):
                _mount(modules, routers, code, call, each)
        return
    if name in _MOUNTS:
        _mount(modules, routers, code, call, owner)
        return
    text = literal(call.args[0] if call.args else keyword(call, "path", "rule"))
    pattern = ANYTHING if text is None else pattern_of(text)
    owner.routes.append(Route(joined(pattern, ANYTHING) if name in _OPENS else pattern, place))


def _mount(
    modules: Modules, routers: dict[Key, Router], code: Code, call: ast.Call, owner: Router
) -> None:
    if called(call) == "add_router":
        prefix, what = keyword(call, "prefix"), keyword(call, "router")
        prefix = call.args[0] if call.args else prefix
        what = call.args[1] if len(call.args) > 1 else what
    else:
        prefix = keyword(call, "prefix", "url_prefix")
        what = call.args[0] if call.args else keyword(call, "router", "blueprint")
    text = literal(prefix)
    start = "" if prefix is None else ANYTHING if text is None else pattern_of(text)
    dotted = literal(what)
    key = (
        modules.resolve_dotted(dotted) if dotted else modules.resolve(code, what) if what else None
    )
    if key in routers and key is not None:
        # Flask's prefix takes the place of the blueprint's own one.
        replaces = called(call) == "register_blueprint" and prefix is not None
        own = "" if replaces else routers[key].prefix
        owner.below.append((joined(start, own), key))
    else:
        owner.routes.append(Route(joined(start, ANYTHING), code.module.head(call)))


def routes_of(
    routers: dict[Key, Router], mounted: dict[Key, list[tuple[str, Location]]]
) -> Iterator[Route]:
    """The routes of every application, and of the APIs that Django mounts."""
    for key, router in routers.items():
        if router.kind in _ROOTS:
            yield from _below(routers, key, router.prefix, 0)
            yield from (Route(each, router.place) for each in _BUILT_IN)
    for key, places in mounted.items():
        for prefix, place in places:
            if key in routers:
                yield from _below(routers, key, prefix, 0)
                yield from (Route(joined(prefix, each), place) for each in _BUILT_IN)
            else:
                yield Route(joined(prefix, ANYTHING), place)


def _below(routers: dict[Key, Router], key: Key, prefix: str, depth: int) -> Iterator[Route]:
    router = routers[key]
    if depth > MAX_DEPTH:
        yield Route(joined(prefix, ANYTHING), router.place)
        return
    for route in router.routes:
        yield Route(joined(prefix, route.pattern), route.location)
    for start, below in router.below:
        yield from _below(routers, below, joined(prefix, start), depth + 1)
