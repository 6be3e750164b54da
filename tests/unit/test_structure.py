"""The house: imports run downward only, some layers know no Airflow, and every file is short."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
PRODUCT = sorted((PLUGINS / "dreamflow").rglob("*.py"))
LINES_LIMIT = 350

#: From the bottom up. A module may import its own layer, and those in the lines before; what shares a line stays apart.
LAYERS = (
    ("errors", "storage"),
    ("core", "retry"),
    ("config", "tasks"),
    ("hooks", "records", "rendering"),
    ("params",),
    ("targets", "links", "notify"),
    ("steps", "triggers", "live"),
    ("operators", "review"),
    ("sensors",),
)
HEIGHT = {layer: height for height, layers in enumerate(LAYERS) for layer in layers}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PLUGINS).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> str:
    return module.split(".")[1]


MODULES = {name_of(path): path for path in PRODUCT if name_of(path) != "dreamflow"}


def names_imported_by(module: str) -> Iterator[str]:
    """Yield what a module imports, wherever in it: in functions too, and for type checkers only."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module} imports relatively"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of(module: str) -> set[str]:
    """Return the modules of ours that a module imports."""
    return {
        name if name in MODULES else name.rpartition(".")[0] for name in names_imported_by(module)
    } & MODULES.keys()


def test_every_part_of_the_house_has_its_layer() -> None:
    assert {layer_of(module) for module in MODULES} == set(HEIGHT)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downward_only(module: str) -> None:
    own = layer_of(module)
    others = {name for name in imports_of(module) if layer_of(name) != own}
    assert not {name for name in others if HEIGHT[layer_of(name)] >= HEIGHT[own]}


def test_the_core_imports_nothing_of_ours_but_errors() -> None:
    for module in MODULES:
        if layer_of(module) == "core":
            assert {layer_of(name) for name in imports_of(module)} <= {"core", "errors"}, module


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter({module: imports_of(module) for module in MODULES}).prepare()
    except CycleError as e:
        pytest.fail(f"a circle: {' → '.join(e.args[1])}")


def test_core_records_and_steps_know_no_airflow() -> None:
    """Nor the SDK. As in a process that has neither to import."""
    names = [module for module in MODULES if layer_of(module) in ("core", "records", "steps", "errors")]
    known = {name.split(".")[0] for module in names for name in names_imported_by(module)}
    assert not known & {"airflow", "anthropic"}
    code = (
        "import importlib, sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('airflow', 'anthropic'):\n"
        "            raise ImportError(f'{name} is not here')\n"
        "sys.meta_path.insert(0, Absent())\n"
        f"sys.path.insert(0, {str(PLUGINS)!r})\n"
        f"[importlib.import_module(name) for name in {names}]\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", MODULES)
def test_a_file_is_read_at_a_sitting(module: str) -> None:
    assert len(MODULES[module].read_text(encoding="utf-8").splitlines()) <= LINES_LIMIT
