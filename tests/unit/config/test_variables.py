"""Variables of the environment in a pipeline file."""

from __future__ import annotations

import copy
import pickle
import re
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.config import AgentTarget, FileTarget, Pipeline, load_pipeline
from dreamflow.config.variables import Variables
from dreamflow.errors import ConfigError
from tests.unit.config.conftest import TARGETS, Load, mistakes


class TestVariables:
    def test_a_variable_is_put_in_wherever_a_text_stands(self, load: Load) -> None:
        pipeline = load(
            "sessions: {agent_id: 'a_${X}_b_${Y}'}\n"
            "targets: [{type: file, path: '${X}/live.json', key: '${Y}'}]\n"
            "notify: ['${X}', ops]",
            {"X": "ex", "Y": "why"},
        )
        assert pipeline.sessions.agent_id == "a_ex_b_why"
        assert pipeline.targets == (FileTarget(type="file", path="ex/live.json", key="why"),)
        assert pipeline.notify == ("ex", "ops")

    @pytest.mark.parametrize("environ", [{}, {"X": ""}], ids=["unset", "empty"])
    def test_a_variable_that_is_not_set_is_named_with_its_key(
        self, load: Load, environ: dict[str, str]
    ) -> None:
        message = mistakes(
            load, "dream: {model: '${X}'}\ntargets: [{type: agent, agent_id: '${Y}'}]", environ
        )
        assert message == (
            "include/pipelines/support.yaml: dream.model: the variable ${X} is not set; "
            "include/pipelines/support.yaml: targets.0.agent_id: the variable ${Y} is not set"
        )

    @given(st.text(min_size=1).filter(lambda text: "\x00" not in text))
    def test_what_a_variable_holds_is_a_value_and_nothing_else(self, load: Load, content: str) -> None:
        pipeline = load(
            "reports: {location: '${X}'}\ntargets: [{type: agent, agent_id: '${X}'}]", {"X": content}
        )
        assert pipeline.reports.location == content
        assert pipeline.targets == (AgentTarget(type="agent", agent_id=content),)

    @pytest.mark.parametrize(
        "content",
        ["x\ntargets: []", "}, evil: {", "${Y}", "{{ var.value.secret }}", "!!python/name:os.system", "# x"],
    )
    def test_hostile_content_changes_no_structure_and_is_not_expanded_again(
        self, load: Load, content: str
    ) -> None:
        pipeline = load(f"{TARGETS}reports: {{location: '${{X}}'}}", {"X": content, "Y": "never"})
        assert pipeline.reports.location == content

    def test_a_dollar_that_names_no_variable_stays(self, load: Load) -> None:
        assert load(f"{TARGETS}dream: {{instructions: 'Costs $5, {{x}} and $NAME'}}").dream.instructions == (
            "Costs $5, {x} and $NAME"
        )

    @pytest.mark.parametrize("written", ["${S-A}", "${}", "${1X}", "${ X }", "${X", "a ${X:-default} b"])
    def test_what_looks_like_a_variable_and_is_none_is_said_and_not_taken_as_text(
        self, load: Load, written: str
    ) -> None:
        message = mistakes(load, f"targets: [{{type: agent, agent_id: '{written}'}}]", {"X": "set"})
        assert "targets.0.agent_id: " in message
        assert "names no variable: write ${NAME}" in message

    def test_two_dollars_stand_for_one_before_a_brace(self, load: Load) -> None:
        pipeline = load(f"{TARGETS}dream: {{instructions: 'Keep $${{X}} and ${{X}}'}}", {"X": "ex"})
        assert pipeline.dream.instructions == "Keep ${X} and ex"

    def test_keys_take_no_variables(self, load: Load) -> None:
        assert "${X}: is not a key" in mistakes(load, f"{TARGETS}'${{X}}': 1", {"X": "conn_id"})

    def test_the_process_environment_is_the_default(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DREAMFLOW_TEST_MODEL", "from_the_environment")
        path = tmp_path / "x.yaml"
        path.write_text(f"{TARGETS}dream: {{model: '${{DREAMFLOW_TEST_MODEL}}'}}", encoding="utf-8")
        assert load_pipeline(path).dream.model == "from_the_environment"


class TestSecrets:
    FILE = (
        "sessions: {agent_id: '${AGENT}', limit: '${N}'}\n"
        "dream: {model: 'x-$${AGENT}', instructions: 'For ${AGENT}'}\n"
        "targets: [{type: agent, agent_id: '${AGENT}'}]\n"
        "notify: ['json://${USER}:${TOKEN}@example.com']\n"
    )
    HOSTILE = "s3cret'in quotes"
    ENVIRON: ClassVar = {"AGENT": "agent_12", "N": "20", "USER": "ops", "TOKEN": "agent_12_s3cret"}

    @pytest.fixture
    def pipeline(self, load: Load) -> Pipeline:
        return load(self.FILE, self.ENVIRON)

    def test_a_pipeline_prints_as_its_name(self, pipeline: Pipeline) -> None:
        """Airflow writes ``str()`` of what a DAG is built with into its database."""
        assert [str(pipeline), repr(pipeline), f"{pipeline}", f"{[pipeline]}"] == ["support"] * 3 + [
            "[support]"
        ]

    def test_what_a_variable_holds_is_shown_as_the_variable_the_longest_first(
        self, pipeline: Pipeline
    ) -> None:
        assert pipeline.secrets == ("agent_12_s3cret", "agent_12")
        assert (
            pipeline.shown("agent_12 with agent_12_s3cret, 20 for ops")
            == "${AGENT} with ${TOKEN}, 20 for ops"
        )

    def test_a_value_of_four_characters_stays_and_one_of_five_goes(self, load: Load) -> None:
        pipeline = load("targets: [{type: file, path: '${A}', key: '${B}'}]", {"A": "four", "B": "five5"})
        assert pipeline.shown("four five5") == "four ${B}"

    def test_a_file_without_variables_shows_everything(self, load: Load) -> None:
        pipeline = load(TARGETS)
        assert pipeline.secrets == ()
        assert pipeline.shown("agent_1") == "agent_1"

    @given(
        st.dictionaries(st.from_regex(r"[A-Z]{1,3}", fullmatch=True), st.text(min_size=5), max_size=3),
        st.data(),
    )
    def test_whatever_variables_hold_none_of_it_is_left(
        self, values: dict[str, str], data: st.DataObject
    ) -> None:
        targets = ({"type": "agent", "agent_id": "a"},)
        pipeline = Pipeline.model_validate({"name": "p", "targets": targets}, context=Variables(values))
        parts = st.sampled_from([*values.values(), " ", "."])
        shown = pipeline.shown("".join(data.draw(st.lists(parts))))
        left = re.sub(r"\$\{[A-Z]{1,3}\}", "\0", shown)
        assert not [value for value in values.values() if value in left]

    def test_each_key_says_whether_a_variable_is_in_it(self, pipeline: Pipeline) -> None:
        keys = [
            "sessions.limit",
            "dream.instructions",
            "dream.model",
            "targets",
            "notify",
            "dream",
            "dream.mod",
            "checks",
        ]
        assert [key for key in keys if pipeline.came_from_variable(key)] == [
            "sessions.limit",
            "dream.instructions",
            "targets",
            "notify",
            "dream",
        ]

    @pytest.mark.parametrize(
        "copied",
        [
            lambda pipeline: pickle.loads(pickle.dumps(pipeline)),
            copy.deepcopy,
            lambda pipeline: pipeline.model_copy(update={"conn_id": "other"}),
        ],
        ids=["pickled", "copied", "changed"],
    )
    def test_a_copy_knows_its_variables_too(
        self, pipeline: Pipeline, copied: Callable[[Pipeline], Pipeline]
    ) -> None:
        assert copied(pipeline).secrets == pipeline.secrets
        assert copied(pipeline).came_from_variable("sessions.limit")

    def test_which_variables_a_file_has_is_in_no_dump(self, pipeline: Pipeline) -> None:
        assert set(pipeline.model_dump()) == set(Pipeline.model_fields)
        assert "TOKEN" not in pipeline.model_dump_json()

    @pytest.mark.parametrize(
        ("text", "key"),
        [
            ("conn_id: 'a_${X}'", "conn_id"),
            ("pool: '${X}'", "pool"),
            ("schedule: {cron: '${X}'}", "schedule.cron"),
            ("schedule: {cron: '0 2 * * *', timezone: '${X}'}", "schedule.timezone"),
            ("approval: {assignees: [ada, '${X}']}", "approval.assignees.1"),
        ],
    )
    @pytest.mark.parametrize("environ", [{"X": "s3cret"}, {}], ids=["set", "unset"])
    def test_a_key_that_airflow_keeps_takes_no_variable(
        self, load: Load, text: str, key: str, environ: dict[str, str]
    ) -> None:
        message = mistakes(load, TARGETS + text, environ)
        assert message.startswith(f"include/pipelines/support.yaml: {key}: ${{X}} can't stand here: ")
        assert message.endswith("stands in Airflow's database, where it is shown with the DAG: write it out")

    @pytest.mark.parametrize(
        "text",
        [
            "sessions: {limit: '${X}'}",
            "sessions: '${X}'",
            "sessions: {mounted: '${X}'}",
            "dream: {timeout: '${X}'}",
            "approval: {mode: '${X}'}",
            "dream: {model: '${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}${X}'}",
            "dream: {budget: {usd: '${X}'}}",
            "dream: {model: ['${X}']}",
            "notify: {a: '${X}'}",
            "checks: {protect: ['!${X}', '!', '${X}\\']}",
        ],
    )
    def test_a_mistake_says_nothing_of_what_a_variable_holds(self, load: Load, text: str) -> None:
        with pytest.raises(ConfigError) as raised:
            load(TARGETS + text, {"X": self.HOSTILE})
        assert "s3cret" not in str(raised.value)
        assert "s3cret" not in "".join(traceback.format_exception(raised.value))

    @pytest.mark.parametrize("type_", ["${X}", "deploy${X}"])
    def test_nor_does_the_type_of_a_target(self, load: Load, type_: str) -> None:
        assert "s3cret" not in mistakes(load, f"targets: [{{type: '{type_}', agent_id: a}}]", {"X": "s3cret"})
