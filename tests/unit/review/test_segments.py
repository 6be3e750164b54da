"""A line in pieces that look the same: words, specifics and secrets, wherever they cross."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dreamflow.core.diffs import Piece, pieces_of
from dreamflow.rendering.segments import Mark, MaskedLines, Segment, segments_of

KEY = "sk_live_51HxQk2eZvKYlo2C9aB3xY7z"


def shown(segments: list[Segment]) -> str:
    return "".join(segment.text for segment in segments)


@given(st.text(alphabet="abc 1", max_size=30), st.text(alphabet="abc 1", max_size=30), st.data())
def test_segments_say_the_line_and_nothing_else(old: str, new: str, data: st.DataObject) -> None:
    pieces = pieces_of(old, new)[1]
    edges = sorted(data.draw(st.sets(st.integers(0, len(new)), max_size=6)))
    marks = [
        Mark(start, end, "said") for start, end in zip(edges[::2], edges[1::2], strict=False) if start < end
    ]
    segments = segments_of(pieces, marks)
    assert shown(segments) == new
    assert sum(segment.leads for segment in segments if segment.state) == len(marks)
    marked = "".join(segment.text for segment in segments if segment.state)
    assert marked == "".join(new[mark.start : mark.end] for mark in marks)


def test_a_secret_that_a_word_diff_cuts_is_masked_whole() -> None:
    line = f"The key is {KEY} now"
    cut = line.index(KEY) + 12
    pieces = [Piece(line[:cut], "same"), Piece(line[cut:], "new")]
    segments = MaskedLines(line).segments(1, pieces, [Mark(cut - 4, cut + 4, "said")])
    assert "…[" in shown(segments)
    for start in range(len(KEY) - 8):
        assert KEY[start : start + 8] not in shown(segments)


def test_every_line_of_a_private_key_is_masked() -> None:
    body = "abcdefghijklmnopqrstuvwxyz\n"
    text = f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\nAfter.\n"
    lines = MaskedLines(text)
    assert body.strip() not in shown(lines.segments(2, [Piece(body.strip(), "new")]))
    assert shown(lines.segments(4, [Piece("After.", "new")])) == "After."


def test_a_line_of_many_specifics_takes_no_time_for_each_pair() -> None:
    line = "A-1234 " * 14_000
    marks = [Mark(n * 7, n * 7 + 6, "said") for n in range(14_000)]
    assert shown(segments_of([Piece(line, "new")], marks)) == line
