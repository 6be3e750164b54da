"""
The values for the official Airflow Helm chart say what docker-compose.yaml says, in the chart's words.

No Kubernetes is asked, and the chart is not here. Where helm-python-sdk is installed, and AIRFLOW_CHART names a folder
with the chart and what it depends on, both sets of values are rendered with it.
"""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
import yaml
from airflow.configuration import conf

from include.demo.settings import PROJECT
from tests.unit.compose_file import AIRFLOW, DAEMONS, SECRETS, constraint, read_services

FOLDER = PROJECT / "deploy" / "helm"
VALUES: dict[str, Any] = yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8"))
PODS: dict[str, Any] = yaml.safe_load((FOLDER / "kubernetes-executor.yaml").read_text(encoding="utf-8"))
#: What the chart sets by itself, or takes from a Secret that the values name.
FROM_THE_CHART = {
    "AIRFLOW__CORE__EXECUTOR": "executor",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "",
    "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "",
    "AIRFLOW__CORE__FERNET_KEY": "fernetKeySecretName",
    "AIRFLOW__API__SECRET_KEY": "apiSecretKeySecretName",
    "AIRFLOW__API_AUTH__JWT_SECRET": "jwtSecretName",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "data.metadataSecretName",
    # Airflow makes it of the database's.
    "AIRFLOW__CELERY__RESULT_BACKEND": "data.metadataSecretName",
    "AIRFLOW__CELERY__BROKER_URL": "data.brokerUrlSecretName",
    "AIRFLOW_CONN_ANTHROPIC_DEFAULT": "secret",
    # The chart's own worker has it.
    "DUMB_INIT_SETSID": "",
}
#: Another value is right on Kubernetes: the address that people open is another.
DIFFERENT = {"AIRFLOW__API__BASE_URL"}
#: Of the Celery and Kubernetes providers, which come with the image; and what Airflow reads but does not list.
UNLISTED = {"celery", "kubernetes_executor"}


def settings() -> dict[str, str]:
    """Return the values as the environment variables that they come to."""
    found = {entry["name"]: str(entry["value"]) for entry in VALUES["env"]}
    for section, options in VALUES["config"].items():
        for option, value in options.items():
            found[f"AIRFLOW__{section}__{option}".upper()] = str(value)
    return found


def at(path: str) -> Any:
    found: Any = VALUES
    for key in path.split("."):
        found = found[key]
    return found


def test_what_compose_sets_is_set_to_the_same_or_comes_from_the_chart() -> None:
    said = settings()
    for service in AIRFLOW - {"init"}:
        for name, value in read_services()[service]["environment"].items():
            if name in FROM_THE_CHART:
                assert not FROM_THE_CHART[name] or at(FROM_THE_CHART[name]), name
            elif name not in DIFFERENT:
                assert said[name] == str(value), name


def test_nothing_else_is_set() -> None:
    compose = {name for service in AIRFLOW for name in read_services()[service]["environment"]}
    assert settings().keys() <= compose


@pytest.mark.parametrize("values", [VALUES, PODS], ids=["values", "kubernetes-executor"])
def test_each_setting_is_one_that_airflow_knows(values: dict[str, Any]) -> None:
    known = conf.configuration_description
    for section, options in values["config"].items():
        if section not in UNLISTED:
            listed = set(known[section]["options"]) | {"num_stuck_in_queued_retries"}
            assert set(options) <= listed, section


def test_airflow_is_the_one_that_is_tested_and_so_is_the_image() -> None:
    version = constraint("apache-airflow")
    assert VALUES["airflowVersion"] == VALUES["images"]["airflow"]["tag"] == version
    dockerfile = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
    assert f"FROM {read_services()['worker']['image']}\n" in dockerfile
    for folder in ("dags", "plugins", "include"):
        assert f"COPY --from=project {folder} /opt/airflow/{folder}\n" in dockerfile


def test_the_report_location_is_one_claim_for_all() -> None:
    (volume,), (mount,) = VALUES["volumes"], VALUES["volumeMounts"]
    assert volume["name"] == mount["name"]
    assert "persistentVolumeClaim" in volume
    assert mount["mountPath"] in {v.split(":")[1] for v in read_services()["worker"]["volumes"]}


def test_a_queued_task_may_wait_as_long_with_pods_as_with_workers() -> None:
    waits = [
        float(values["config"]["scheduler"]["task_queued_timeout"])
        * (1 + int(values["config"]["scheduler"]["num_stuck_in_queued_retries"]))
        for values in (VALUES, PODS)
    ]
    assert waits[0] == waits[1]


def test_pods_need_no_broker_and_no_workers() -> None:
    assert (PODS["executor"], PODS["redis"]["enabled"]) == ("KubernetesExecutor", False)
    assert "celery" not in PODS["workers"]


def test_no_secret_stands_in_the_files() -> None:
    for file in FOLDER.iterdir():
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"^\s*\w*(password|secretKey|fernetKey|jwtSecret)\s*:", text, re.I | re.M), file
        assert not [name for name in SECRETS if re.search(rf"{name}\s*[:=]", text)], file


@pytest.mark.parametrize("files", [("values",), ("values", "kubernetes-executor")])
def test_the_chart_renders_them_with_settings_and_reports_in_every_part_of_airflow(
    files: tuple[str, ...],
) -> None:
    helm = pytest.importorskip("helm_python", reason="helm-python-sdk, Helm as a library, is not installed")
    if not (chart := os.environ.get("AIRFLOW_CHART")):
        pytest.skip("AIRFLOW_CHART names no folder with Airflow's chart")
    values: dict[str, Any] = {}
    for one in (VALUES, PODS)[: len(files)]:
        values = merged(values, one)
    with helm.Chart.load(chart) as loaded:
        rendered = loaded.render(values=values, name="dreamflow", namespace="dreamflow")
    made = [
        item
        for path, text in rendered.items()
        if path.endswith(".yaml")
        for item in yaml.safe_load_all(text)
        if item
    ]
    (config,) = (item["data"]["airflow.cfg"] for item in made if "airflow.cfg" in item.get("data", {}))
    for section, options in values["config"].items():
        part = config.partition(f"[{section}]\n")[2].partition("\n[")[0]
        assert all(f"{option} = {value}\n" in part + "\n" for option, value in options.items()), section
    parts = {item["metadata"]["name"]: item for item in made if item["kind"] in ("Deployment", "StatefulSet")}
    expected = DAEMONS - ({"worker"} if len(files) > 1 else set())
    for name in expected:
        container = parts[f"dreamflow-{name}"]["spec"]["template"]["spec"]["containers"][0]
        assert "/opt/airflow/dreamflow-reports" in {mount["mountPath"] for mount in container["volumeMounts"]}
        assert {"DREAMFLOW_PIPELINES", "PYTHONPATH"} <= {entry["name"] for entry in container["env"]}
        assert container["image"] == "registry.example.com/dreamflow:3.3.2"
    assert ("dreamflow-redis" in parts) == (len(files) == 1)


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return the values as Helm puts two files together."""
    both = dict(below)
    for key, value in above.items():
        held = both.get(key)
        both[key] = merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return both
