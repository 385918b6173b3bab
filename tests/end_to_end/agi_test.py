#!/usr/bin/env python3
"""A real Asterisk's dialplan adds entries to a dial list. Needs the lab (`./dev lab up`), whose
extensions.conf has the lines that a user would write."""

import pathlib
import socket
import sys
import unittest
import uuid

from outdial import Daemon

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
import ami  # noqa: E402
import lab_env  # noqa: E402

IN_CALL = "dial-list"
AFTER_HANGUP = "dial-list-after-hangup"


class DialplanDoorTest(unittest.TestCase):
    def setUp(self):
        self.lab = lab_env.load()
        self.daemon = self.enterContext(Daemon(
            f"asterisk:\n  - {{name: node1, host: 127.0.0.1, port: {self.lab.ami_ports[0]},"
            " username: outdial, secret: lab-secret}\n"
            "allowed_sip_hosts: [example.com]\n"
            "agi_listen: 127.0.0.1:0\n"))
        self.ctl = self.daemon.ctl
        self.dlma = self.ctl.row("dlma", "create", "--name", "callbacks")["uuid"]

    def call(self, context: str = IN_CALL, port: int | None = None, **variables: str) -> ami.Message:
        """Lets a call run through the extension; returns what it tells. The channel holds these
        variables, whose values hold no comma."""
        uniqueid = str(uuid.uuid4())
        variables = {
            "OUT_AGI": f"agi://127.0.0.1:{port or self.daemon.agi_port()}",
            "OUT_PATH": "out_dl_create", "DLMA": self.dlma, "NUMBERS": "1000", **variables}
        with ami.Ami(self.lab.ami_ports[0]) as session:
            session.action(
                "Originate", Channel=f"PJSIP/200{uuid.uuid4().int % 10**9}@trunk",
                ChannelId=uniqueid, Async="true", Context=context, Exten="add", Priority="1",
                Timeout="5000",
                Variable=",".join(f"{name}={value}" for name, value in variables.items()))
            return session.wait(
                lambda m: m.get("UserEvent") == "OutDlCreate" and m["Uniqueid"] == uniqueid, 20)

    def entries(self) -> list[dict]:
        return self.ctl.rows("dl", "show", "--dlma", self.dlma)

    def check_added(self, told: ami.Message) -> dict:
        """The channel was told of the list's one entry, which is returned."""
        self.assertEqual((told["AgiStatus"], told["Status"]), ("SUCCESS", "SUCCESS"), told)
        (entry,) = self.entries()
        self.assertEqual(told["Detail"], entry["uuid"])
        return entry

    def check_refused(self, told: ami.Message, why: str):
        self.assertEqual((told["AgiStatus"], told["Status"]), ("SUCCESS", "FAILED"), told)
        self.assertRegex(told["Detail"], why)
        self.assertEqual(self.entries(), [])

    def test_adds_an_entry_with_all_its_fields(self):
        entry = self.check_added(self.call(
            NUMBERS="1000::sip:ann@example.com:+49 (30) 1234", NAME="Zoë O'Neil", DETAIL="100 % sure",
            EMAIL="ann@example.com", UKEY="key 7", VARIABLES="a=1:at=10:30:__b=x=y"))
        self.assertEqual(
            entry["number"][:4], ["1000", "", "sip:ann@example.com", "+49 (30) 1234"])
        self.assertEqual(entry["name"], "Zoë O'Neil")
        self.assertEqual(entry["detail"], "100 % sure")
        self.assertEqual(entry["email"], "ann@example.com")
        self.assertEqual(entry["ukey"], "key 7")
        self.assertEqual(
            [(v["name"], v["value"]) for v in entry["variables"]],
            [("a", "1"), ("at", "10:30"), ("__b", "x=y")])

    def test_what_is_empty_is_not_given(self):
        entry = self.check_added(self.call())
        for field in ("name", "detail", "email", "ukey", "variables"):
            self.assertFalse(entry.get(field), entry)

    def test_adds_an_entry_once_the_caller_has_hung_up(self):
        self.check_added(self.call(AFTER_HANGUP))

    def test_tells_what_is_wrong(self):
        for variables, why in (
                ({"DLMA": ""}, "first argument must be the uuid of a dlma"),
                ({"DLMA": "callbacks"}, "^dlma must be a uuid"),
                ({"DLMA": "0190163d-8694-739b-aea5-966c26f8ad91"}, "^No such dlma$"),
                ({"NUMBERS": ""}, "at least one number"),
                ({"NUMBERS": ":".join("123456789")}, "there are 9 numbers"),
                ({"NUMBERS": "1000:what?"}, "^number 2 must be 1 to 64 of"),
                ({"VARIABLES": "a"}, "variable 1 must be written name=value"),
                ({"VARIABLES": "CALLERID(num)=1"}, "^the name of variable 1 must be"),
                ({"OUT_PATH": "other"}, "there is no `other` here"),
        ):
            with self.subTest(variables):
                self.check_refused(self.call(**variables), why)

    def test_without_outdiald_nothing_is_told(self):
        """Asterisk alone says so, in AGISTATUS."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        told = self.call(port=port)
        self.assertEqual((told["AgiStatus"], told["Status"]), ("FAILURE", ""), told)


if __name__ == "__main__":
    unittest.main()
