"""Routes are read from the sources; a path is lacking only where nothing may answer it."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iact_guard.analyze.context import Context
from iact_guard.analyze.workflow.deploy.routes.lacking import Asked, alike_if_lacking
from iact_guard.analyze.workflow.deploy.routes.route import answers, joined, pattern_of
from iact_guard.project import Project
from iact_guard.tree import DictTree

_DJANGO = {
    "manage.py": "",
    "acme/settings.py": 'ROOT_URLCONF = "acme.urls"',
    "acme/urls.py": """
        from django.urls import include, path, re_path
        from rest_framework.routers import DefaultRouter
        from .api import api
        router = DefaultRouter()
        router.register(r"users", UserViewSet)
        urlpatterns = [
            path("api/", include("calls.urls")), path("admin/", admin.site.urls),
            re_path(r"^items/(?P<pk>[0-9]+)/$", views.item), path("v1/", include(router.urls)),
            path("ninja/", api.urls), path("accounts/", include("allauth.urls")),
        ]
        urlpatterns += i18n_patterns(path("about/", views.about))
    """,
    "acme/api.py": """
        from ninja import NinjaAPI
        from calls.views import router as calls
        api = NinjaAPI()
        api.add_router("/calls", calls)
        @api.get("/ready")
        def ready(request): ...
    """,
    "calls/views.py": """
        from ninja import Router
        router = Router()
        @router.get("/{pk}/state")
        def state(request, pk): ...
    """,
    "calls/urls.py": """
        from django.urls import path
        urlpatterns = [path("health/", views.health)]
    """,
    "old/urls.py": 'urlpatterns = [path("livez", views.live)]',
}
_FASTAPI = {
    "app/main.py": """
        from fastapi import FastAPI
        from app.routers import users
        from app.routers.items import router as items
        app = FastAPI()
        app.include_router(users.router, prefix="/api/v1")
        app.include_router(items, prefix=settings.PREFIX)
        @app.get("/healthz")
        async def health(): ...
    """,
    "app/routers/__init__.py": "",
    "app/routers/users.py": """
        router = APIRouter(prefix="/users")
        @router.get("/{id}")
        async def user(id): ...
    """,
    "app/routers/items.py": """
        router = APIRouter()
        @router.get("/stock")
        async def stock(): ...
    """,
}
_FLASK = {
    "app.py": """
        from flask import Flask
        from admin import bp
        def create_app():
            app = Flask(__name__)
            app.register_blueprint(bp, url_prefix="/manage")
            app.add_url_rule("/ping", view_func=ping)
            return app
    """,
    "admin.py": """
        bp = Blueprint("admin", __name__, url_prefix="/admin")
        @bp.route("/status")
        def status(): ...
    """,
}
_EXPRESS = {
    "package.json": '{"dependencies": {"express": "4"}}',
    "src/app.js": """
        const express = require('express');
        const users = require('./users');
        const app = express();
        app.use(cors());
        app.use('/api/users', users);
        app.get('/health', (req, res) => res.send('ok'));
    """,
    "src/users.js": """
        const router = require('express').Router();
        router.get('/:id/state', show);
        module.exports = router;
    """,
}
_COMPUTED = {
    **_EXPRESS,
    "src/app.js": """
        const app = express();
        app.use(`${prefix}/users`, users);
        app.get('/health', check);
    """,
}
_NEST = {
    "package.json": '{"dependencies": {"@nestjs/core": "10", "express": "4"}}',
    "src/main.ts": "app.setGlobalPrefix('api');",
    "src/health.controller.ts": """
        @Controller('health')
        export class HealthController {
          @Get() check() {}
          @Get('ready') ready() {}
        }
    """,
}
_NEXT = {
    "package.json": '{"dependencies": {"next": "14", "react-dom": "18"}}',
    "app/(site)/about/page.tsx": "",
    "app/api/status/route.ts": "",
    "app/blog/[...slug]/page.tsx": "",
    "pages/api/old.ts": "",
}
_DOTNET = {
    "Api/Program.cs": """
        app.MapControllers();
        app.MapGet("/ping", () => "pong");
        app.MapHealthChecks("/healthz");
        // app.MapHealthChecks("/ready");
    """,
    "Api/DiagnosticsController.cs": """
        namespace Api;
        [ApiController]
        [Route("api/[controller]")]
        public class DiagnosticsController : ControllerBase
        {
            [HttpGet("health")]
            public IActionResult Health() => Ok();
            [HttpGet("{id:int}")]
            public IActionResult One(int id) => Ok();
        }
    """,
}
_SPRING = {
    "pom.xml": "<artifactId>spring-boot-starter-actuator</artifactId>",
    "src/main/java/A.java": """
        @RestController
        @RequestMapping("/api/orders")
        public class A {
          @GetMapping("/{id}") public Order one() {}
          @PostMapping(value = "/status") public Order state() {}
        }
    """,
}
_GO = {
    "main.go": """
        package main
        func main() {
            r := gin.Default()
            api := r.Group("/api")
            api.GET("/users/:id", user)
            r.GET("/healthz", health)
        }
    """,
}
_RAILS = {
    "config/routes.rb": """
        Rails.application.routes.draw do
          get "up" => "rails/health#show", as: :rails_health_check
          namespace :api do
            resources :users, only: [:index]
            get "status", to: "status#show"
          end
          mount Sidekiq::Web => "/sidekiq"
        end
    """.replace('mount Sidekiq::Web => "/sidekiq"', ""),
}


def _alike(files: dict[str, str], path: str, host: str = "acme.io") -> list[str] | None:
    tree = DictTree({name: textwrap.dedent(text) for name, text in files.items()})
    asked = Asked(path, host, is_known=not host.isupper())
    found = alike_if_lacking(Context(Project(tree)), asked)
    return None if found is None else [each.pattern for each in found]


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        (_DJANGO, "/api/health /admin/login/ /items/7/ /v1/users/3/ /ninja/ready"
         " /ninja/calls/4/state /accounts/login /about/ /de/about/"),
        (_FASTAPI, "/healthz /api/v1/users/4 /v2/stock /stock /docs"),
        (_FLASK, "/ping /manage/status /static/a.css"),
        (_EXPRESS, "/health /api/users/4/state"),
        (_COMPUTED, "/health /v1/users/4/state"),
        (_NEST, "/api/health /api/health/ready"),
        (_NEXT, "/about /api/status /blog/a/b /api/old /"),
        (_DOTNET, "/ping /healthz /api/diagnostics/health /api/Diagnostics/4"),
        (_SPRING, "/actuator/health /api/orders/3 /api/orders/status"),
        (_GO, "/healthz /api/users/3"),
        (_RAILS, "/up /api/users /api/users/3 /api/status"),
    ],
)  # fmt: skip
def test_routes_that_are_there(files: dict[str, str], paths: str) -> None:
    assert [path for path in paths.split() if _alike(files, path) is not None] == []


@pytest.mark.parametrize(
    ("files", "path", "alike"),
    [
        (_DJANGO, "/livez", []),
        (_DJANGO, "/calls/health", ["api/health"]),
        (_DJANGO, "/ninja/state", None),
        (_FASTAPI, "/health", ["healthz"]),
        (_FASTAPI, "/users/4", None),
        (_FLASK, "/admin/status", ["manage/status"]),
        (_EXPRESS, "/healthz", ["health"]),
        (_EXPRESS, "/users/4/state", ["api/users/*/state"]),
        (_COMPUTED, "/healthz", ["health"]),
        (_COMPUTED, "/users/4", []),
        (_NEST, "/healthz", None),
        (_NEST, "/api/status", ["api/health"]),
        (_NEXT, "/api/health", []),
        (_DOTNET, "/health", ["api/Diagnostics/health", "healthz"]),
        (_DOTNET, "/ready", []),
        (_SPRING, "/status", ["api/orders/status"]),
        (_GO, "/health", ["healthz"]),
        (_RAILS, "/healthz", []),
    ],
)
def test_routes_that_are_not_there(
    files: dict[str, str], path: str, alike: list[str] | None
) -> None:
    found = _alike(files, path)
    assert found is not None
    if alike is not None:
        assert found == alike


@pytest.mark.parametrize(
    "extra",
    [
        {"web/index.php": "<?php"},
        {".gitmodules": '[submodule "api"]'},
        {"app/other.py": "from aiohttp import web"},
        {"nginx.conf": "location /health { return 200; }"},
        {"app/middleware.py": 'if request.path == "/health": return Response()'},
        {"infra/alb.tf": 'path_pattern = "/health"'},
        {"web/package.json": '{"dependencies": {"fastify": "4"}}'},
        {"web/package.json": '{"dependencies": {"vite": "4"}}'},
        {"app/broken.py": "app = FastAPI(\n"},
        {"app/more.py": "for router in found:\n    app.include_router(router)"},
        {"app/legacy.py": 'app.mount("/", legacy)\napp = FastAPI()'},
    ],
)
def test_what_else_may_answer_leaves_it_open(extra: dict[str, str]) -> None:
    assert _alike({**_FASTAPI, **extra}, "/health") is None


@pytest.mark.parametrize(
    "extra",
    [
        {"tests/test_a.py": 'client.get("/health")'},
        {"compose.yaml": "test: curl -f http://localhost:8000/health"},
        {"app/limits.py": 'EXCLUDED = [\n    "/health",\n]'},
        {"docs/a.md": "`/health`"},
    ],
)
def test_who_only_asks_for_a_path_does_not_answer_it(extra: dict[str, str]) -> None:
    assert _alike({**_FASTAPI, **extra}, "/health") == ["healthz"]


def test_an_address_that_is_not_known_may_end_with_what_is_usual() -> None:
    assert _alike(_NEST, "/health", "BASE_URL") is None
    assert _alike(_DOTNET, "/health", "BACKEND_URL") is not None


def test_many_prefixes_stand_for_any_chain_of_them() -> None:
    mounts = "".join(f"app.use('/p{number}', users);\n" for number in range(200))
    files = {**_EXPRESS, "src/app.js": f"const app = express();\napp.get('/up', up);\n{mounts}"}
    assert _alike(files, "/p3/p7/p9/4/state") is None
    assert _alike(files, "/q/4/state") == []


def test_a_proxy_may_take_the_first_segment_away() -> None:
    assert _alike(_FASTAPI, "/backend/healthz") is None
    assert _alike(_FASTAPI, "/backend/healthz", "api.acme.io") == ["healthz"]


@pytest.mark.parametrize(
    "host", ["localhost:9090", "prometheus.acme.io", "GRAFANA_URL", "db", "[::1]:80"]
)
def test_another_service_is_not_the_application(host: str) -> None:
    assert _alike(_FASTAPI, "/health", host) is None


_SEGMENTS = st.lists(st.from_regex(r"[a-z]{1,5}", fullmatch=True), max_size=5)


@given(_SEGMENTS, _SEGMENTS)
def test_a_route_answers_itself_and_what_its_wildcards_stand_for(
    first: list[str], second: list[str]
) -> None:
    path = joined(*first, *second)
    assert answers(path, path)
    assert answers(joined(*first, "**"), path)
    assert answers(joined("**", *second), path)
    assert answers(joined(*["*"] * len(first), *second), path)
    assert not answers(joined(path, "*"), path)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("/users/<int:pk>/", "users/*"),
        ("/files/<path:rest>", "files/**"),
        ("/a/{id:int}/b", "a/*/b"),
        ("/:id", "*"),
        ("[...slug]", "**"),
        ("", ""),
    ],
)
def test_patterns(text: str, pattern: str) -> None:
    assert pattern_of(text) == pattern
