"""Pipeline files that look well at first sight."""

from __future__ import annotations

import json

import pytest
from airflow.sdk import CronTriggerTimetable
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.errors import ConfigError
from tests.unit.config.conftest import TARGETS, Load, mistakes


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
