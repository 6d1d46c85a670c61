"""What a module call says: where the module is, what it is given."""

import posixpath
from collections.abc import Iterator, Mapping

from iact_guard.analyze.terraform.expressions import Scope, evaluate
from iact_guard.analyze.terraform.references import reference_text
from iact_guard.model import hcl
from iact_guard.model.location import Evidence
from iact_guard.model.value import Value


class LazyArguments(Mapping[str, Value]):
    """The arguments of a module call, evaluated when asked for."""

    def __init__(self, block: hcl.Block, scope: Scope) -> None:
        self._attributes = {attribute.name: attribute for attribute in block.body.attributes}
        self._scope = scope
        self._call = block.labels[0]

    def __getitem__(self, name: str) -> Value:
        attribute = self._attributes[name]
        value = evaluate(attribute.expression, self._scope)
        return value.behind(Evidence(attribute.location, f"module.{self._call} is given {name}"))

    def __iter__(self) -> Iterator[str]:
        return iter(self._attributes)

    def __len__(self) -> int:
        return len(self._attributes)


def source_folder(folder: str, block: hcl.Block) -> str | None:
    """The folder of a local module, relative to the root; None where it comes from elsewhere."""
    source = block.body.get("source")
    text = (
        source.expression.value if source and isinstance(source.expression, hcl.Literal) else None
    )
    if not isinstance(text, str) or not text.startswith(("./", "../")):
        return None
    joined = posixpath.normpath(posixpath.join(folder or ".", text))
    if joined.startswith(".."):
        return None
    return "" if joined == "." else joined


def passed_providers(block: hcl.Block) -> dict[str, str]:
    """The `providers` of a call: the name within to the name here."""
    attribute = block.body.get("providers")
    if attribute is None or not isinstance(attribute.expression, hcl.Object):
        return {}
    items = attribute.expression.items
    return {reference_text(item.key): reference_text(item.value) for item in items}
