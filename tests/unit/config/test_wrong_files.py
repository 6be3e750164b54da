"""The errors that a pipeline file gets when it says something else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.config import Pipeline, load_pipeline
from dreamflow.errors import ConfigError
from tests.unit.config.conftest import TARGETS, Load, mistakes

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
    ("night: {dreams: 0}", "night.dreams", ["0 is below 1"]),
    ("night: {budget: {usd: 0}}", "night.budget.usd", ["0 is not above 0"]),
    ("reports: {keep: PT0S}", "reports.keep", ["is not above"]),
    ('pool: ""', "pool", ["is empty"]),
    ("approval: {mode: maybe}", "approval.mode", ["'maybe' is not one of", "required", "when_flagged", "never"]),
    ("approval: {assignees: ada}", "approval.assignees", ["'ada' is not a list"]),
    ("approval: {assignees: [5]}", "approval.assignees.0", ["5 is not text"]),
    ("checks: {max_removed: 1.5}", "checks.max_removed", ["1.5 is above 1"]),
    ("checks: {max_shrunk: -1}", "checks.max_shrunk", ["-1 is below 0"]),
    ("checks: {secret: fail}", "checks.secret", ["'fail' is not one of note, flag, block, off"]),
    ("checks: {secret: on}", "checks.secret", ["True is not one of note, flag, block, off"]),
    ("checks: {secrets: block}", "checks.secrets", ["is not a key", "did you mean secret?"]),
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
    ("targets: [{deployment_id: depl_1}]", "targets.0", ["is missing its type: one of deployment, agent, file"]),
    ("targets: [{type: deploy}]", "targets.0", ["'deploy' is not one of deployment, agent, file"]),
    ("targets: [{type: deployment}]", "targets.0.deployment_id", ["is missing"]),
    ("targets: [{type: agent, agent_id: a, deployment_id: b}]", "targets.0.deployment_id", ["is not a key"]),
    ("targets: [{type: file, path: /x.yaml}]", "targets.0.key", ["is missing"]),
    ('targets: [{type: file, path: "", key: k}]', "targets.0.path", ["is empty"]),
    ("targets: [{type: agent, agent_id: a}, {type: agent, agent_id: a}]", "targets.1", ["stands there twice"]),
]  # fmt: skip

#: What a file without targets says, where it is wrong, and what the message must have.
WRONG_FLEETS = [
    (
        "fleet: {deployments: {name: a-*}}\n" + TARGETS,
        "targets",
        ["stands beside fleet:", "keep one of them"],
    ),
    ("fleet: {deployments: {name: a-*}}\ntargets: []", "targets", ["stands beside fleet:"]),
    ("fleet: {shards: 2}", "fleet", ["does not say who its members are", "deployments:", "members:"]),
    ("fleet: {deployments: {name: a-*}, members: s3://b/c}", "fleet", ["says twice who its members are"]),
    ("fleet: {deployments: {}}", "fleet.deployments", ["needs name: or metadata:"]),
    ("fleet: {deployments: support-*}", "fleet.deployments", ["'support-*' is not a set of keys"]),
    ("fleet: support-*", "fleet", ["'support-*' is not a set of keys"]),
    ("fleet:", "targets", ["is missing", "or a fleet:"]),
    ("fleet: {deployments: {metadata: {team: 5}}}", "fleet.deployments.metadata.team", ["5 is not text"]),
    ("fleet: {deployments: {metadata: {5: a}}}", "fleet.deployments.metadata.5", ["5 is not text"]),
    ("fleet: {deployments: {metadata: [team]}}", "fleet.deployments.metadata", ["is not a set of keys"]),
    ("fleet: {deployments: {name: 5}}", "fleet.deployments.name", ["5 is not text"]),
    ('fleet: {members: ""}', "fleet.members", ["is empty"]),
    ("fleet: {members: s3://b/c, shards: 0}", "fleet.shards", ["0 is below 1"]),
    ("fleet: {members: s3://b/c, shards: 65}", "fleet.shards", ["65 is above 64"]),
    ("fleet: {members: s3://b/c, shards: two}", "fleet.shards", ["'two' is not a whole number"]),
    ("fleet: {members: s3://b/c, concurrency: 0}", "fleet.concurrency", ["0 is below 1"]),
    ("fleet: {members: s3://b/c, concurrency: 201}", "fleet.concurrency", ["201 is above 200"]),
]

NOT_A_FILE = [
    ("", ["the file is empty"]),
    ("# only words", ["the file is empty"]),
    ("sessions:\n\tlimit: 5", ["line 2 is indented with a tab: use spaces"]),
    ("sessions:\n  limit: 5\n\tminimum: 1", ["line 3 is indented with a tab: use spaces"]),
    ("sessions:\n  limit: 5\n  \tminimum: 1", ["line 3 is indented with a tab: use spaces"]),
    ("targets:\n\t- {type: agent}", ["line 2 is indented with a tab: use spaces"]),
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

#: What the file says besides a good target, and what was meant.
MEANT = [
    ("session: {}", "sessions"),
    ("sessions: {limits: 5}", "limit"),
    ("dream: {budget: {token: 5}}", "tokens"),
    ("night: {budgets: {}}", "budget"),
    ("schedule: {crom: 0 2 * * *}", "cron"),
    ("targets: [{type: deployment, deploymentid: depl_1}]", "deployment_id"),
    ("targets: [{type: file, paht: a, key: b}]", "path"),
    ("targets: [{type: deploymnt, deployment_id: depl_1}]", "deployment"),
    ("targets: [{type: agents, agent_id: a}]", "agent"),
    ("fleet: {deployments: {names: a-*}}", "name"),
    ("fleet: {deployment: {name: a-*}}", "deployments"),
]


class TestWrongFiles:
    @pytest.mark.parametrize(("text", "meant"), MEANT, ids=[text for text, _ in MEANT])
    def test_a_mistyped_word_is_told_what_was_meant(self, load: Load, text: str, meant: str) -> None:
        told = mistakes(load, text if text.startswith(("targets", "fleet")) else TARGETS + text)
        assert f": did you mean {meant}?" in told

    @pytest.mark.parametrize("text", ["colour: blue", "nam: x", "dream: {limit: 5}"])
    def test_nothing_is_meant_where_nothing_is_near(self, load: Load, text: str) -> None:
        assert "did you mean" not in mistakes(load, TARGETS + text)

    @pytest.mark.parametrize(("text", "key", "said"), WRONG, ids=[text for text, _, _ in WRONG])
    def test_the_message_names_file_key_value_and_what_was_expected(
        self, load: Load, text: str, key: str, said: list[str]
    ) -> None:
        message = mistakes(load, f"{TARGETS}{text}\n")
        assert message.startswith(f"include/pipelines/support.yaml: {key}: ")
        assert all(words in message for words in said)

    @pytest.mark.parametrize(
        ("text", "key", "said"),
        WRONG_TARGETS + WRONG_FLEETS,
        ids=[t or "none" for t, _, _ in WRONG_TARGETS + WRONG_FLEETS],
    )
    def test_wrong_targets_and_fleets_are_named_by_their_place(
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

    @pytest.mark.parametrize("fleet", ["", "fleet: {shards: 2}\n"])
    def test_what_is_missing_is_told_with_the_rest(self, load: Load, fleet: str) -> None:
        message = mistakes(load, f"{fleet}sessions: {{limit: 0}}")
        assert "sessions.limit" in message
        assert ("targets: is missing" in message) == (not fleet)

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
                            "deployments",
                            "metadata",
                            "shards",
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
