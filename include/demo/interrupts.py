"""Ctrl-C, a hang-up and a request to end, for a process that has started others and must leave none of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["INTERRUPTS", "Interrupts", "own_terminal"]


class Interrupts:
    """
    Raise KeyboardInterrupt once, with the signal's number; a later signal never interrupts the clean-up.

    :ivar ending: whether the clean-up is under way, so that nothing is raised any more.
    :ivar hurry: whether a signal came while ending: who waits wants it to be over.
    """

    def __init__(self) -> None:
        self.ending = False
        self.hurry = False
        self._held = False
        self._came: int | None = None

    def watch(self) -> None:
        """Take over the signals that end a program."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._receive)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Let no signal in before the block is done: what it has started has to be noted, too."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
            if self._came is not None:
                self._receive(self._came, None)

    def _receive(self, number: int, _frame: FrameType | None) -> None:
        if self._held:
            self._came = number
        elif self.ending:
            self.hurry = True
        else:
            self.ending = True
            raise KeyboardInterrupt(number)


#: The signals of this process.
INTERRUPTS = Interrupts()


@contextmanager
def own_terminal() -> Iterator[None]:
    """
    Take the terminal over from ``make`` while the block runs, so that Ctrl-C reaches this process alone.

    ``make`` would end itself by it, and the command with 130. A program of a shell's own has the terminal already.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        yield
        return
    before = os.tcgetpgrp(terminal)
    taken = before == os.getpgrp() != os.getpid()
    if taken:
        # Without this, handing the terminal back would stop this process; and make could not go on after Ctrl-Z.
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGTSTP, signal.SIG_IGN)
        os.setpgid(0, 0)
        os.tcsetpgrp(terminal, os.getpid())
    try:
        yield
    finally:
        if taken:
            os.tcsetpgrp(terminal, before)
        os.close(terminal)
