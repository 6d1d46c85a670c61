"""Which names an expression refers to."""

from collections.abc import Iterator, Sequence

from iact_guard.model import hcl


def reference_text(node: hcl.Expression) -> str:
    """`aws.eu` of a reference or a string."""
    match node:
        case hcl.Literal():
            return str(node.value)
        case hcl.Variable():
            return node.name
        case hcl.Traversal(root=hcl.Variable() as root):
            return ".".join(
                [root.name, *(s.name for s in node.steps if isinstance(s, hcl.GetAttr))]
            )
    return ""


def references(expression: hcl.Expression | hcl.Body) -> Iterator[hcl.Traversal | hcl.Variable]:
    """Every reference in an expression or a body, names bound by `for` left out."""
    stack: list[tuple[object, frozenset[str]]] = [(expression, frozenset())]
    while stack:
        node, bound = stack.pop()
        match node:
            case hcl.Traversal(root=hcl.Variable() as root):
                if root.name not in bound:
                    yield node
                stack += [(step, bound) for step in node.steps]
            case hcl.Variable():
                if node.name not in bound:
                    yield node
            case hcl.For() | hcl.TemplateFor():
                stack.append((node.collection, bound))
                inner = bound | {node.key, node.value}
                stack += [(child, inner) for child in _for_children(node)]
            case _:
                stack += [(child, bound) for child in _children(node)]


def literals(expression: hcl.Expression) -> Iterator[str]:
    """Every text in an expression, the fixed parts of templates among them."""
    stack: list[object] = [expression]
    while stack:
        node = stack.pop()
        if isinstance(node, hcl.Literal):
            if isinstance(node.value, str):
                yield node.value
        elif isinstance(node, hcl.For | hcl.TemplateFor):
            stack += [node.collection, *_for_children(node)]
        else:
            stack += _children(node)


def _for_children(node: hcl.For | hcl.TemplateFor) -> Iterator[object]:
    if isinstance(node, hcl.TemplateFor):
        yield node.body
    else:
        yield from (part for part in (node.result_key, node.result, node.condition) if part)


def _children(node: object) -> Sequence[object]:
    match node:
        case hcl.Body():
            return [*(a.expression for a in node.attributes), *(b.body for b in node.blocks)]
        case hcl.Template():
            return node.parts
        case hcl.Traversal():
            return [node.root, *node.steps]
        case hcl.GetIndex():
            return [node.key]
        case hcl.Splat():
            return node.each
        case hcl.Call():
            return node.arguments
        case hcl.Conditional():
            return [node.condition, node.then, node.otherwise]
        case hcl.Unary():
            return [node.operand]
        case hcl.Binary():
            return [node.first, *(operand for _, operand in node.rest)]
        case hcl.Tuple():
            return node.items
        case hcl.Object():
            return [part for item in node.items for part in (item.key, item.value)]
        case _:
            return ()
