"""What a pipeline file may say, and the errors that it gets when it says something else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from airflow.sdk import CronTriggerTimetable
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.config import (
    AgentTarget,
    DeploymentTarget,
    FileTarget,
    Pipeline,
    load_pipeline,
    pipeline_files,
    pipelines_folder,
)
from dreamflow.errors import ConfigError

Load = Callable[..., Pipeline]

TARGETS = "targets: [{type: agent, agent_id: agent_1}]\n"


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Write a pipeline file and read it."""

    def read(text: str, environ: Mapping[str, str] | None = None, name: str = "support.yaml") -> Pipeline:
        path = tmp_path / "include" / "pipelines" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return load_pipeline(path, environ or {})

    return read


def mistakes(load: Load, text: str, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as raised:
        load(text, environ)
    return str(raised.value)


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
        assert pipeline.approval.timeout == timedelta(hours=20)
        assert pipeline.checks.max_removed == 0.25
        assert pipeline.retire.idle_for == timedelta(hours=1)
        assert pipeline.reports.location is None

    def test_every_part_of_the_documented_file_is_read(self, load: Load) -> None:
        pipeline = load(
            """
            conn_id: anthropic_eu
            schedule: {cron: "30 2 * * *", timezone: Europe/London}
            sessions: {agent_id: "${AGENT}", limit: 100, minimum: 3, max_age: P7D, mounted: true, catch_up: false}
            dream: {model: claude-opus-5, instructions: "Keep an index.", timeout: PT2H, poll_interval: PT10S,
                    budget: {tokens: 20000000, usd: 25}}
            approval: {mode: when_flagged, assignees: [ada, grace], timeout: PT20H}
            targets:
              - {type: deployment, deployment_id: "${DEPLOYMENT}", replaces: memstore_0, github_conn_id: github}
              - {type: agent, agent_id: "${AGENT}", metadata_key: memory}
              - {type: file, path: "s3://conn@bucket/live.yaml", key: agents.support.store}
            checks: {protect: ["/policies/**"], max_removed: 0.5}
            retire: {idle_for: PT0S, drain_timeout: PT1H, grace: PT5M}
            reports: {location: "file:///srv/reports"}
            notify: ["mailto://ops@example.com", apprise_default]
            """,
            {"AGENT": "agent_1", "DEPLOYMENT": "depl_1"},
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


#: What the file says besides a good target; where it is wrong; and what the message must have.
WRONG = [
    ("colour: blue", "colour", ["is not a key"]),
    ("sessions: {limits: 5}", "sessions.limits", ["is not a key"]),
    ("dream: {budget: {eur: 5}}", "dream.budget.eur", ["is not a key"]),
    ("sessions: {limit: 0}", "sessions.limit", ["0 is below 1"]),
    ("sessions: {limit: 101}", "sessions.limit", ["101 is above 100"]),
    ("sessions: {limit: many}", "sessions.limit", ["'many' is not a whole number"]),
    ("sessions: {limit: 5.5}", "sessions.limit", ["5.5 is not a whole number"]),
    ("sessions: {limit: true}", "sessions.limit", ["True is not a whole number"]),
    ("sessions: {limit: 5, minimum: 6}", "sessions", ["minimum: 6 is above limit: 5"]),
    ("sessions: {minimum: 0}", "sessions.minimum", ["0 is below 1"]),
    ("sessions: {max_age: a month}", "sessions.max_age", ["'a month' is not a duration such as", "P30D"]),
    ("sessions: {max_age: PT0S}", "sessions.max_age", ["is not above"]),
    ("sessions: {mounted: maybe}", "sessions.mounted", ["'maybe' is not true or false"]),
    ("sessions: {catch_up: 1}", "sessions.catch_up", ["1 is not true or false"]),
    ("sessions: {set_aside_after: 0}", "sessions.set_aside_after", ["0 is below 1"]),
    ("notify: ops@example.com", "notify", ["'ops@example.com' is not a list"]),
    ("sessions: {agent_id: 5}", "sessions.agent_id", ["5 is not text"]),
    ('sessions: {agent_id: ""}', "sessions.agent_id", ["is empty"]),
    ("sessions: [agent_1]", "sessions", ["is not a set of keys"]),
    ("sessions:", "sessions", ["is not a set of keys"]),
    ("dream: {model: 5}", "dream.model", ["5 is not text"]),
    ('dream: {instructions: ""}', "dream.instructions", ["is empty"]),
    ("dream: {timeout: 6h}", "dream.timeout", ["'6h' is not a duration such as", "PT6H"]),
    ("dream: {timeout: -PT1H}", "dream.timeout", ["is not above"]),
    ("dream: {timeout: [PT1H]}", "dream.timeout", ["is not a duration"]),
    ("dream: {poll_interval: PT0.5S}", "dream.poll_interval", ["is below"]),
    ("dream: {budget: {tokens: 0}}", "dream.budget.tokens", ["0 is not above 0"]),
    ("dream: {budget: {tokens: 1.5}}", "dream.budget.tokens", ["1.5 is not a whole number"]),
    ("dream: {budget: {usd: lots}}", "dream.budget.usd", ["'lots' is not a number"]),
    ("dream: {budget: {usd: -1}}", "dream.budget.usd", ["-1 is not above 0"]),
    ("dream: {budget: {usd: .nan}}", "dream.budget.usd", ["nan is not a number"]),
    ("approval: {mode: maybe}", "approval.mode", ["'maybe' is not one of", "required", "when_flagged", "never"]),
    ("approval: {assignees: ada}", "approval.assignees", ["'ada' is not a list"]),
    ("approval: {assignees: [5]}", "approval.assignees.0", ["5 is not text"]),
    ("checks: {max_removed: 1.5}", "checks.max_removed", ["1.5 is above 1"]),
    ("checks: {protect: /a}", "checks.protect", ["'/a' is not a list"]),
    ("retire: {idle_for: -PT1S}", "retire.idle_for", ["is below"]),
    ("retire: {drain_timeout: PT0S}", "retire.drain_timeout", ["is not above"]),
    ("schedule: 30 2 * * *", "schedule", ["'30 2 * * *' is not a set of keys"]),
    ("schedule: {timezone: UTC}", "schedule.cron", ["is missing"]),
    ("schedule: {cron: nightly}", "schedule.cron", ["'nightly' is not a cron expression"]),
    ('schedule: {cron: "61 2 * * *"}', "schedule.cron", ["'61 2 * * *' is not a cron expression"]),
    ('schedule: {cron: "0 2 * * *", timezone: Europe/Londn}', "schedule.timezone", ["'Europe/Londn' is not a"]),
    ('schedule: {cron: "0 2 * * *", timezone: ../../etc/passwd}', "schedule.timezone", ["is not a time zone"]),
    ("conn_id: [a]", "conn_id", ["is not text"]),
    ("name: other", "name", ["is not a key"]),
]  # fmt: skip

WRONG_TARGETS = [
    ("", "targets", ["is missing"]),
    ("targets: []", "targets", ["is empty: name at least one"]),
    ("targets: depl_1", "targets", ["'depl_1' is not a list"]),
    ("targets: [depl_1]", "targets.0", ["'depl_1' is not a set of keys"]),
    ("targets: [{deployment_id: depl_1}]", "targets.0", ["is missing its type: deployment, agent or file"]),
    ("targets: [{type: deploy}]", "targets.0", ["'deploy' is not one of deployment, agent, file"]),
    ("targets: [{type: deployment}]", "targets.0.deployment_id", ["is missing"]),
    ("targets: [{type: agent, agent_id: a, deployment_id: b}]", "targets.0.deployment_id", ["is not a key"]),
    ("targets: [{type: file, path: /x.yaml}]", "targets.0.key", ["is missing"]),
    ('targets: [{type: file, path: "", key: k}]', "targets.0.path", ["is empty"]),
    ("targets: [{type: agent, agent_id: a}, {type: agent, agent_id: a}]", "targets.1", ["stands there twice"]),
]  # fmt: skip

NOT_A_FILE = [
    ("", ["found NoneType"]),
    ("just words", ["expected keys such as targets:, found str"]),
    ("- a\n- b", ["expected keys such as targets:, found list"]),
    ("a: b: c", ["not YAML", "line 1, column 5"]),
    ("a: [1", ["not YAML"]),
    ("a: !!python/object/apply:os.system [ls]", ["not YAML"]),
    ("a: \x07", ["not YAML"]),
    ("a: &x 1\nb: *y", ["not YAML"]),
    (TARGETS + TARGETS, ["the key 'targets' stands twice", "line 2"]),
    (TARGETS + "sessions: {limit: 1, limit: 2}", ["the key 'limit' stands twice"]),
]


class TestWrongFiles:
    @pytest.mark.parametrize(("text", "key", "said"), WRONG, ids=[text for text, _, _ in WRONG])
    def test_the_message_names_file_key_value_and_what_was_expected(
        self, load: Load, text: str, key: str, said: list[str]
    ) -> None:
        message = mistakes(load, f"{TARGETS}{text}\n")
        assert message.startswith(f"include/pipelines/support.yaml: {key}: ")
        assert all(words in message for words in said)

    @pytest.mark.parametrize(
        ("text", "key", "said"), WRONG_TARGETS, ids=[t or "none" for t, _, _ in WRONG_TARGETS]
    )
    def test_wrong_targets_are_named_by_their_position(
        self, load: Load, text: str, key: str, said: list[str]
    ) -> None:
        message = mistakes(load, f"conn_id: a\n{text}\n")
        assert message.startswith(f"include/pipelines/support.yaml: {key}: ")
        assert all(words in message for words in said)

    @pytest.mark.parametrize(("text", "said"), NOT_A_FILE)
    def test_what_is_no_set_of_keys_is_refused_as_a_whole(
        self, load: Load, text: str, said: list[str]
    ) -> None:
        message = mistakes(load, text)
        assert message.startswith("include/pipelines/support.yaml: ")
        assert all(words in message for words in said)
        assert "\n" not in message

    def test_every_mistake_is_told_at_once(self, load: Load) -> None:
        message = mistakes(load, f"{TARGETS}sessions: {{limit: 0}}\ndream: {{timeout: soon}}\ncolour: blue")
        assert message.count("support.yaml") == 3
        assert all(key in message for key in ("sessions.limit", "dream.timeout", "colour"))

    def test_a_long_value_is_cut(self, load: Load) -> None:
        assert len(mistakes(load, f"{TARGETS}sessions: {{limit: {'x' * 5000}}}")) < 300

    @pytest.mark.parametrize("name", ["my pipeline", "päron", ".hidden", "-x", "x" * 65, "a.b"])
    def test_a_name_that_can_not_be_a_dag_id_is_refused(self, load: Load, name: str) -> None:
        with pytest.raises(ConfigError, match=r"use letters, digits, - and _") as raised:
            load(TARGETS, name=f"{name}.yaml")
        assert repr(name) in str(raised.value)

    def test_a_file_that_is_gone_or_no_text_is_one_error_like_any_other(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match=r"gone.yaml: can't be read: No such file"):
            load_pipeline(tmp_path / "gone.yaml")
        (tmp_path / "folder.yaml").mkdir()
        with pytest.raises(ConfigError, match=r"folder.yaml: can't be read"):
            load_pipeline(tmp_path / "folder.yaml")
        (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ConfigError, match=r"binary.yaml: not YAML"):
            load_pipeline(tmp_path / "binary.yaml")

    def test_numbers_as_keys_are_refused(self, load: Load) -> None:
        assert "Keys should be strings" in mistakes(load, f"{TARGETS}5: x")

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.dates(),
            lambda values: (
                st.lists(values, max_size=3)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            *Pipeline.model_fields,
                            "type",
                            "agent_id",
                            "limit",
                            "budget",
                            "cron",
                            "mode",
                            "agent",
                            "x",
                        ]
                    ),
                    values,
                    max_size=4,
                )
            ),
            max_leaves=12,
        )
    )
    def test_whatever_a_file_says_it_is_a_pipeline_or_a_config_error(self, load: Load, data: object) -> None:
        try:
            load(yaml.safe_dump(data, allow_unicode=True))
        except ConfigError as e:
            assert "support.yaml" in str(e)


