"""
The answer for one member of a fleet, which several may want to give at once: persons in the tab, on whichever web
server, and the member's run with what was answered for the rest.

Each writes a file of its own, which must not be there yet, numbered after the newest that it has seen. So whoever is
second finds out, and nobody's answer is overwritten: the newest file is how the answer stands. Where a life of the
question has no file, an answer in the run's journal stands: the tab noted it there before there were such files.
"""

from __future__ import annotations

import re
import uuid

from pydantic import BaseModel, ConfigDict

from dreamflow.records.folder import Folder
from dreamflow.records.journal import Answer, Journal

__all__ = ["ANSWERS", "AnswerFiles", "OwnAnswer"]

ANSWERS = re.compile(r"answer-(\d+)-\d+\.json")


class OwnAnswer(BaseModel):
    """
    How the answer for a member stands, in one life of the question.

    :ivar number: how often it has changed. :ivar answer: None: there is none, it was taken back, or could not be taken.
    :ivar taken: the member's run acts on it: nobody takes it back any more. :ivar key: tells the file from any other.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    number: int = 0
    answer: Answer | None = None
    taken: bool = False
    key: str = ""


class AnswerFiles(Folder):
    """The answers for a fleet's member in the folder of its run. ``cleared``: the life of the question."""

    def own_answer(self, cleared: int) -> OwnAnswer:
        """
        Return how the answer stands.

        :raises StateError: a file of it is cut, or not ours.
        """
        last = OwnAnswer()
        while noted := self._read(_name(cleared, last.number + 1), OwnAnswer.model_validate):
            last = noted.model_copy(update={"number": last.number + 1})
        if last.number == 0 and (answer := self._answer_in_journal()) and answer.cleared == cleared:
            return OwnAnswer(answer=answer)
        return last

    def _answer_in_journal(self) -> Answer | None:
        noted = self._read("journal", Journal.model_validate)
        return noted.answer if noted else None

    def follow_answer(
        self, last: OwnAnswer, cleared: int, answer: Answer | None, *, taken: bool = False
    ) -> bool:
        """
        Note an answer after the one that was seen last; None: that there is none any more.

        :return: False where somebody was faster: nothing was noted.
        """
        noted = OwnAnswer(number=last.number + 1, answer=answer, taken=taken, key=uuid.uuid4().hex)
        return self._create(_name(cleared, noted.number), noted.model_dump(mode="json"))

    def take_answer(self, cleared: int, rest: Answer | None) -> Answer | None:
        """
        Return the answer that the member's run acts on, which stands from now on.

        It is the one that was given for the member by itself, and ``rest`` only where there is none.
        """
        while True:
            last = self.own_answer(cleared)
            answer = last.answer or rest
            if last.taken or answer is None or self.follow_answer(last, cleared, answer, taken=True):
                return answer

    def keep_answer(self, cleared: int, digest: str) -> None:
        """
        Let what was answered in an earlier life of the question stand in this one, where it is about the same.

        One that the run acted on is not kept: who clears the question then wants to be asked again.

        :param digest: of what the member's output holds now.
        """
        now = self.own_answer(cleared)
        lives = {int(match[1]) for name in self._names() if (match := ANSWERS.fullmatch(name))}
        if answer := self._answer_in_journal():
            lives.add(answer.cleared)
        earlier = max((life for life in lives if life < cleared), default=None)
        if now.number or earlier is None:
            return
        last = self.own_answer(earlier)
        if last.answer is not None and not last.taken and last.answer.digest == digest:
            self.follow_answer(now, cleared, last.answer.model_copy(update={"cleared": cleared}))

    def forget_answers(self) -> None:
        """Forget all that was answered for the member: what it was about is done anew."""
        for name in self._names():
            if ANSWERS.fullmatch(name):
                self._delete(name)

    def drop_answer(self, cleared: int) -> None:
        """Note that the answer could not be taken: another may be given."""
        self.follow_answer(self.own_answer(cleared), cleared, None)


def _name(cleared: int, number: int) -> str:
    return f"answer-{cleared}-{number}"
