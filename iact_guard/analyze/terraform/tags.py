"""The tags that an instance ends up with: its own, and those that its provider adds."""

from functools import cache

from iact_guard.analyze.terraform.instances import Instance, Nested
from iact_guard.analyze.terraform.modules import Provider
from iact_guard.analyze.terraform.references import reference_text
from iact_guard.data.tables import table
from iact_guard.model import hcl
from iact_guard.model.location import Evidence
from iact_guard.model.records import dataclass
from iact_guard.model.value import ABSENT, Entries, Items, Value, known, unknown

_ATTRIBUTES = ("tags", "tags_all", "tag", "labels", "effective_labels")


@dataclass(frozen=True, slots=True)
class Tags:
    """Own tags and the provider's, each a map, or unknown, or absent."""

    own: Value
    defaults: Value
    provider: Provider | None
    takes_tags: bool
    """Whether the type takes tags at all, as far as we know."""
    ignored: frozenset[str] = frozenset()
    """The tags that somebody else may set: Terraform ignores their changes; `*` for all."""
    defaults_from: str = ""
    """`default_tags`, `default_labels`: how the provider adds some; empty where it cannot."""

    @property
    def merged(self) -> dict[str, Value]:
        """The keys that are certain."""
        found: dict[str, Value] = {}
        for value in (self.defaults, self.own):
            if isinstance(value.content, Entries):
                found |= value.content.values
        return found

    def get(self, key: str) -> Value:
        """One tag: known or unknown where it is there for sure, else absent, or `unsure`."""
        for value in (self.own, self.defaults):
            found = value.get(key) if isinstance(value.content, Entries) else ABSENT
            if found.state == "known" or (found.state == "unknown" and key in self.merged):
                return found
        return ABSENT

    @property
    def unsure(self) -> Value | None:
        """The part that may hold more keys."""
        for value in (self.own, self.defaults):
            if value.state == "unknown":
                return value
            if isinstance(value.content, Entries) and value.content.others:
                return unknown(value.content.others, value)
        return None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Where its tags come from: the resource's chain, then the provider's."""
        steps = [*self.own.trail, *self.defaults.trail]
        if self.provider and self.defaults_from and self.defaults.state == "absent":
            header = self.provider.block.header
            steps.append(Evidence(header, f"the provider adds no {self.defaults_from}"))
        return tuple(dict.fromkeys(steps))


@cache
def _taggable() -> dict[str, frozenset[str]]:
    return {name: frozenset(of["types"].split()) for name, of in table("terraform_tags").items()}


def family(instance: Instance) -> str:
    """`aws`, `azurerm`, `google`: the first word of the type."""
    return instance.type.partition("_")[0]


def label_attribute(instance: Instance) -> str:
    """The attribute that holds what others call tags."""
    return "labels" if family(instance) == "google" else "tags"


def tags_of(instance: Instance) -> Tags:
    """The tags of an instance."""
    kind, _, rest = instance.type.partition("_")
    own = _own(instance)
    provider = instance.module.provider(_provider_key(instance))
    listed = rest in _taggable().get(kind, frozenset())
    return Tags(
        own,
        _defaults(instance, provider),
        provider,
        listed or not own.nothing,
        _ignored(instance),
        defaults_from(instance),
    )


def defaults_from(instance: Instance) -> str:
    """How the provider of an instance adds tags to it; empty where it does not."""
    if instance.type in _taggable()["without_defaults"]:
        return ""
    return {"aws": "default_tags", "google": "default_labels"}.get(family(instance), "")


def _ignored(instance: Instance) -> frozenset[str]:
    found: set[str] = set()
    for block in instance.block.body.all("lifecycle"):
        attribute = block.body.get("ignore_changes")
        written = attribute.expression if attribute else None
        items = written.items if isinstance(written, hcl.Tuple) else (written,)
        found.update(name for item in items if item and (name := _ignored_tag(item)))
    return frozenset(found)


def _ignored_tag(node: hcl.Expression) -> str:
    """`*` for `all` and `tags`, the name for `tags["Owner"]`, nothing for other attributes."""
    if isinstance(node, hcl.Traversal) and reference_text(node.root) in _ATTRIBUTES:
        first = node.steps[0]
        if isinstance(first, hcl.GetIndex) and isinstance(first.key, hcl.Literal):
            return str(first.key.value)
        return first.name if isinstance(first, hcl.GetAttr) else "*"
    return "*" if reference_text(node) in (*_ATTRIBUTES, "all") else ""


def _own(instance: Instance) -> Value:
    value = instance.attribute(label_attribute(instance))
    if instance.type != "aws_autoscaling_group":
        return value
    return _from_blocks(instance.blocks("tag"), value)


def _from_blocks(blocks: tuple[Nested, ...], listed: Value) -> Value:
    """The tags of an autoscaling group: one block each, or a list of maps."""
    found: dict[str, Value] = {}
    others = ""
    trail: tuple[Evidence, ...] = ()
    for block in blocks:
        key, value = block.attribute("key"), block.attribute("value")
        trail = (*trail, Evidence(block.location, "a tag is set here"))
        if block.reason or key.text is None:
            others = block.reason or key.reason or "a key is not known"
        else:
            found[key.text] = value
    if listed.state == "unknown":
        others = others or listed.reason
    if isinstance(listed.content, Items):
        for item in listed.content.values:
            key = item.get("key")
            if key.text is None:
                others = others or key.reason or "a key is not known"
            else:
                found[key.text] = item.get("value")
    if not found and not others:
        return ABSENT
    return known(Entries(found, others), listed).behind(*trail)


def _provider_key(instance: Instance) -> str:
    attribute = instance.block.body.get("provider")
    return reference_text(attribute.expression) if attribute else family(instance)


def _defaults(instance: Instance, provider: Provider | None) -> Value:
    if instance.type in _taggable()["without_defaults"]:
        return ABSENT
    if provider is None:
        # A file that can't be read may hold the provider.
        if not _all_readable(instance):
            return unknown("a file of the module cannot be read; it may configure the provider")
        return ABSENT
    body = Nested(provider.block.body, provider.module, provider.block.header)
    if family(instance) == "google":
        return body.attribute("default_labels", "default_labels of the provider")
    for block in body.blocks("default_tags"):
        value = block.attribute("tags", "default_tags of the provider")
        if block.reason and not value.nothing:
            return unknown(block.reason, value)
        return value
    return ABSENT


def _all_readable(instance: Instance) -> bool:
    return all(module.definition.complete for module in instance.module.lineage())
