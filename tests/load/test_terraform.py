"""Files to modules: override files, OpenTofu's files, variables files, what could not be read."""

from iact_guard.load import tfvars
from iact_guard.model.terraform import TerraformModule
from iact_guard.project import Project
from iact_guard.settings import Config
from iact_guard.syntax.text import Text
from iact_guard.tree import DictTree


def modules(files: dict[str, str]) -> dict[str, TerraformModule]:
    project = Project(DictTree(files), Config())
    return {module.folder: module for module in project.entities("terraform-module")}


def test_the_files_of_a_folder_are_one_module() -> None:
    found = modules({"a/x.tf": 'output "x" {}\n', "a/main.tf": 'output "y" {}\n', "b/m.tf": ""})
    assert set(found) == {"a", "b"}
    assert found["a"].path == "a/main.tf"
    assert found["a"].files == ("a/main.tf", "a/x.tf")
    assert found["a"].id == "terraform-module:a"


def test_the_file_with_settings_says_most_of_a_module() -> None:
    found = modules({"main.tf": 'output "y" {}\n', "versions.tf": "terraform {}\n"})
    assert found[""].path == "versions.tf"


def test_override_files_replace_attributes_and_nested_blocks() -> None:
    main = (
        'resource "a" "b" {\n  x = 1\n  y = 1\n  tag {\n    k = 1\n  }\n}\nlocals {\n  l = 1\n}\n'
    )
    override = 'resource "a" "b" {\n  x = 2\n  tag {}\n}\nlocals {\n  l = 2\n}\n'
    module = modules({"main.tf": main, "b_override.tf": override})[""]
    (block,) = module.of("resource")
    values = {a.name: a.expression.value for a in block.body.attributes}  # type: ignore[union-attr]
    assert values == {"x": 2, "y": 1}
    assert [tag.body.attributes for tag in block.body.all("tag")] == [()]
    assert [a.location.path for a in module.locals()] == ["b_override.tf"]


def test_a_tofu_file_stands_in_for_the_file_beside_it() -> None:
    found = modules({"main.tf": 'output "a" {}\n', "main.tofu": 'output "b" {}\n'})
    assert [block.labels for block in found[""].of("output")] == [("b",)]


def test_variables_files_are_read_by_terraform_or_chosen() -> None:
    found = modules(
        {
            "r/main.tf": "",
            "r/terraform.tfvars": "a = 1\n",
            "r/b.auto.tfvars": "a = 2\n",
            "r/a.auto.tfvars": "a = 2\n",
            "r/env/prod.tfvars": "a = 3\n",
            "r/env/x.auto.tfvars": "a = 4\n",
        }
    )
    automatic = [file.path for file in found["r"].automatic]
    assert automatic == ["r/terraform.tfvars", "r/a.auto.tfvars", "r/b.auto.tfvars"]
    assert [f.path for f in found["r"].chosen] == ["r/env/prod.tfvars", "r/env/x.auto.tfvars"]


def test_a_module_knows_that_something_of_it_could_not_be_read() -> None:
    found = modules({"a/main.tf": 'output "x" {}\n', "a/b.tf": "{{{", "b/main.tf": ""})
    assert not found["a"].complete
    assert found["b"].complete


def test_a_block_in_a_variables_file_is_refused() -> None:
    loaded = tfvars.load(Text("x.tfvars", 'a = 1\nb "c" {}\n'))
    assert [problem.location.line for problem in loaded.problems] == [2]
    assert [value.name for value in loaded.entities[0].values] == ["a"]
