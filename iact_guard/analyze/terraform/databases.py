"""Databases, and for how many days each keeps its backups."""

from collections.abc import Callable

from iact_guard.analyze.terraform import conversion as to
from iact_guard.analyze.terraform.conversion import UnresolvedError
from iact_guard.analyze.terraform.instances import Instance, Nested
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.value import ABSENT, Value, known, unknown


@dataclass(frozen=True, slots=True)
class Backups:
    """The days; `exempt` says why the question does not arise for this one."""

    days: Value
    written: bool = True
    """Whether the days are in the file, or the provider's default."""
    exempt: str = ""


def backups_of(instance: Instance) -> Backups | None:
    """How long backups are kept; None for what is no database."""
    reader = _READERS.get(instance.type)
    return reader(instance) if reader and not instance.data else None


def _days(value: Value, default: int, instance: Instance, what: str) -> Backups:
    if not value.nothing:
        return Backups(_number(value))
    step = Evidence(instance.location, f"{what} is not set: {default} by default")
    return Backups(known(default).behind(*value.trail, step), written=False)


def _number(value: Value) -> Value:
    """A number, also where it is written in quotes."""
    try:
        return known(to.numeric(value), value)
    except UnresolvedError as error:
        return error.value.made_of(value)


def _rds_instance(instance: Instance) -> Backups:
    if not instance.attribute("replicate_source_db").nothing:
        return Backups(ABSENT, exempt="a replica: its source keeps the backups")
    engine = instance.attribute("engine").text or ""
    if engine.startswith("aurora") or not instance.attribute("cluster_identifier").nothing:
        return Backups(ABSENT, exempt="its cluster keeps the backups")
    value = instance.attribute("backup_retention_period")
    restored = not instance.attribute("snapshot_identifier").nothing
    if value.nothing and (restored or instance.blocks("restore_to_point_in_time")):
        reason = "a restored database takes over what its source had; set backup_retention_period"
        return Backups(unknown(reason), written=False)
    return _days(value, 0, instance, "backup_retention_period")


def _cluster(attribute: str, source: str) -> Callable[[Instance], Backups]:
    def read(instance: Instance) -> Backups:
        if not instance.attribute(source).nothing:
            return Backups(ABSENT, exempt="a replica: its source keeps the backups")
        return _days(instance.attribute(attribute), 1, instance, attribute)

    return read


def _inherits(instance: Instance) -> Backups:
    return Backups(ABSENT, exempt="its cluster keeps the backups")


def _azure(attribute: str) -> Callable[[Instance], Backups]:
    def read(instance: Instance) -> Backups:
        mode = instance.attribute("create_mode").text
        if mode == "Replica":
            return Backups(ABSENT, exempt="a replica: its source keeps the backups")
        return _days(instance.attribute(attribute), 7, instance, attribute)

    return read


def _cloud_sql(instance: Instance) -> Backups:
    if not instance.attribute("master_instance_name").nothing:
        return Backups(ABSENT, exempt="a replica: its source keeps the backups")
    settings = _first(instance.blocks("settings"))
    configuration = _first(settings.blocks("backup_configuration")) if settings else None
    enabled = configuration.attribute("enabled") if configuration else ABSENT
    if enabled.state == "unknown":
        return Backups(enabled)
    if enabled.content is not True:
        step = Evidence(instance.location, "backup_configuration is not enabled")
        return Backups(known(0).behind(*enabled.trail, step), written=False)
    retention = _first(configuration.blocks("backup_retention_settings")) if configuration else None
    value = retention.attribute("retained_backups") if retention else ABSENT
    return _days(value, 7, instance, "retained_backups")


def _first(blocks: tuple[Nested, ...]) -> Nested | None:
    return blocks[0] if blocks else None


_READERS: dict[str, Callable[[Instance], Backups]] = {
    "aws_db_instance": _rds_instance,
    "aws_rds_cluster": _cluster("backup_retention_period", "replication_source_identifier"),
    "aws_rds_cluster_instance": _inherits,
    "aws_docdb_cluster": _cluster("backup_retention_period", "global_cluster_identifier"),
    "aws_docdb_cluster_instance": _inherits,
    "aws_neptune_cluster": _cluster("backup_retention_period", "replication_source_identifier"),
    "aws_neptune_cluster_instance": _inherits,
    "aws_redshift_cluster": _cluster("automated_snapshot_retention_period", "snapshot_identifier"),
    "azurerm_postgresql_flexible_server": _azure("backup_retention_days"),
    "azurerm_postgresql_server": _azure("backup_retention_days"),
    "azurerm_mysql_flexible_server": _azure("backup_retention_days"),
    "azurerm_mysql_server": _azure("backup_retention_days"),
    "google_sql_database_instance": _cloud_sql,
}
