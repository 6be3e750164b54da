"""docs/configuration.md says of every key of a pipeline file what the code says: its type, default and bounds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, get_args, get_origin

import annotated_types
import pytest
import yaml
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from dreamflow.config import AgentTarget, DeploymentTarget, FileTarget, Pipeline, load_pipeline
from dreamflow.core import checks
from dreamflow.core.checks.check import Check
from dreamflow.params import run_params

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "docs" / "configuration.md").read_text(encoding="utf-8")
TARGETS: dict[str, type[BaseModel]] = {
    "deployment": DeploymentTarget,
    "agent": AgentTarget,
    "file": FileTarget,
}


def _rows(heading: str) -> Iterator[list[str]]:
    """Yield the cells of each row of the tables whose first column is headed so."""
    inside = False
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == heading:
            inside = True
        elif inside and not cells[0].startswith("---"):
            yield cells


def _documented() -> dict[str, tuple[str, str, str]]:
    """Return type, default and bounds by key."""
    rows = {cells[0].strip("`"): (cells[1], cells[2], cells[3]) for cells in _rows("Key")}
    assert len(rows) == len(list(_rows("Key"))), "a key stands there twice"
    return rows


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        if prefix or name != "name":
            yield f"{prefix}{name}", field
        if inner := _inner_model(field):
            yield from _fields(inner, f"{prefix}{name}.")


def _parts(field: FieldInfo) -> list[Any]:
    """Return the types that the field takes, and what constrains them, flattened."""
    found: list[Any] = list(field.metadata)

    def walk(annotation: Any) -> None:
        found.append(annotation)
        for argument in get_args(annotation):
            found.extend(argument.metadata if isinstance(argument, FieldInfo) else [])
            walk(argument)

    walk(field.annotation)
    return found


def _inner_model(field: FieldInfo) -> type[BaseModel] | None:
    if get_origin(field.annotation) is tuple:
        return None
    models = [part for part in _parts(field) if isinstance(part, type) and issubclass(part, BaseModel)]
    return models[0] if models else None


def _type(field: FieldInfo) -> str:
    if _inner_model(field):
        return "keys below"
    literal = next((part for part in _parts(field) if get_origin(part) is Literal), None)
    is_list = get_origin(field.annotation) is tuple
    if literal is not None and not is_list:
        *first, last = [f"`{value}`" for value in get_args(literal)]
        return f"{', '.join(first)} or {last}" if first else last
    names = {str: "text", bool: "true or false", int: "whole number", float: "number", timedelta: "duration"}
    if any(get_origin(part) is dict for part in _parts(field)):
        return "texts by key"
    word = next((names[part] for part in _parts(field) if part in names), "targets")
    return f"list of {word}" if is_list else word


def _shown(value: Any) -> str:
    if isinstance(value, timedelta):
        return str(TypeAdapter(timedelta).dump_python(value, mode="json"))
    return str(value)


def _bounds(field: FieldInfo) -> str:
    """Return the bounds in the words of the page."""
    constraints = [part for part in _parts(field) if isinstance(part, annotated_types.BaseMetadata)]
    low = next((c.ge for c in constraints if isinstance(c, annotated_types.Ge)), None)
    high = next((c.le for c in constraints if isinstance(c, annotated_types.Le)), None)
    above = next((c.gt for c in constraints if isinstance(c, annotated_types.Gt)), None)
    longest = next((c.max_length for c in constraints if isinstance(c, annotated_types.MaxLen)), None)
    shortest = next((c.min_length for c in constraints if isinstance(c, annotated_types.MinLen)), None)
    if above is not None:
        return f"above {_shown(above)}"
    if low is not None:
        return f"{_shown(low)} to {_shown(high)}" if high is not None else f"{_shown(low)} or more"
    if longest is not None:
        return f"{shortest} to {longest} characters"
    if shortest is not None:
        return "at least one" if _type(field) == "list of targets" else "not empty"
    return ""


FIELDS = dict(_fields(Pipeline)) | {
    key: field for name, model in TARGETS.items() for key, field in _fields(model, f"{name}.")
}


def test_every_key_is_documented_and_no_other() -> None:
    assert set(_documented()) == set(FIELDS)


@pytest.mark.parametrize("key", sorted(FIELDS))
def test_type_default_and_bounds_are_those_of_the_code(key: str) -> None:
    field = FIELDS[key]
    kind, default, bounds = _documented()[key]
    assert kind == _type(field)
    assert bounds == _bounds(field)
    if field.is_required():
        assert default == "required"
    elif _inner_model(field) and field.default is not None:
        assert default == ""
    else:
        said = yaml.safe_load(default.strip("`"))
        if said is not None:
            annotation: Any = field.annotation
            said = TypeAdapter(annotation).validate_python(said)
        assert said == field.default


def test_what_a_check_is_where_the_file_says_nothing_is_documented_as_its_class_has_it() -> None:
    modules = (import_module(f"dreamflow.core.checks.{one.name}") for one in iter_modules(checks.__path__))
    said = {
        check.name: check.severity
        for module in modules
        for check in vars(module).values()
        if isinstance(check, type) and issubclass(check, Check) and check is not Check
    }
    keys = {key.removeprefix("checks.") for key in FIELDS if key.startswith("checks.")}
    meanings = {cells[0].strip("`"): cells[4] for cells in _rows("Key")}
    assert said.keys() <= keys
    for name, severity in said.items():
        assert meanings[f"checks.{name}"].endswith(f" `null`: `{severity}`.")


def test_the_example_is_a_pipeline_that_works(tmp_path: Path) -> None:
    example = PROJECT / "include" / "pipelines" / "support.yaml.example"
    copied = tmp_path / "support.yaml"
    copied.write_text(example.read_text(encoding="utf-8"), encoding="utf-8")
    names = set(re.findall(r"\$\{(\w+)\}", copied.read_text(encoding="utf-8")))
    pipeline = load_pipeline(copied, {name: f"{name.lower()}_01" for name in names})
    assert pipeline.dag_id == "dream__support"
    assert [target.type for target in pipeline.targets] == ["deployment", "agent"]


def test_the_example_of_a_fleet_is_one() -> None:
    (example,) = re.findall(r"```yaml\n(fleet:.*?)```", TEXT, re.DOTALL)
    fleet = Pipeline.model_validate({"name": "reference", **yaml.safe_load(example)}).fleet
    assert fleet is not None
    assert fleet.deployments is not None


def test_every_param_of_the_trigger_form_is_documented_with_where_it_starts() -> None:
    params = run_params(
        Pipeline.model_validate({"name": "reference", "fleet": {"members": "file:///list.txt"}})
    )
    documented = {cells[0].strip("`"): cells[2].strip("`") for cells in _rows("Param")}
    assert set(documented) == set(params)
    for name, start in documented.items():
        if start in FIELDS:
            assert params[name].value == FIELDS[start].default
        else:
            assert params[name].value == yaml.safe_load(start)
