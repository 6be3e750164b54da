"""The image that docker-compose.yaml builds: Airflow's own, and what the product needs beyond it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.unit.compose_file import AIRFLOW, HOME, PROJECT, constraint, mounts_of, read_services

DOCKERFILE = (PROJECT / "Dockerfile").read_text(encoding="utf-8")


def test_a_new_volume_belongs_to_the_user_that_writes_to_it() -> None:
    """Docker copies the owner from the image's folder; /opt/airflow/logs comes with Airflow's own."""
    dockerfile = DOCKERFILE
    made = re.search(r"^RUN mkdir -p (.*)$", dockerfile, re.MULTILINE)
    assert made
    named = {
        path
        for name in (*AIRFLOW, "managed-agents")
        for path, (source, _) in mounts_of(read_services()[name]).items()
        if not source.startswith("./")
    }
    assert named - {f"{HOME}/logs"} == set(made[1].split())
    assert not re.search(r"^USER", dockerfile, re.MULTILINE)


def test_images_are_pinned_and_airflow_is_the_one_that_is_tested() -> None:
    services = read_services()
    version = constraint("apache-airflow")
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert re.match(r"\d+\.\d+", tag), f"{name}: {image}:{tag}"
    for name in (*AIRFLOW, "managed-agents"):
        assert services[name]["image"] == f"dreamflow-airflow:{version}"
        assert services[name]["build"] == "."
    base = re.search(r"^FROM apache/airflow:(\S+)-python3\.(\d+)$", DOCKERFILE, re.M)
    assert base
    assert base[1] == version
    assert 11 <= int(base[2]) <= 13


def test_the_image_installs_what_the_product_requires_at_the_tested_versions(tmp_path: Path) -> None:
    dockerfile = DOCKERFILE.replace("\\\n", " ")
    run = next(line for line in dockerfile.splitlines() if line.startswith("RUN sed"))
    script, _, install = run.removeprefix("RUN ").partition("&& pip install")
    assert "-r /tmp/pins.txt" in install
    for name in ("requirements.txt", "constraints.txt"):
        script = script.replace(f"/tmp/dreamflow/{name}", str(PROJECT / name))
    script = script.replace("/tmp/names", str(tmp_path / "names")).replace(
        "/tmp/pins.txt", str(tmp_path / "pins")
    )
    subprocess.run(["sh", "-euc", script], check=True, cwd=tmp_path)
    pinned = dict(line.split("==") for line in (tmp_path / "pins").read_text().split())
    assert pinned == {name: constraint(name) for name in _product_requirements()}


def _product_requirements() -> Iterator[str]:
    for line in (PROJECT / "requirements.txt").read_text().splitlines():
        if line.startswith("# Tests"):
            return
        if line and not line.startswith("#"):
            yield re.split(r"[^A-Za-z0-9._-]", line)[0].replace(".", "-").replace("_", "-")
