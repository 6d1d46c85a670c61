"""The way to production as nodes and edges."""

from iact_guard.analyze.context import Context
from iact_guard.analyze.links.production.picture import picture_of
from iact_guard.model.picture import Edge, Node, Picture
from iact_guard.project import Project
from iact_guard.tree import DictTree

DEPLOY = """
on: {push: {branches: [main]}}
jobs:
  lint: {runs-on: ubuntu-latest, steps: [{run: ruff check || true}]}
  test: {runs-on: ubuntu-latest, steps: [{run: pytest}]}
  build: {needs: [lint, test], runs-on: ubuntu-latest, steps: [{run: docker build .}]}
  deploy:
    needs: [lint, test, build]
    CONDITION
    runs-on: ubuntu-latest
    environment: production
    steps: [{run: kubectl apply -f k8s/}]
  tell: {needs: deploy, if: always(), runs-on: ubuntu-latest, steps: [{run: echo done}]}
"""


def _drawn(text: str) -> Picture:
    context = Context(Project(DictTree({".github/workflows/deploy.yml": text})))
    return picture_of(context, context.project.entities("job"), ("test",))


def _nodes(drawn: Picture) -> dict[str, Node]:
    nodes = (node for group in drawn.groups for node in group.nodes)
    return {node.id.rpartition("#")[2]: node for node in nodes}


def _edges(drawn: Picture) -> dict[tuple[str, str], Edge]:
    return {(e.start.rpartition("#")[2], e.end.rpartition("#")[2]): e for e in drawn.edges}


def test_jobs_gates_and_environment_of_a_guarded_way() -> None:
    """Each gate by what its failure does; edges that others imply are left out."""
    drawn = _drawn(DEPLOY.replace("CONDITION", "timeout-minutes: 5"))
    nodes, edges = _nodes(drawn), _edges(drawn)
    assert nodes["deploy"].kind == "deploys"
    assert nodes["test!enforced"].lines == ("test pytest",)
    assert nodes["lint!swallowed"].lines == ("lint ruff",)
    assert "tell" not in nodes
    assert "1 more" in nodes["left-out"].lines[0]
    assert nodes["environment:production"].lines[1] == "reviewers are not proven"
    assert ("build", "deploy") in edges
    assert ("test", "deploy") not in edges
    assert not any(edge.kind == "hole" for edge in edges.values())


def test_a_hole_is_marked_from_the_gate_that_failed() -> None:
    """The edge over which the run goes on."""
    drawn = _drawn(DEPLOY.replace("CONDITION", "if: always()"))
    assert _nodes(drawn)["deploy"].marked
    hole = [edge for edge in drawn.edges if edge.kind == "hole"]
    assert any("runs all the same" in edge.label for edge in hole)


def test_nothing_to_draw_is_said() -> None:
    """No empty flowchart."""
    drawn = _drawn("on: push\njobs: {a: {runs-on: x, steps: [{run: pytest}]}}\n")
    assert [node.lines for node in drawn.groups[0].nodes] == [
        ("nothing here deploys to production",)
    ]


def test_edges_say_what_became_of_their_end() -> None:
    """What is skipped behind a failure, and what runs; the event names its branch."""
    drawn = _drawn(DEPLOY.replace("CONDITION", "if: always()"))
    edges, nodes = _edges(drawn), _nodes(drawn)
    hole = [edge for edge in drawn.edges if edge.kind == "hole"]
    assert [e.label for e in hole if e.label.startswith("past the gates")] == [
        "past the gates: failed, and it runs all the same"
    ]
    assert edges["event:.github/workflows/deploy.yml:push", "test"].label == ""
    assert nodes["event:.github/workflows/deploy.yml:push"].lines[0] == "push to main"
    assert ("deploy", "environment:production") in edges
