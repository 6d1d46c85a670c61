"""`action.yml` to Action entities."""

from iact_guard.load.steps import load_inputs, load_steps
from iact_guard.load.yaml_nodes import authored, get, pairs, single_document
from iact_guard.model.loaded import Loaded
from iact_guard.model.location import Location
from iact_guard.model.workflow import Action
from iact_guard.syntax import yaml
from iact_guard.syntax.text import Text


def load(source: Text) -> Loaded[Action]:
    """An action; a file of that name without `runs` is something else and yields nothing."""
    root, problems = single_document(source, "the action")
    if not isinstance(root, yaml.Mapping) or root.get("runs") is None:
        return Loaded()
    action_id = f"action:{source.path}"
    steps, found = load_steps(get(root, "runs", "steps"), source.path, action_id)
    using = authored(get(root, "runs", "using"))
    action = Action(
        id=action_id,
        path=source.path,
        location=root.entries[0].key.location if root.entries else Location(source.path),
        name=authored(root.get("name")),
        using=using.text if using else "",
        image=authored(get(root, "runs", "image")),
        inputs=load_inputs(root.get("inputs")),
        outputs=pairs(root.get("outputs")),
        steps=tuple(steps),
    )
    return Loaded((action,), tuple(problems + found))
