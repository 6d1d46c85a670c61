"""What the Django of the project lets advice say."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.migration.django_version import django_version
from iact_guard.model.migration import Operation


def has_database_defaults(ctx: Context, operation: Operation) -> bool:
    """Whether `db_default` may be advised: since 5.0, or where nothing tells the version."""
    found = django_version(ctx, operation)
    return found.state != "known" or found.known.always(5, 0)


def check_argument(ctx: Context, operation: Operation) -> str:
    """What CheckConstraint calls its rule: `condition` since 5.1."""
    found = django_version(ctx, operation)
    return "check" if found.state == "known" and not found.known.always(5, 1) else "condition"
