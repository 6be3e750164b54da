"""The SDK's failures, as errors of our own that say what to do."""

from __future__ import annotations

from datetime import UTC, datetime

import anthropic
import httpx2
import pytest
from anthropic.types.beta.sessions import (
    BetaManagedAgentsAgentThinkingEvent,
    BetaManagedAgentsAgentToolResultEvent,
    BetaManagedAgentsAgentToolUseEvent,
)
from hypothesis import given
from hypothesis import strategies as st

from dreamflow.errors import (
    AccessDenied,
    Conflict,
    NotFound,
    RateLimited,
    RequestRejected,
    ServiceError,
    ServiceUnavailable,
)
from dreamflow.hooks._convert import conflicting_memory_of, said_of, service_time_of, translated
from tests.unit.support import at


def answered(status: int, body: object = None, **headers: str) -> ServiceError:
    """Return what a call raises that is answered so, through the SDK itself."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if isinstance(body, bytes):
            return httpx2.Response(status, content=body, headers=headers)
        return httpx2.Response(status, json=body, headers=headers)

    http = httpx2.Client(transport=httpx2.MockTransport(answer))
    client = anthropic.Anthropic(api_key="k", base_url="http://service", max_retries=0, http_client=http)
    with pytest.raises(ServiceError) as raised, translated("read memory store memstore_1"):
        _ = client.beta.memory_stores.retrieve("memstore_1").created_at.year
    assert str(raised.value).startswith("could not read memory store memstore_1: ")
    return raised.value


def error_body(kind: str, message: str) -> dict[str, object]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


@pytest.mark.parametrize(
    ("status", "error", "advice"),
    [
        (400, RequestRejected, "correct it"),
        (401, AccessDenied, "Check the API key"),
        (403, AccessDenied, "Check the API key"),
        (404, NotFound, "Check the id"),
        (408, ServiceUnavailable, "try again"),
        (409, Conflict, "changed since it was read"),
        (413, RequestRejected, "correct it"),
        (422, RequestRejected, "correct it"),
        (429, RateLimited, "asks to wait"),
        (500, ServiceUnavailable, "try again"),
        (502, ServiceUnavailable, "try again"),
        (503, ServiceUnavailable, "try again"),
        (529, RateLimited, "asks to wait"),
    ],
)
def test_every_status_becomes_one_error_with_what_was_said_and_what_to_do(
    status: int, error: type[ServiceError], advice: str
) -> None:
    raised = answered(status, error_body("some_error", "what the service says"))
    assert type(raised) is error
    assert raised.status == status
    for words in (str(status), "some_error", "what the service says", advice):
        assert words in str(raised)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 0.0), ("1.5", 1.5), ("999999", 3600.0), ("inf", 3600.0)]
)
def test_the_wait_that_the_service_asks_for_is_kept_and_bounded(header: str, seconds: float) -> None:
    assert answered(429, {}, **{"retry-after": header}).retry_after == seconds


@pytest.mark.parametrize("header", ["", "soon", "-1", "nan", "Sat, 21 Nov 2026 03:00:00 GMT"])
def test_a_wait_that_can_not_be_read_is_none(header: str) -> None:
    assert answered(429, {}, **{"retry-after": header}).retry_after is None


@pytest.mark.parametrize("told", ["in the error", "in its details"])
def test_which_memory_has_the_path_is_read_from_the_refusal(told: str) -> None:
    body = error_body("memory_path_conflict_error", "the path is taken")
    error: dict[str, object] = body["error"]  # type: ignore[assignment]
    more = {"conflicting_memory_id": "mem_1", "conflicting_path": "/a.md"}
    error.update(more if told == "in the error" else {"details": more})
    assert conflicting_memory_of(answered(409, body)) == "mem_1"


@pytest.mark.parametrize(
    "body",
    [None, b"", b"no", [], {}, {"error": "x"}, {"error": {"details": None}}, {"error": {"details": []}}],
)
def test_a_refusal_that_names_no_memory_is_read_as_well(body: object) -> None:
    assert conflicting_memory_of(answered(409, body)) is None


@given(st.sampled_from([400, 404, 409, 429, 500, 529]), st.binary(max_size=60))
def test_a_refusal_that_is_no_json_is_an_error_all_the_same(status: int, body: bytes) -> None:
    assert answered(status, body).status == status


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"{", b"", b"null", b"[]", b'"x"', b"\xff\xfe"])
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
def test_a_good_answer_that_can_not_be_read_may_pass(body: bytes, content_type: str) -> None:
    raised = answered(200, body, **{"content-type": content_type})
    assert isinstance(raised, ServiceUnavailable)
    assert "can't be read" in str(raised)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx2.ConnectError("refused"), "no connection"),
        (httpx2.ReadError("reset"), "no connection"),
        (httpx2.ReadTimeout("slow"), "no answer in time"),
        (httpx2.RemoteProtocolError("cut"), "no connection"),
    ],
)
def test_no_answer_at_all_may_pass(failure: Exception, words: str) -> None:
    def fail(request: httpx2.Request) -> httpx2.Response:
        raise failure

    http = httpx2.Client(transport=httpx2.MockTransport(fail))
    client = anthropic.Anthropic(api_key="k", base_url="http://service", max_retries=0, http_client=http)
    with pytest.raises(ServiceUnavailable, match=words) as raised, translated("read a store"):
        client.beta.memory_stores.retrieve("memstore_1")
    assert raised.value.status is None


@pytest.mark.parametrize(
    "dated",
    [
        "Sat, 21 Nov 2026 03:00:00 GMT",
        "Sat, 21 Nov 2026 04:00:00 +0100",
        "Sat, 21 Nov 2026 03:00:00 -0000",
        "Sat, 21 Nov 2026 03:00:00",
        "Sat, 21 Nov 2026 03:00:00 GMT, Sat, 21 Nov 2026 03:00:02 GMT",
    ],
)
def test_the_time_of_an_answer_is_read_also_where_a_proxy_has_dated_it_again(dated: str) -> None:
    assert service_time_of(dated, at(0)) == datetime(2026, 11, 21, 2, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "dated", [None, "", "soon", "2026-11-21T03:00:00Z", "Sat, 21 Nov 2026 03:00:00 +9999"]
)
def test_an_answer_whose_date_can_not_be_read_has_our_time(dated: str | None) -> None:
    assert service_time_of(dated, at(0)) == at(-5)


@given(st.text() | st.from_regex(r"\w{3}, \d{1,9} Nov \d{1,9} \d\d:\d\d:\d\d [+-]\d{1,5}(, .*)?"))
def test_every_date_gives_a_moment_in_a_zone(dated: str) -> None:
    assert service_time_of(dated, at(0)).utcoffset() is not None


def test_our_own_errors_pass_unchanged() -> None:
    with pytest.raises(NotFound, match=r"^gone$"), translated("read a store"):
        raise NotFound("gone")


def test_an_event_says_the_text_of_every_kind_of_block() -> None:
    event = BetaManagedAgentsAgentToolResultEvent.model_validate(
        {
            "id": "sevt_1",
            "type": "agent.tool_result",
            "tool_use_id": "sevt_0",
            "processed_at": "2026-11-06T08:12:00Z",
            "content": [
                {"type": "text", "text": "one"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AAAA"}},
                {
                    "type": "document",
                    "title": "two",
                    "context": "three",
                    "source": {"type": "text", "media_type": "text/plain", "data": "four"},
                },
                {
                    "type": "search_result",
                    "title": "five",
                    "source": "https://six.example.com",
                    "citations": {"enabled": True},
                    "content": [{"type": "text", "text": "seven"}],
                },
            ],
        }
    )
    said = said_of(event)
    assert said is not None
    assert said.text.split("\n") == [
        "one",
        "two",
        "three",
        "four",
        "five",
        "https://six.example.com",
        "seven",
    ]
    assert (said.role, said.tool) == ("tool", "")


def test_a_tools_use_says_what_the_tool_was_given_and_a_signal_says_nothing() -> None:
    known = {"id": "sevt_1", "processed_at": "2026-11-06T08:12:00Z"}
    use = {**known, "type": "agent.tool_use", "name": "read", "input": {"file_path": "/é.md"}}
    said = said_of(BetaManagedAgentsAgentToolUseEvent.model_validate(use))
    assert said is not None
    assert (said.role, said.tool, said.tool_input) == ("agent", "read", {"file_path": "/é.md"})
    assert said.text == '{"file_path": "/é.md"}'
    thinking = BetaManagedAgentsAgentThinkingEvent.model_validate({**known, "type": "agent.thinking"})
    assert said_of(thinking) is None


def test_half_a_surrogate_pair_that_a_tool_printed_keeps_no_event_from_being_kept() -> None:
    path: dict[str, object] = {"file_path": "/mnt/memory/support/cut \ud83d.md", "lines": ["\udc00", 1]}
    event = BetaManagedAgentsAgentToolUseEvent.model_construct(
        id="sevt_1", type="agent.tool_use", name="read", input=path, processed_at=at(8)
    )
    said = said_of(event)
    assert said is not None
    assert "cut ?.md" in said.text
    assert said.text.encode()
    assert said.tool_input == {"file_path": "/mnt/memory/support/cut ?.md", "lines": ["?", 1]}
