"""What a fact is computed in, and the decorator that makes one of a function."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from iact_guard.model.errors import crash_place
from iact_guard.model.fact import Fact, UnknownFactError, unknown
from iact_guard.model.source import Problem
from iact_guard.project import Entity, Project

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


class Context:
    """The project, and the facts known so far."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.memo: dict[tuple[str, str], Fact[Any]] = {}
        self.running: set[tuple[str, str]] = set()


def fact(name: str) -> Callable[[Callable[[Context, E], Fact[T]]], Callable[[Context, E], Fact[T]]]:
    """Remember by name and entity; a crash or a cycle is unknown, and an IG003 finding."""

    def decorate(function: Callable[[Context, E], Fact[T]]) -> Callable[[Context, E], Fact[T]]:
        @wraps(function)
        def call(ctx: Context, entity: E) -> Fact[T]:
            key = (name, entity.id)
            found = ctx.memo.get(key)
            if found is None:
                found = ctx.memo[key] = _compute(ctx, entity, key)
            return found

        def _compute(ctx: Context, entity: E, key: tuple[str, str]) -> Fact[T]:
            if key in ctx.running:
                return _broken(ctx, entity, f"the fact {name} depends on itself")
            ctx.running.add(key)
            try:
                return function(ctx, entity)
            except UnknownFactError as error:
                return unknown(error.reason, error.evidence)
            except Exception as error:  # noqa: BLE001  # one crash must not cost the other facts
                return _broken(ctx, entity, f"the fact {name} crashed: {crash_place(error)}")
            finally:
                ctx.running.discard(key)

        return call

    return decorate


def _broken(ctx: Context, entity: Entity, reason: str) -> Fact[Any]:
    ctx.project.note(Problem(entity.location, reason, rule="IG003"))
    return unknown(reason)
