"""What a pipeline file may say, and where the files lie."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from dreamflow.config import (
    AgentTarget,
    DeploymentTarget,
    FileTarget,
    load_pipeline,
    pipeline_files,
    pipelines_folder,
)
from dreamflow.errors import ConfigError
from tests.unit.config.conftest import TARGETS, Load


class TestGoodFiles:
    def test_a_file_with_nothing_but_a_target_has_the_documented_defaults(self, load: Load) -> None:
        pipeline = load(TARGETS)
        assert (pipeline.name, pipeline.dag_id) == ("support", "dream__support")
        assert pipeline.conn_id == "anthropic_default"
        assert pipeline.schedule is None
        assert (pipeline.sessions.limit, pipeline.sessions.minimum) == (50, 1)
        assert pipeline.sessions.catch_up
        assert not pipeline.sessions.mounted
        assert pipeline.sessions.max_age == timedelta(days=30)
        assert pipeline.dream.timeout == timedelta(hours=6)
        assert pipeline.dream.poll_interval == timedelta(seconds=30)
        assert pipeline.approval.mode == "required"
        assert pipeline.approval.timeout == timedelta(days=7)
        assert pipeline.pool is None
        assert (pipeline.night.dreams, pipeline.dreams_a_night) == (None, 4)
        assert (pipeline.night.budget.tokens, pipeline.night.budget.usd) == (None, None)
        assert (pipeline.checks.max_removed, pipeline.checks.max_shrunk) == (0.25, 0.5)
        assert pipeline.checks.severities == {}
        assert pipeline.retire.idle_for == timedelta(hours=1)
        assert pipeline.reports.location is None
        assert pipeline.reports.keep == timedelta(days=400)

    def test_every_part_of_the_documented_file_is_read(self, load: Load) -> None:
        pipeline = load(
            """
            conn_id: anthropic_eu
            pool: dreams
            schedule: {cron: "30 2 * * *", timezone: Europe/London}
            sessions: {agent_id: "${AGENT}", limit: 100, minimum: 3, max_age: P7D, mounted: true, catch_up: false}
            dream: {model: claude-opus-5, instructions: "Keep an index.", timeout: PT2H, poll_interval: PT10S,
                    budget: {tokens: 20000000, usd: 25}}
            night: {budget: {tokens: 50000000, usd: 60}, dreams: 2}
            approval: {mode: when_flagged, assignees: [ada, grace], timeout: PT20H}
            targets:
              - {type: deployment, deployment_id: "${DEPLOYMENT}", replaces: memstore_0, github_conn_id: github}
              - {type: agent, agent_id: "${AGENT}", metadata_key: memory}
              - {type: file, path: "s3://conn@bucket/live.yaml", key: agents.support.store}
            checks: {secret: flag, lost: "off", removed: off, recall: "${LEVEL}", protect: ["/policies/**"],
                     max_removed: 0.5, max_shrunk: 0.1}
            retire: {idle_for: PT0S, drain_timeout: PT1H, grace: PT5M}
            reports: {location: "file:///srv/reports", keep: P30D}
            notify: ["mailto://ops@example.com", apprise_default]
            """,
            {"AGENT": "agent_1", "DEPLOYMENT": "depl_1", "LEVEL": "note"},
        )
        assert pipeline.targets == (
            DeploymentTarget(
                type="deployment", deployment_id="depl_1", replaces="memstore_0", github_conn_id="github"
            ),
            AgentTarget(type="agent", agent_id="agent_1", metadata_key="memory"),
            FileTarget(type="file", path="s3://conn@bucket/live.yaml", key="agents.support.store"),
        )
        assert pipeline.dream.budget.tokens == 20_000_000
        assert pipeline.dream.budget.usd == 25.0
        assert pipeline.checks.severities == {
            "secret": "flag",
            "lost": "off",
            "removed": "off",
            "recall": "note",
        }
        assert pipeline.pool == "dreams"
        assert (pipeline.night.budget.tokens, pipeline.night.budget.usd) == (50_000_000, 60.0)
        assert (pipeline.night.dreams, pipeline.dreams_a_night) == (2, 2)
        assert pipeline.reports.keep == timedelta(days=30)
        assert pipeline.approval.assignees == ("ada", "grace")
        assert pipeline.retire.grace == timedelta(minutes=5)
        assert pipeline.notify == ("mailto://ops@example.com", "apprise_default")

    def test_a_pipeline_can_not_be_changed_once_it_is_read(self, load: Load) -> None:
        with pytest.raises(ValueError, match="frozen"):
            setattr(load(TARGETS), "conn_id", "other")  # noqa: B010

    @pytest.mark.parametrize("cron", ["30 2 * * *", "*/5 * * * *", "0 0 1 1 mon", "@daily"])
    def test_cron_expressions_as_people_write_them(self, load: Load, cron: str) -> None:
        schedule = load(f'{TARGETS}schedule: {{cron: "{cron}"}}').schedule
        assert schedule is not None
        assert (schedule.cron, schedule.timezone) == (cron, "UTC")


class TestFolder:
    def test_it_is_the_projects_unless_the_environment_names_another(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DREAMFLOW_PIPELINES", raising=False)
        assert pipelines_folder() == Path(__file__).parents[3] / "include" / "pipelines"
        monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
        assert pipelines_folder() == tmp_path

    def test_yaml_files_are_found_in_name_order_and_nothing_else(self, tmp_path: Path) -> None:
        for name in ("b.yaml", "a.yml", "c.yaml.example", "README.md", "d.json", "e.yxml"):
            (tmp_path / name).touch()
        assert [path.name for path in pipeline_files(tmp_path)] == ["a.yml", "b.yaml"]

    def test_an_empty_folder_holds_no_pipelines_and_one_that_is_not_there_is_named(
        self, tmp_path: Path
    ) -> None:
        assert pipeline_files(tmp_path) == []
        with pytest.raises(ConfigError, match="gone is not a folder"):
            pipeline_files(tmp_path / "gone")


def test_the_demos_pipeline_is_a_good_one() -> None:
    path = Path(__file__).parents[3] / "include" / "demo" / "pipelines" / "demo.yaml"
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8")), "x_1")
    assert load_pipeline(path, environ).dag_id == "dream__demo"
