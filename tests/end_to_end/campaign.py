"""A campaign with its four other records, as a test or the demo drives it through outdialctl."""

import csv
import pathlib
import tempfile
import threading
import time

from outdial import Ctl, wait_until

STOPPED, RUNNING, PAUSED = "CAMPAIGN_STATUS_STOP", "CAMPAIGN_STATUS_START", "CAMPAIGN_STATUS_PAUSE"

Flags = dict[str, str | int | float]


def flags_of(fields: Flags) -> list[str]:
    """`dial_mode="robo"` -> `--dial-mode robo`."""
    return [
        word
        for name, value in fields.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]


class Campaign:
    """Uuids of a campaign and of what belongs to it. Any thread, but for use()."""

    def __init__(self, ctl: Ctl, plan: Flags, destination: Flags, people: list[Flags],
                 campaign: Flags | None = None):
        """Makes the five kinds of records; the people's fields are columns of a CSV file."""
        self._ctl = ctl
        self.plan = self._create("plan", plan)
        self.dlma = self._create("dlma", {"name": "people"})
        self.destination = self._create("destination", destination)
        self.import_people(people)
        self.uuid = self._create("campaign", {
            "name": "end to end", "plan": self.plan, "dlma": self.dlma, "dest": self.destination,
            **(campaign or {})})

    def use(self, ctl: Ctl):
        """Goes on with a server that was started again."""
        self._ctl = ctl

    def _create(self, noun: str, fields: Flags) -> str:
        return self._ctl.row(noun, "create", *flags_of(fields))["uuid"]

    def import_people(self, people: list[Flags]):
        with tempfile.TemporaryDirectory(prefix="outdial-import-") as directory:
            file = pathlib.Path(directory) / "people.csv"
            write_csv(file, people)
            self._ctl.text("dl", "import", str(file), "--dlma", self.dlma)

    def set_status(self, verb: str):
        """`start`, `stop`, `pause` or `force-stop`."""
        self._ctl.text("campaign", verb, self.uuid)

    def show(self) -> dict:
        return self._ctl.row("campaign", "show", self.uuid)

    def status(self) -> str:
        return self.show().get("status", STOPPED)

    def wait_for(self, status: str, seconds: float):
        wait_until(lambda: self.status() == status, f"campaign is {status}", seconds)

    def stat(self) -> dict[str, int]:
        return counts_of(self._ctl.row("campaign", "stat", self.uuid))

    def entries(self) -> list[dict]:
        """Of its list."""
        return self._ctl.rows("dl", "show", "--dlma", self.dlma)

    def dialings(self) -> list[dict]:
        """Those in progress."""
        return self._ctl.rows("dialing", "show", "--camp-uuid", self.uuid)

    def results(self) -> list[dict]:
        """The dialings that have ended, oldest first."""
        return [
            result["dialing"]
            for result in self._ctl.rows("result", "export", "--camp-uuid", self.uuid)
        ]


def write_csv(file: pathlib.Path, rows: list[Flags]):
    with open(file, "w", newline="", encoding="utf-8") as out:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        writer = csv.DictWriter(out, columns)
        writer.writeheader()
        writer.writerows(rows)


def counts_of(stat: dict) -> dict[str, int]:
    """The numbers of a CampaignStat: JSON keeps 64-bit ones as text and leaves out zeros."""
    names = ("total", "finished", "available", "dialing", "called")
    return {name: int(stat.get(f"dl_{name}_count", 0)) for name in names}


class StatSampler:
    """Samples a campaign's statistics from a thread of its own while a `with` block runs."""

    def __init__(self, campaign: Campaign, every: float = 0.25):
        self._campaign = campaign
        self._every = every
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.samples: list[dict[str, int]] = []

    def __enter__(self) -> "StatSampler":
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._done.set()
        self._thread.join()

    def _run(self):
        while not self._done.wait(self._every):
            self.samples.append(self._campaign.stat())

    def problems(self, total: int) -> list[str]:
        """What does not add up in the samples."""
        found = []
        called_before = 0
        for at, sample in enumerate(self.samples):
            if sample["total"] != total:
                found.append(f"sample {at}: {total} entries expected: {sample}")
            if sample["finished"] + sample["available"] + sample["dialing"] != sample["total"]:
                found.append(f"sample {at}: does not add up: {sample}")
            if sample["called"] < called_before:
                found.append(f"sample {at}: calls were taken back from {called_before}: {sample}")
            called_before = sample["called"]
        return found
