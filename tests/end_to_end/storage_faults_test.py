#!/usr/bin/env python3
"""What an operator does about the store: check it, back it up while calls are made, put the backup
back; and what outdiald says of a data directory that it can't use."""

import hashlib
import os
import pathlib
import subprocess
import unittest

from campaign import STOPPED, Campaign
from outdial import PROGRAMS, CtlError, Daemon, wait_until

SIMULATE = ("--simulate", "--accelerate", "100", "--agents", "10")
QUEUE = {"type": "application", "application": "Queue", "data": "sales"}
PLAN = {"dial_mode": "predictive", "trunk_name": "trunk", "retry_delay": 60, "max_retry1": 2}
COUNT = 200
SOUND, DAMAGED = 0, 1
NOBODY = 65534


def people() -> list[dict[str, str]]:
    return [{"name": f"person {i}", "number1": f"555{i:07}"} for i in range(COUNT)]


def digests(directory: pathlib.Path) -> dict[str, str]:
    """Every file below a directory with its digest: the same again when nothing was touched."""
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(directory.rglob("*")) if path.is_file()
    }


def damage(path: pathlib.Path, offset: int):
    """Turns one byte of a file over."""
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x55]))


def outdiald(*arguments: str | pathlib.Path, **options) -> subprocess.CompletedProcess:
    """Runs the server program to its end."""
    return subprocess.run([PROGRAMS / "outdiald", *arguments], capture_output=True, text=True,
                          timeout=60, check=False, **options)


def verify(data: pathlib.Path) -> subprocess.CompletedProcess:
    return outdiald("--verify", "--data-dir", data)


class StorageFaultsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = self.enterContext(Daemon(arguments=SIMULATE))
        self.data = self.daemon.home / "data"

    def dial_some(self) -> Campaign:
        """A campaign that has called some people and has calls in progress."""
        campaign = Campaign(self.daemon.ctl, PLAN, QUEUE, people())
        campaign.set_status("start")
        wait_until(lambda: campaign.stat()["called"] >= 50, "50 calls", 60)
        return campaign

    def test_a_backup_made_during_calls_is_put_back_and_goes_on(self):
        campaign = self.dial_some()
        before = campaign.stat()
        backup = self.daemon.ctl.row("backup", "create", "evening")
        campaign.wait_for(STOPPED, 90)
        self.assertEqual(self.daemon.terminate(), 0)
        directory = pathlib.Path(backup["directory"])
        self.assertEqual(directory, self.data / "backups" / "evening")

        lost = self.data.rename(self.daemon.home / "lost")
        restored = outdiald("--restore", lost / "backups" / "evening", "--data-dir", self.data)
        self.assertEqual(restored.returncode, 0, restored.stderr)
        self.assertIn(f"campaign {campaign.uuid} (end to end) was running", restored.stdout)
        self.assertEqual(verify(self.data).returncode, SOUND)
        self.daemon.start()
        self.assertIn("campaign_stopped", self.daemon.log_text())
        self.daemon.kill()
        self.daemon.start()
        campaign.use(self.daemon.ctl)
        self.stopped_by_the_restore(campaign, backup)
        self.assertGreaterEqual(campaign.stat()["called"], before["called"])
        campaign.set_status("start")
        campaign.wait_for(STOPPED, 90)
        self.assertEqual(campaign.stat()["finished"], COUNT)
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertEqual(verify(self.data).returncode, SOUND)

    def stopped_by_the_restore(self, campaign: Campaign, backup: dict):
        """It says why it stopped, and called nobody since the backup."""
        campaign.wait_for(STOPPED, 90)
        self.assertIn("was put back from a backup", campaign.show()["status_detail"])
        newest = max(dialing["tm_create"] for dialing in campaign.results())
        self.assertLessEqual(newest, backup["tm_last_event"])

    def test_a_killed_server_leaves_a_sound_store(self):
        self.dial_some()
        self.daemon.kill()
        before = digests(self.data)
        checked = verify(self.data)
        self.assertEqual(checked.returncode, SOUND, checked.stdout + checked.stderr)
        self.assertIn(f" {COUNT} entries,", checked.stdout)
        self.assertIn("is sound", checked.stdout)
        self.assertEqual(digests(self.data), before)

    def test_a_running_store_is_not_checked(self):
        checked = verify(self.data)
        self.assertEqual(checked.returncode, DAMAGED)
        self.assertIn("in use by another process", checked.stderr)
        self.daemon.ctl.text("plan", "create")

    def test_damaged_files_are_named_and_never_dialled_from(self):
        campaign = self.dial_some()
        self.daemon.terminate()
        self.daemon.start()  # what was in the log goes into tables
        self.daemon.terminate()
        tables = sorted((self.data / "rocksdb").glob("*.sst"))
        for table in tables:
            damage(table, 10)
        before = digests(self.data)
        checked = verify(self.data)
        self.assertEqual(checked.returncode, DAMAGED)
        for table in tables:
            self.assertIn(f"damaged: file {table}", checked.stdout)
        self.assertEqual(digests(self.data), before)
        with self.assertRaises(RuntimeError) as caught:
            self.daemon.start()
        self.assertIn("start_failed", str(caught.exception))
        self.assertIn(".sst", str(caught.exception))
        after = self.daemon.log_text().split("start_failed")[-1]
        self.assertNotIn(f"campaign={campaign.uuid}", after)

    def test_a_backup_that_was_cut_short_is_refused(self):
        self.dial_some()
        directory = pathlib.Path(self.daemon.ctl.row("backup", "create")["directory"])
        self.daemon.terminate()
        (directory / "BACKUP").unlink()
        restored = outdiald("--restore", directory, "--data-dir", self.daemon.home / "new")
        self.assertEqual(restored.returncode, 1)
        self.assertIn("cut short", restored.stderr)
        self.assertFalse((self.daemon.home / "new").exists())

    def test_a_name_is_taken_once(self):
        self.daemon.ctl.text("backup", "create", "one")
        with self.assertRaises(CtlError) as caught:
            self.daemon.ctl.text("backup", "create", "one")
        self.assertIn("give another name", caught.exception.stderr)

    def test_tasks_exclude_each_other(self):
        both = outdiald("--verify", "--restore", self.daemon.home, "--data-dir", self.data)
        self.assertEqual(both.returncode, 2)


