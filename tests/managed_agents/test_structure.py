"""What the code of the embedded server keeps to: imports run one way, and queries stand in repositories."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "include/managed_agents"

STATEMENTS = {
    "select",
    "insert",
    "update",
    "delete",
    "text",
    "exists",
    "union",
    "union_all",
    "literal_column",
}
SESSION_QUERIES = {"execute", "scalar", "scalars", "query", "get", "add", "add_all", "merge", "delete"}
#: Who queries outside a repository, and why.
ALLOWED = {
    "facts.py": "one table of keys and values with one function: a repository of its own",
    "paging.py": "runs the statement that a repository gives it, a page at a time",
}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SERVER.rglob("*.py")}
TREES = {name: ast.parse(path.read_text()) for name, path in MODULES.items()}


def module_of(name: str) -> str:
    return name


def folder_of(name: str) -> str:
    """Return the folder that a module stands in; a module right in the server's folder stands for itself."""
    folder = name_of(MODULES[name].parent / "__init__.py")
    return name if folder == name_of(SERVER / "__init__.py") else folder


def imports_of(name: str) -> Iterator[str]:
    """Yield the server's modules that a module names: at its top, in functions and for type checkers alike."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, (
                f"{name}:{node.lineno}: imports relatively, which this test doesn't follow"
            )
            source = node.module or ""
            named = (f"{source}.{alias.name}" for alias in node.names)
            yield from (target for target in [source, *named] if target in MODULES)


@pytest.mark.parametrize("unit_of", [module_of, folder_of])
def test_imports_run_one_way(unit_of: Callable[[str], str]) -> None:
    arrows: defaultdict[str, set[str]] = defaultdict(set)
    for name in MODULES:
        arrows[unit_of(name)] |= {unit_of(target) for target in imports_of(name)} - {unit_of(name)}
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(" is imported by ".join(error.args[1]))


def queries_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "sqlalchemy":
            yield from (f"{node.lineno}: {alias.name}" for alias in node.names if alias.name in STATEMENTS)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = ast.unparse(node.func.value)
            if node.func.attr in SESSION_QUERIES and receiver.rpartition(".")[2] in {"session", "_session"}:
                yield f"{node.lineno}: {receiver}.{node.func.attr}"


def test_queries_stand_in_repositories_only() -> None:
    found = {
        str(path.relative_to(SERVER)): queries
        for name, path in MODULES.items()
        if path.name != "repository.py" and (queries := list(queries_of(TREES[name])))
    }
    assert {path: queries for path, queries in found.items() if path not in ALLOWED} == {}
    assert set(found) == set(ALLOWED), "an exception that nobody needs any more"