class TestTrickyFiles:
    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("agent: agent_1", "agent"),
            ("file: live.yaml", "file"),
            ("sessions: {agent: a}", "sessions.agent"),
        ],
    )
    def test_an_unknown_key_is_named_even_where_it_reads_like_a_kind_of_target(
        self, load: Load, text: str, key: str
    ) -> None:
        assert f"support.yaml: {key}: is not a key" in mistakes(load, TARGETS + text)

    @pytest.mark.parametrize(
        "text",
        ["dream: {instructions: 2026-02-30}", "sessions: {limit: 0b_}", "a: &a {b: *a}", f"a: {'[' * 2000}"],
        ids=["a date that is none", "a number that is none", "a circle", "a deep nest"],
    )
    def test_yaml_that_can_not_be_built_is_one_error_like_any_other(self, load: Load, text: str) -> None:
        assert "support.yaml" in mistakes(load, TARGETS + text)

    @pytest.mark.parametrize("timezone", ["Europe", "A" * 300])
    def test_what_is_no_time_zone_is_refused_however_it_is_written(self, load: Load, timezone: str) -> None:
        message = mistakes(load, f'{TARGETS}schedule: {{cron: "0 2 * * *", timezone: {timezone}}}')
        assert "schedule.timezone" in message

    def test_one_mistake_is_told_once(self, load: Load) -> None:
        assert "is empty: name at least one" not in mistakes(load, "targets: [{type: deployment}]")

    @pytest.mark.parametrize(
        "text", [f"dream: {{model: {'m' * 300}}}", f"dream: {{instructions: {'i' * 5000}}}"]
    )
    def test_a_text_that_is_too_long_is_shown_cut(self, load: Load, text: str) -> None:
        message = mistakes(load, TARGETS + text)
        assert "'mmm" in message or "'iii" in message

    @pytest.mark.parametrize(
        "text",
        [
            "dream: {budget: {usd: true}}",
            "dream: {budget: {usd: .inf}}",
            "checks: {max_removed: true}",
            "dream: {timeout: true}",
            "dream: {timeout: 6}",
            "dream: {timeout: 6:00}",
            "sessions: {max_age: 30}",
        ],
    )
    def test_what_was_hardly_meant_is_refused(self, load: Load, text: str) -> None:
        mistakes(load, TARGETS + text)

    @pytest.mark.parametrize("pattern", ["!", "a\\"])
    def test_a_pattern_that_can_not_be_read_is_refused_before_anything_is_spent(
        self, load: Load, pattern: str
    ) -> None:
        mistakes(load, f"{TARGETS}checks: {{protect: ['{pattern}']}}")

    @pytest.mark.parametrize("text", ["sessions: {limit: '${N}'}", "dream: {budget: {tokens: '${N}'}}"])
    def test_a_whole_number_may_come_from_the_environment(self, load: Load, text: str) -> None:
        load(TARGETS + text, {"N": "20"})

    def test_a_schedule_that_never_comes_is_refused(self, load: Load) -> None:
        assert "never comes" in mistakes(load, f'{TARGETS}schedule: {{cron: "0 2 30 2 *"}}')

    def test_an_age_that_leads_out_of_the_calendar_is_refused(self, load: Load) -> None:
        assert "sessions.max_age" in mistakes(load, f"{TARGETS}sessions: {{max_age: P999999D}}")

    def test_the_choices_are_said_in_words(self, load: Load) -> None:
        message = mistakes(load, TARGETS + "approval: {mode: maybe}")
        assert message.endswith("'maybe' is not one of required, when_flagged, never")

    @pytest.mark.parametrize("text", ["dream: {timeout: -PT1H}", "retire: {idle_for: -PT1H}"])
    def test_a_bound_is_said_as_a_file_would_say_it(self, load: Load, text: str) -> None:
        message = mistakes(load, TARGETS + text)
        assert "timedelta" not in message
        assert "seconds" not in message

    @given(st.text("0123456789*/,-? @LWHRmonsundaily#\n", max_size=12))
    def test_whatever_a_schedule_says_it_is_refused_or_airflow_can_plan_it(
        self, load: Load, cron: str
    ) -> None:
        try:
            load(f"{TARGETS}schedule: {{cron: {json.dumps(cron)}}}")
        except ConfigError as e:
            assert "schedule.cron" in str(e)
        else:
            CronTriggerTimetable(cron, timezone="UTC")