class FullDiskTest(unittest.TestCase):
    """A file system of its own that is really full."""

    MEGABYTE = 1 << 20

    def setUp(self):
        self.daemon = Daemon(arguments=SIMULATE)
        self.addCleanup(self.daemon.__exit__)
        self.data = self.daemon.home / "data"
        self.data.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", self.data],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            self.skipTest("a file system is mounted by root alone")
        # Before the directory is removed, and after the server has ended.
        self.addCleanup(subprocess.run, ["umount", "--lazy", self.data], check=True)
        self.addCleanup(self.kill_if_it_runs)
        self.daemon.start()

    def kill_if_it_runs(self):
        if self.daemon.runs():
            self.daemon.kill()

    def fill(self):
        with open(self.data / "hog", "wb", buffering=0) as hog:
            try:
                while True:
                    hog.write(bytes(self.MEGABYTE))
            except OSError:
                pass

    def import_until_full(self, campaign: Campaign):
        """RocksDB takes room for its log ahead: some changes still find place."""
        people_of_a_town = [{"name": "x" * 800, "number1": f"666{i:07}"} for i in range(60000)]
        with self.assertRaises(CtlError):
            campaign.import_people(people_of_a_town)

    def test_dialling_stops_with_its_reason_and_goes_on_by_itself(self):
        campaign = Campaign(self.daemon.ctl, PLAN, QUEUE, people())
        campaign.set_status("start")
        wait_until(lambda: campaign.stat()["called"] >= 5, "5 calls", 30)
        self.fill()
        self.import_until_full(campaign)
        wait_until(lambda: "store_full" in self.daemon.log_text(), "the log tells", 10)
        wait_until(lambda: "disk is full" in campaign.show().get("wait_detail", ""),
                   "the campaign tells", 10)
        with self.assertRaises(CtlError) as refused:
            campaign.set_status("pause")
        self.assertIn("the server's disk is full", refused.exception.stderr)
        with self.assertRaises(CtlError) as refused:
            self.daemon.ctl.text("backup", "create")
        self.assertIn("disk is full", refused.exception.stderr)
        before = campaign.stat()

        (self.data / "hog").unlink()
        wait_until(lambda: "store_writable" in self.daemon.log_text(), "it goes on", 30)
        wait_until(lambda: campaign.stat()["called"] > before["called"], "calls go on", 60)
        self.assertEqual(campaign.stat()["total"], before["total"])
        self.assertEqual(self.daemon.terminate(), 0)
        self.assertEqual(verify(self.data).returncode, SOUND)


class BadDirectoryTest(unittest.TestCase):
    """Each is told with its remedy, and left as it is."""

    def setUp(self):
        self.daemon = Daemon(arguments=SIMULATE)
        self.addCleanup(self.daemon.__exit__)
        self.home = self.daemon.home
        self.data = self.home / "data"

    def refused(self, text: str, **options):
        before = digests(self.home)
        process = outdiald("--simulate", "--listen", "127.0.0.1:0", "--data-dir", self.data,
                           **options)
        self.assertEqual(process.returncode, 1, process.stdout)
        self.assertIn("start_failed", process.stdout + process.stderr)
        self.assertIn(text, process.stdout + process.stderr)
        self.assertEqual(digests(self.home), before)

    def test_files_of_another_program(self):
        self.data.mkdir()
        (self.data / "thesis.txt").write_text("ten years of work")
        self.refused("holds files that are not Outdial's (thesis.txt)")

    def test_a_file(self):
        self.data.write_text("not a directory")
        self.refused("is a file, not a directory")

    def test_a_directory_in_use(self):
        with self.daemon:
            process = outdiald("--simulate", "--listen", "127.0.0.1:0", "--data-dir", self.data)
            self.assertEqual(process.returncode, 1)
            self.assertIn("in use by another process", process.stdout + process.stderr)

    @unittest.skipUnless(os.geteuid() == 0, "another user's directory is made by root alone")
    def test_a_directory_of_another_user(self):
        self.data.mkdir(mode=0o755)
        self.home.chmod(0o755)
        self.refused(f"by the user with uid {NOBODY}", user=NOBODY)


if __name__ == "__main__":
    unittest.main()
