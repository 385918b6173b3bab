"""Runs outdiald and outdialctl as a user would. Objects belong to the thread that made them, but
for Ctl, which any thread may use."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAMS = pathlib.Path(os.environ.get("OUTDIAL_PROGRAMS", ROOT / "build" / "release" / "bin"))
START_SECONDS = 30


class CtlError(Exception):
    """outdialctl ended with another status than 0."""

    def __init__(self, arguments: tuple[str, ...], process: subprocess.CompletedProcess):
        super().__init__(f"outdialctl {' '.join(arguments)}: {process.stderr.strip()}")
        self.status = process.returncode
        self.stderr = process.stderr


class Ctl:
    """The CLI against one server."""

    def __init__(self, server: str, programs: pathlib.Path = PROGRAMS):
        self.server = server
        self._command = [str(programs / "outdialctl"), "--server", server]

    def text(self, *arguments: str, seconds: float = 60) -> str:
        """Standard output of a command. Raises CtlError."""
        process = subprocess.run(
            [*self._command, *arguments], capture_output=True, text=True, timeout=seconds,
            check=False)
        if process.returncode != 0:
            raise CtlError(arguments, process)
        return process.stdout

    def rows(self, *arguments: str, seconds: float = 60) -> list[dict]:
        """Records that a command printed, one object each."""
        output = self.text("--output", "jsonl", *arguments, seconds=seconds)
        return [json.loads(line) for line in output.splitlines()]

    def row(self, *arguments: str, seconds: float = 60) -> dict:
        """The one record that a command printed."""
        (record,) = self.rows(*arguments, seconds=seconds)
        return record

    def start(self, *arguments: str, quiet: bool = False) -> subprocess.Popen:
        """A command that runs beside the caller, its standard output readable by line. `quiet`: its
        errors are not shown."""
        return subprocess.Popen(
            [*self._command, *arguments], stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL if quiet else None)


class Daemon:
    """One outdiald with its data, in a directory of its own that outlives restarts."""

    def __init__(self, configuration: str = "", arguments: tuple[str, ...] = (),
                 programs: pathlib.Path = PROGRAMS):
        self._programs = programs
        self._arguments = arguments
        self._directory = tempfile.TemporaryDirectory(prefix="outdial-")
        self.home = pathlib.Path(self._directory.name)
        self.log = self.home / "outdiald.log"
        self._config = self.home / "outdiald.yaml"
        self.configure(configuration)
        self._process: subprocess.Popen | None = None
        self._server = ""
        self._log_offset = 0  # where the log of this start begins

    def configure(self, configuration: str):
        """Replaces its configuration, which may name files in `home`; holds from the next start."""
        self._config.write_text(configuration, encoding="utf-8")

    def __enter__(self) -> "Daemon":
        self.start()
        return self

    def __exit__(self, *_):
        if self._process:
            self.kill()
        self._directory.cleanup()

    @property
    def ctl(self) -> Ctl:
        return Ctl(self._server, self._programs)

    def start(self):
        """Starts it on a port of the system's choice and waits until it answers."""
        self.launch()
        self._wait_for_address()

    def launch(self):
        """Starts it, and does not wait."""
        with open(self.log, "ab") as log:
            self._log_offset = log.tell()
            self._process = subprocess.Popen(
                [self._programs / "outdiald", "--config", self._config, "--listen", "127.0.0.1:0",
                 "--data-dir", self.home / "data", *self._arguments],
                stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)

    def ami_port(self) -> int:
        """Where AMI clients connect: `ami_listen` of this start; of several addresses the first."""
        return self._port_of("ami_listening")

    def agi_port(self) -> int:
        """Where dialplans connect: `agi_listen` of this start."""
        return self._port_of("agi_listening")

    def metrics_port(self) -> int:
        """Where Prometheus asks: `metrics_listen` of this start."""
        return self._port_of("metrics_listening")

    def _port_of(self, fact: str) -> int:
        listening = wait_until(
            lambda: re.search(rf'\b{fact} address="?[^"\s]+:(\d+)["\s]',
                              self._log_of_this_start()),
            fact, START_SECONDS)
        return int(listening.group(1))

    @property
    def pid(self) -> int:
        return self._process.pid

    def find_server(self) -> bool:
        """Whether the start that was launched last answers by now; then `ctl` talks to it. Any
        thread."""
        listening = re.search(r'\blistening address="?([^" ]+)', self._log_of_this_start())
        if listening:
            self._server = listening.group(1)
        return listening is not None

    def _wait_for_address(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.find_server():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise RuntimeError(f"outdiald did not start:\n{self._log_of_this_start()}")

    def _log_of_this_start(self) -> str:
        with open(self.log, "rb") as log:
            log.seek(self._log_offset)
            return log.read().decode("utf-8", errors="replace")

    def log_text(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def kill(self):
        """Ends it as a crash would."""
        self._end(signal.SIGKILL)

    def terminate(self, seconds: float = 15) -> int:
        """Asks it to end; returns its exit status. Raises TimeoutExpired."""
        return self._end(signal.SIGTERM, seconds)

    def _end(self, which: signal.Signals, seconds: float = 15) -> int:
        process, self._process = self._process, None
        process.send_signal(which)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def wait_until(condition, what: str, seconds: float, every: float = 0.1):
    """Returns the condition's first true value. Raises AssertionError after the time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(every)
