#!/usr/bin/env python3
"""Who may use Outdial's actions, who sees its events, and what reaches Asterisk on whose
connection. Needs the lab (`./dev lab up`)."""

import unittest

import lab_front
from ami_wire import AmiWire, Message
from forwarder import Forwarder

DENIED = "Permission denied"
# The lab's users: `lab` may do much, `outdial` as well, `watcher` may only look.
USES_AND_SEES = "{logins: [lab], use: true, see: true}"


class AmiAccessTest(unittest.TestCase):
    def setUp(self):
        self.forwarder = self.enterContext(Forwarder(lab_front.lab_env.load().ami_ports[0]))

    def start(self, *access: str):
        self.daemon = lab_front.start(self.enterContext, self.forwarder.port, *access)

    def client(self, username: str | None = None, **headers: str) -> AmiWire:
        """Logged in, where a name is given."""
        wire = self.enterContext(AmiWire(self.daemon.ami_port()))
        if username:
            self.assert_success(wire.login(username, **headers))
        return wire

    def assert_success(self, message: Message):
        self.assertEqual(message.get("Response"), "Success", message)

    def assert_denied(self, message: Message):
        self.assertEqual(message.get("Response"), "Error", message)
        self.assertTrue(message.get("Message").startswith(DENIED), message)

    def make_plan(self, wire: AmiWire, name: str = "any") -> str:
        created = wire.action("OutPlanCreate", Name=name)
        self.assert_success(created)
        return created.get("Uuid")

    def sees_plans(self, viewer: AmiWire, maker: AmiWire) -> bool:
        """Whether an event of a plan that is made now comes to the viewer. What is to come has come
        when two later changes' events are with one who sees them, and an answer from Asterisk is
        with the viewer."""
        for _ in range(2):
            plan = self.make_plan(maker)
            maker.wait_for("Event: OutPlanCreate", f"Uuid: {plan}")
        viewer.action("Ping")
        return bool(viewer.events("Out"))

    def test_without_configuration_nobody_has_a_part_in_outdial(self):
        self.start()
        for username in ("lab", "outdial", "watcher"):
            wire = self.client(username)
            for action in ("OutPlanCreate", "OutCampaignShow", "OutDialingSummary", "OutNoSuch"):
                self.assert_denied(wire.action(action))
        self.daemon.ctl.text("plan", "create")
        wire.action("Ping")
        self.assertEqual(wire.events("Out"), [])
        self.assertEqual(len(self.daemon.ctl.rows("plan", "show")), 1)

    def test_a_login_without_rights_does_with_asterisk_what_it_always_could(self):
        self.start(USES_AND_SEES)
        watcher, lab = self.client("watcher"), self.client("lab")
        self.assert_denied(watcher.action("OutPlanCreate", Name="not to be"))
        self.assertFalse(self.sees_plans(watcher, lab))
        self.assertEqual(watcher.action("Ping").get("Ping"), "Pong")
        channels = watcher.action("CoreShowChannels", ActionID="channels")
        self.assertEqual(channels.get("EventList"), "start")
        watcher.wait_for("Event: CoreShowChannelsComplete", "ActionID: channels")
        # What Asterisk denies it, it is denied by Asterisk.
        self.assert_denied(watcher.action("Originate", Channel="Local/x@y", Application="Wait"))
        self.assertNotIn("not to be", self.daemon.ctl.text("plan", "show"))

    def test_to_use_and_to_see_are_two_rights(self):
        self.start("{logins: [lab], use: true}", "{logins: [outdial], see: true}")
        user, viewer = self.client("lab"), self.client("outdial")
        plan = self.make_plan(user)
        viewer.wait_for("Event: OutPlanCreate", f"Uuid: {plan}")
        self.assert_denied(viewer.action("OutPlanShow"))
        user.action("OutPlanShow", ActionID="show")
        user.wait_for("Event: OutPlanListComplete", "ActionID: show")
        user.action("Ping")
        self.assertEqual(user.events("OutPlanCreate"), [])

    def test_rights_hold_from_named_networks_only(self):
        self.start("{logins: [lab], networks: [192.0.2.0/24], use: true, see: true}",
                   "{logins: [outdial], networks: [127.0.0.0/8], use: true, see: true}")
        self.assert_denied(self.client("lab").action("OutPlanShow"))
        self.make_plan(self.client("outdial"))

    def test_rights_are_those_of_the_login_that_asterisk_accepted(self):
        self.start(USES_AND_SEES)
        relogged = self.client("watcher")
        self.assertEqual(relogged.login("lab").get("Message"), "Already authenticated")
        self.assert_denied(relogged.action("OutPlanShow"))
        # Asterisk takes the first of two.
        two_names = self.client()
        two_names.send(b"Action: Login\r\nActionID: in\r\nUsername: watcher\r\nUsername: lab\r\n"
                       b"Secret: lab-secret\r\n\r\n")
        self.assert_success(two_names.wait_for("ActionID: in"))
        self.assert_denied(two_names.action("OutPlanShow"))
        cut_name = self.client()
        cut_name.send(b"Action: Login\r\nActionID: in\r\nUsername: watcher\r\nX: 1\0\nUsername: lab"
                      b"\r\nSecret: lab-secret\r\n\r\n")
        self.assert_success(cut_name.wait_for("ActionID: in"))
        self.assert_denied(cut_name.action("OutPlanShow"))
        refused = self.client()
        refused.send(b"Action: Login\r\nActionID: in\r\nUsername: lab\r\nSecret: wrong\r\n\r\n"
                     b"Action: OutPlanShow\r\nActionID: show\r\n\r\n")
        self.assertEqual(
            refused.wait_for("ActionID: in").get("Message"), "Authentication failed")
        refused.wait_until_closed()
        self.assertNotIn(b"Success", refused.received)

    def test_before_login_there_is_nothing_to_use(self):
        self.start(USES_AND_SEES)
        wire = self.client()
        self.assert_denied(wire.action("OutPlanCreate"))
        self.assert_success(wire.login("LAB"))  # as Asterisk compares names
        self.make_plan(wire)

    def test_a_mask_and_a_logoff_hold_for_outdials_events_too(self):
        self.start(USES_AND_SEES)
        maker = self.client("lab")
        silent = self.client("lab", Events="off")
        masked = self.client("lab")
        self.assert_success(masked.action("Events", EventMask="call"))
        for viewer in (silent, masked):
            self.assertFalse(self.sees_plans(viewer, maker))
            self.assert_success(viewer.action("Events", EventMask="message"))
            self.assertTrue(self.sees_plans(viewer, maker))
        self.assertEqual(silent.action("Logoff").get("Response"), "Goodbye")
        silent.wait_until_closed()

    def test_nothing_of_outdial_reaches_asterisk_and_nothing_of_a_client_anothers_connection(self):
        self.start(USES_AND_SEES)
        earlier = len(self.forwarder.recordings)
        # Each client's bytes bear its mark.
        clients = {"mark-one": self.client("lab", ActionID="mark-one-in"),
                   "mark-two": self.client("watcher", ActionID="mark-two-in"),
                   "mark-three": self.client("lab", ActionID="mark-three-in")}
        for turn in range(20):
            for mark, wire in clients.items():
                wire.send(
                    f"Action: Ping\r\nActionID: {mark}-{turn}\r\n\r\n"
                    f"Action: OutPlanCreate\r\nActionID: {mark}-out-{turn}\r\nName: {mark}\r\n\r\n"
                    f"Action: CoreStatus\r\nActionID: {mark}-after-{turn}\r\n\r\n".encode())
        for mark, wire in clients.items():
            answers = [wire.wait_for("Response:") for _ in range(60)]
            self.assertEqual(
                [answer.get("ActionID") for answer in answers],
                [f"{mark}-{kind}{turn}" for turn in range(20) for kind in ("", "out-", "after-")])
        connections = [bytes(r.to_target) for r in self.forwarder.recordings]
        for number, sent in enumerate(connections):
            self.assertNotIn(b"OutPlan", sent)
            marks = [mark for mark in clients if mark.encode() in sent]
            self.assertEqual(len(marks), int(number >= earlier), (number, marks))
        self.assertEqual(len(connections) - earlier, len(clients))


if __name__ == "__main__":
    unittest.main()