class TestVariables:
    def test_a_variable_is_put_in_wherever_a_text_stands(self, load: Load) -> None:
        pipeline = load(
            "conn_id: 'a_${X}_b_${Y}'\n"
            "targets: [{type: file, path: '${X}/live.json', key: '${Y}'}]\n"
            "approval: {assignees: ['${X}', ada]}",
            {"X": "ex", "Y": "why"},
        )
        assert pipeline.conn_id == "a_ex_b_why"
        assert pipeline.targets == (FileTarget(type="file", path="ex/live.json", key="why"),)
        assert pipeline.approval.assignees == ("ex", "ada")

    @pytest.mark.parametrize("environ", [{}, {"X": ""}], ids=["unset", "empty"])
    def test_a_variable_that_is_not_set_is_named_with_its_key(
        self, load: Load, environ: dict[str, str]
    ) -> None:
        message = mistakes(load, "conn_id: '${X}'\ntargets: [{type: agent, agent_id: '${Y}'}]", environ)
        assert message == (
            "include/pipelines/support.yaml: conn_id: the variable ${X} is not set; "
            "include/pipelines/support.yaml: targets.0.agent_id: the variable ${Y} is not set"
        )

    @given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
    def test_what_a_variable_holds_is_a_value_and_nothing_else(self, load: Load, content: str) -> None:
        pipeline = load("conn_id: '${X}'\ntargets: [{type: agent, agent_id: '${X}'}]", {"X": content})
        assert pipeline.conn_id == content
        assert pipeline.targets == (AgentTarget(type="agent", agent_id=content),)

    @pytest.mark.parametrize(
        "content",
        ["x\ntargets: []", "}, evil: {", "${Y}", "{{ var.value.secret }}", "!!python/name:os.system", "# x"],
    )
    def test_hostile_content_changes_no_structure_and_is_not_expanded_again(
        self, load: Load, content: str
    ) -> None:
        assert load(f"{TARGETS}conn_id: '${{X}}'", {"X": content, "Y": "never"}).conn_id == content

    def test_a_dollar_that_names_no_variable_stays(self, load: Load) -> None:
        assert load(f"{TARGETS}dream: {{instructions: 'Costs $5, {{x}} and $NAME'}}").dream.instructions == (
            "Costs $5, {x} and $NAME"
        )

    def test_keys_take_no_variables(self, load: Load) -> None:
        assert "${X}: is not a key" in mistakes(load, f"{TARGETS}'${{X}}': 1", {"X": "conn_id"})

    def test_the_process_environment_is_the_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DREAMFLOW_TEST_CONN", "from_the_environment")
        path = tmp_path / "x.yaml"
        path.write_text(f"{TARGETS}conn_id: ${{DREAMFLOW_TEST_CONN}}", encoding="utf-8")
        assert load_pipeline(path).conn_id == "from_the_environment"


class TestFolder:
    def test_it_is_the_projects_unless_the_environment_names_another(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DREAMFLOW_PIPELINES", raising=False)
        assert pipelines_folder() == Path(__file__).parents[2] / "include" / "pipelines"
        monkeypatch.setenv("DREAMFLOW_PIPELINES", str(tmp_path))
        assert pipelines_folder() == tmp_path

    def test_yaml_files_are_found_in_name_order_and_nothing_else(self, tmp_path: Path) -> None:
        for name in ("b.yaml", "a.yml", "c.yaml.example", "README.md", "d.json", "e.yxml"):
            (tmp_path / name).touch()
        assert [path.name for path in pipeline_files(tmp_path)] == ["a.yml", "b.yaml"]

    def test_an_empty_folder_and_none_at_all_hold_no_pipelines(self, tmp_path: Path) -> None:
        assert pipeline_files(tmp_path) == []
        assert pipeline_files(tmp_path / "gone") == []


def test_the_demos_pipeline_is_a_good_one() -> None:
    path = Path(__file__).parents[2] / "include" / "demo" / "pipelines" / "demo.yaml"
    environ = dict.fromkeys(re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8")), "x_1")
    assert load_pipeline(path, environ).dag_id == "dream__demo"
