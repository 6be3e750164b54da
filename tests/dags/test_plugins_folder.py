"""The plugins folder: on everybody's path, and nothing of the product run by the plugin loader."""

from __future__ import annotations

import json

from tests.dags.conftest import PROJECT, Run

MODULES = sorted((PROJECT / "plugins" / "dreamflow").rglob("*.py"))

#: Loads plugins as every component of Airflow does, and tells what was executed under which name.
LOAD = """
import json, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
print("LOADED " + json.dumps({
    "errors": plugins_manager.get_import_errors(),
    "modules": {name: getattr(module, "__file__", None) or "" for name, module in list(sys.modules.items())},
}))
"""


def test_the_ignore_file_names_the_products_folder() -> None:
    assert "dreamflow/" in (PROJECT / "plugins" / ".airflowignore").read_text().split()


def test_the_plugin_loader_runs_no_module_of_the_product(run: Run) -> None:
    done = run(LOAD)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.rpartition("LOADED ")[2])
    assert not told["errors"]
    product = f"{PROJECT / 'plugins' / 'dreamflow'}/"
    loaded = {name: path for name, path in told["modules"].items() if path.startswith(product)}
    assert all(name.split(".")[0] == "dreamflow" for name in loaded), loaded


def test_every_module_can_be_imported_from_the_plugins_folder_alone(run: Run) -> None:
    names = [
        ".".join(path.relative_to(PROJECT / "plugins").with_suffix("").parts).removesuffix(".__init__")
        for path in MODULES
    ]
    done = run(
        f"import importlib, warnings\nwarnings.simplefilter('error')\n[importlib.import_module(n) for n in {names}]"
    )
    assert done.returncode == 0, done.stderr


def test_the_product_never_imports_the_embedded_server() -> None:
    for path in MODULES:
        imports = [line for line in path.read_text(encoding="utf-8").splitlines() if "import " in line]
        assert not [line for line in imports if "managed_agents" in line and "include" in line], path
