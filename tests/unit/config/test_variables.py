"""Variables of the environment in a pipeline file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.config import AgentTarget, FileTarget, load_pipeline
from tests.unit.config.conftest import TARGETS, Load, mistakes


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
        monkeypatch.setenv("DREAMFLOW_TEST_CONN", "from_the_environment")
        path = tmp_path / "x.yaml"
        path.write_text(f"{TARGETS}conn_id: ${{DREAMFLOW_TEST_CONN}}", encoding="utf-8")
        assert load_pipeline(path).conn_id == "from_the_environment"
