"""Runs commands with their output in a log file, and shows that something is happening."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .config import LOGS, BuildError

PLAIN_INTERVAL = 20.0
TAIL_LINES = 30


class Stage:
    """The stage that is running: its name, its log file and when it began."""

    def __init__(self, name: str) -> None:
        """Begin the stage `name` with an empty log."""
        LOGS.mkdir(parents=True, exist_ok=True)
        self.name = name
        self.log = LOGS / f"{name}.log"
        self.log.write_bytes(b"")
        self.begin = time.monotonic()
        self._last_plain = self.begin

    def elapsed(self) -> str:
        """Return the time since the stage began, as m:ss."""
        seconds = int(time.monotonic() - self.begin)
        return f"{seconds // 60}:{seconds % 60:02d}"

    def say(self, text: str) -> None:
        """Print one lasting line for this stage, and write it to the log."""
        clear = "\r\x1b[K" if sys.stderr.isatty() else ""
        print(f"{clear}[{self.name} {self.elapsed()}] {text}", file=sys.stderr, flush=True)
        with self.log.open("a") as file:
            file.write(f"## {text}\n")

    def tick(self) -> None:
        """Show the last log line: on a terminal in place, elsewhere one line every 20 seconds."""
        if sys.stderr.isatty():
            width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
            line = f"[{self.name} {self.elapsed()}] {self._last_line()}"[:width]
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif time.monotonic() - self._last_plain >= PLAIN_INTERVAL:
            self._last_plain = time.monotonic()
            line = f"[{self.name} {self.elapsed()}] {self._last_line()[:140]}"
            print(line, file=sys.stderr, flush=True)

    def _last_line(self) -> str:
        lines = [line for line in self.tail(3).splitlines() if line.strip()]
        return lines[-1].strip() if lines else "..."

    def tail(self, count: int = TAIL_LINES) -> str:
        """Return the last lines of the log."""
        with self.log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 16384))
            text = file.read().decode(errors="replace")
        return "\n".join(text.replace("\r", "\n").splitlines()[-count:])

    def run(
        self,
        command: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        shown: Sequence[str | Path] | None = None,
    ) -> None:
        """Run `command` with its output in the log.

        Parameters
        ----------
        command
            program and arguments.
        cwd
            folder to run it in.
        env
            variables added to the present environment.
        shown
            what to write to the log instead of `command`.

        Raises
        ------
        BuildError
            the command is missing or failed; the message has the log's path and end.
        """
        words = [str(word) for word in command]
        told = [str(word) for word in shown or command]
        with self.log.open("ab") as log:
            log.write(f"\n$ {shlex.join(told)}\n".encode())
            log.flush()
            try:
                process = subprocess.Popen(
                    words,
                    cwd=cwd,
                    env={**os.environ, **(env or {})},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except FileNotFoundError as error:
                raise BuildError(f"{words[0]} not found; run `make prerequisites`") from error
            status = self._wait(process)
        if status:
            raise self.failure(f"{Path(told[0]).name} ended with status {status}")

    def _wait(self, process: subprocess.Popen[bytes]) -> int:
        try:
            while True:
                try:
                    return process.wait(timeout=1)
                except subprocess.TimeoutExpired:
                    self.tick()
        except BaseException:
            # The whole group: a compiler must not outlive an interrupted build.
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            raise

    def failure(self, reason: str) -> BuildError:
        """Return an error that shows the end of the log and its path."""
        rule = "-" * 72
        return BuildError(
            f"stage {self.name} failed: {reason}\n{rule}\n{self.tail()}\n{rule}\nlog: {self.log}"
        )


@contextmanager
def stage(name: str, title: str) -> Iterator[Stage]:
    """Announce a stage that has work to do, and how long it took when it is done."""
    running = Stage(name)
    running.say(title)
    yield running
    running.say("done")
