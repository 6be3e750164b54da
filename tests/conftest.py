"""What every test stands on: an Airflow home of its own, set before anything imports Airflow."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

_PROJECT = Path(__file__).parents[1]
_HOME = tempfile.mkdtemp(prefix="dreamflow-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)

os.environ.update(
    AIRFLOW_HOME=_HOME,
    AIRFLOW__CORE__DAGS_FOLDER=str(_PROJECT / "dags"),
    AIRFLOW__CORE__PLUGINS_FOLDER=str(_PROJECT / "plugins"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    # No test speaks TLS, and every client of the SDK would read the machine's certificates: 30 ms, a thousand times.
    SSL_CERT_DIR=_HOME,
)
os.environ.pop("SSL_CERT_FILE", None)

# Two cores that others use too: no example is judged by how long it took.
settings.register_profile(
    "dreamflow",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("dreamflow")
