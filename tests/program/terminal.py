"""A pseudo terminal with a process in it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from pathlib import Path

TIME_LIMIT = 60.0


class Terminal:
    """Start a program on a terminal of 100 columns and 30 rows; type and wait for what it shows."""

    def __init__(self, *command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> None:
        self.shown = ""
        self._seen = 0
        variables = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        variables |= {"NO_COLOR": "1", "TERM": "xterm"} | (env or {})
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execve(command[0], [str(word) for word in command], variables)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))

    def type(self, text: str) -> None:
        """Type text; a newline is the Enter key."""
        os.write(self._fd, text.encode())

    def wait_for_prompt(self, prompt: str = ">>> ") -> None:
        """Wait until a line can be edited: the editor has drawn the prompt once more."""
        self.wait_for(re.escape(f"{prompt}\x1b[{len(prompt) + 1}G"))

    def wait_for(self, pattern: str) -> str:
        """Wait until something that was not waited for is shown; return it."""
        end = time.monotonic() + TIME_LIMIT
        while not (found := re.compile(pattern).search(self.shown, self._seen)):
            if not self._read(end - time.monotonic()):
                raise AssertionError(f"{pattern!r} was not shown, only {self.shown!r}")
        self._seen = found.end()
        return found[0]

    def status(self) -> int:
        """Wait for the end; return the exit status, or minus the signal."""
        end = time.monotonic() + TIME_LIMIT
        while self._read(end - time.monotonic()):
            pass
        while True:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._pid = 0
                return os.waitstatus_to_exitcode(status)
            if time.monotonic() > end:
                raise AssertionError(f"the program has not ended; shown was {self.shown!r}")
            time.sleep(0.01)

    def _read(self, timeout: float) -> bool:
        """Read more; False at the end or when nothing has come."""
        if timeout <= 0 or not select.select([self._fd], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            # How Linux says that the last process has closed the terminal.
            return False
        self.shown += data.decode(errors="replace")
        return bool(data)

    def close(self) -> None:
        """End the program if it still runs."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)
