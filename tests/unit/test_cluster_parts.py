"""The cluster without Docker runs what docker-compose.yaml says, brought to one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from include.cluster.errors import ClusterError
from include.cluster.part import Part
from include.cluster.parts import init_of, lay_out, parts_of
from include.cluster.place import Place, place_in
from include.cluster.sessions import kill_session, members
from include.demo.settings import PROJECT
from tests.unit.compose_file import DAEMONS, FILLED, HOME, constraint, read_services


def place(folder: Path, **settings: str) -> Place:
    return place_in(folder / "cluster", port=None, settings=settings)


def parts(here: Place) -> dict[str, Part]:
    made = parts_of(here, replicas={"worker": 2, "triggerer": 2}, extra={})
    return {part.name: part for part in made}


def test_every_service_is_a_part_and_some_are_two(tmp_path: Path) -> None:
    names = set(parts(place(tmp_path)))
    assert names == {
        *("postgres", "redis", "managed-agents", "api-server", "scheduler", "dag-processor"),
        *("worker-1", "worker-2", "triggerer-1", "triggerer-2"),
    }
    assert {re.sub(r"-\d$", "", name) for name in names} == set(read_services()) - {"init"}


def test_airflows_parts_have_every_setting_of_compose_with_the_addresses_of_this_machine(
    tmp_path: Path,
) -> None:
    here = place(tmp_path)
    for name, part in parts(here).items():
        service = re.sub(r"-\d$", "", name)
        if service in DAEMONS:
            assert read_services()[service]["environment"].keys() <= part.environment.keys()
    environment = parts(here)["worker-2"].environment
    ports = here.ports
    assert f"@127.0.0.1:{ports['postgres']}/airflow" in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]
    assert f"@127.0.0.1:{ports['redis']}/0" in environment["AIRFLOW__CELERY__BROKER_URL"]
    assert environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == f"{here.url}/execution/"
    assert f'"host": "{here.agents_url}"' in environment["AIRFLOW_CONN_ANTHROPIC_DEFAULT"]


def test_nothing_names_a_container_or_a_path_in_one_any_more(tmp_path: Path) -> None:
    here = place(tmp_path)
    for part in [*parts(here).values(), init_of(here, {})]:
        for text in [*part.command, *part.environment.values()]:
            assert HOME not in text
            assert not re.search(r"(//|@)(postgres|redis|api-server|managed-agents)\b|0\.0\.0\.0", text)


def test_nothing_of_another_airflow_reaches_the_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "sqlite:////another.db")
    monkeypatch.setenv("AIRFLOW__CORE__PARALLELISM", "1")
    environment = parts(place(tmp_path))["scheduler"].environment
    assert "AIRFLOW__CORE__PARALLELISM" not in environment
    assert "another" not in environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first, second = place(tmp_path), place(tmp_path)
    assert first.variables == second.variables
    assert first.variables.keys() == FILLED.keys()
    assert len(set(first.variables.values())) == len(first.variables)
    file = first.folder / "secrets.json"
    assert file.stat().st_mode & 0o077 == 0


def test_a_variable_of_env_example_can_be_set_and_no_other(tmp_path: Path) -> None:
    environment = parts(place(tmp_path, AIRFLOW_WORKER_CONCURRENCY="3"))["worker-1"].environment
    assert environment["AIRFLOW__CELERY__WORKER_CONCURRENCY"] == "3"
    with pytest.raises(ClusterError, match=r"--set WORKERS=…: docker-compose\.yaml has no such variable"):
        place(tmp_path, WORKERS="3")


def test_airflows_home_looks_as_in_the_containers(tmp_path: Path) -> None:
    here = place(tmp_path)
    lay_out(here)
    for folder in ("dags", "plugins", "include"):
        assert (here.home / folder).resolve() == PROJECT / folder
    assert (here.home / "dreamflow-reports").is_dir()
    assert (here.home / "logs").is_dir()


def test_a_folder_with_other_things_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    (tmp_path / "cluster" / "thesis.txt").touch()
    with pytest.raises(ClusterError, match=r"holds files that are not a cluster's: name an empty"):
        place(tmp_path)


def test_a_part_is_ended_with_all_that_it_started_even_where_its_first_process_is_gone() -> None:
    script = "sleep 600 & trap '' TERM; sleep 600 & kill -9 $$"
    with subprocess.Popen(["bash", "-c", script], start_new_session=True) as first:
        first.wait(10)
    assert len(members(first.pid)) == 2
    kill_session(first.pid)
    assert members(first.pid) == []


def test_programs_that_are_missing_are_named_with_debians_packages() -> None:
    code = (
        "import shutil; from pathlib import Path; from include.cluster import servers; "
        "servers._POSTGRESQL = Path('/nowhere'); servers.shutil.which = lambda name: None; "
        "print(*servers.missing_programs(), sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert "PostgreSQL's initdb was not found: install Debian's package postgresql" in done.stdout
    assert "redis-server was not found: install Debian's package redis-server" in done.stdout


def test_the_cluster_installs_what_the_image_does_at_the_tested_versions() -> None:
    pins = (PROJECT / "constraints-cluster.txt").read_text(encoding="utf-8")
    product = (PROJECT / "requirements.txt").read_text(encoding="utf-8").partition("# Tests and checks")[0]
    names = re.findall(r"^([A-Za-z][A-Za-z0-9._-]*)", product, re.MULTILINE)
    for name in names:
        assert f"\n{name}=={constraint(name)}\n" in f"\n{pins}"
    wanted = (PROJECT / "requirements-cluster.txt").read_text(encoding="utf-8")
    for name in re.findall(r"^([a-z-]+)", wanted, re.MULTILINE):
        assert f"\n{name}==" in pins
