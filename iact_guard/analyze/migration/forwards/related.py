"""What a model's new name does to the tables of the fields that lead to it."""

from collections.abc import Iterator

from iact_guard.analyze.migration.forwards.altered import changed_column
from iact_guard.analyze.migration.forwards.fields import MAX_MODELS, changed_links
from iact_guard.analyze.migration.forwards.scene import Scene
from iact_guard.analyze.migration.state.columns import Column, Through, may_lead_to, shape
from iact_guard.analyze.migration.state.models import Field, Model
from iact_guard.analyze.migration.steps import Step, Unclear


def relinked(scene: Scene, old: Model, new: Model) -> Iterator[Step]:
    """Foreign keys are made again, and columns of many-to-many tables are named after the model."""
    if len(scene.before.models) > MAX_MODELS:
        yield Unclear("too many models to find those that refer to it", old.table or "")
        return
    earlier = (key[1] for key, now in scene.before.renamed.items() if now == old.key)
    names = frozenset((old.name.lower(), *earlier))
    # Before 5.0 a key was made again even where its table keeps its name.
    always = not scene.installed.maybe(5, 0)
    for model in scene.before.models.values():
        if not model.has_table or not model.table:
            continue
        current = new if model is old else scene.after.models.get(model.key)
        for name, item in model.fields.items() if current else ():
            if model is old or may_lead_to(item, model, names):
                after = current.find(name) if current else None
                if current is not None and after is not None:
                    yield from _relinked(scene, old, (model, item), (current, after), always)


def _relinked(
    scene: Scene,
    renamed: Model,
    before: tuple[Model, Field],
    after: tuple[Model, Field],
    always: bool,
) -> Iterator[Step]:
    (model, item), (current, now) = before, after
    match shape(item, model, scene.before), shape(now, current, scene.after):
        case Column() as old, Column() as new if old.target == renamed.table and not old.hidden:
            if old.references != new.references or (always and old.references):
                yield from changed_column(current.table or "?", old, new, relinked=True)
        case Through() as was, Through() as then if model is renamed or (
            was.references == renamed.table
        ):
            yield from changed_links(was, then, relinked=False)
