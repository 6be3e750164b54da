"""The plugin: a tab on the run and on its tasks, and no page imported before the web server asks for it."""

from __future__ import annotations

import json

from dreamflow.core.report import REVIEW_ROUTE
from tests.dags.conftest import Run

LOAD = """
import json, sys
from airflow import plugins_manager
plugins_manager.ensure_plugins_loaded()
early = sorted(name for name in sys.modules if name.startswith("dreamflow.") or name == "anthropic")
views, _ = plugins_manager._get_ui_plugins()
apps, _ = plugins_manager.get_fastapi_plugins()
print("LOADED " + json.dumps({
    "errors": plugins_manager.get_import_errors(),
    "early": early,
    "views": [view for view in views if view["name"] == "Review"],
    "apps": [[app["url_prefix"], type(app["app"]).__name__] for app in apps if app["name"] == "Dreamflow"],
}))
"""


def test_the_plugin_registers_the_tab_and_imports_late(run: Run) -> None:
    done = run(LOAD)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.rpartition("LOADED ")[2])
    assert not told["errors"]
    assert told["early"] == []
    assert told["apps"] == [["/dreamflow", "FastAPI"]]
    places = {view["destination"]: view for view in told["views"]}
    assert places.keys() == {"dag_run", "task_instance"}
    assert places["dag_run"]["url_route"] == REVIEW_ROUTE
    assert len({view["url_route"] for view in told["views"]}) == 2
    # Relative: Airflow may be served below a path.
    assert {view["href"] for view in told["views"]} == {"dreamflow/review/{DAG_ID}/{RUN_ID}"}
