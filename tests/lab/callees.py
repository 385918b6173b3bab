#!/usr/bin/env python3
"""Writes the SIPp scenario of the lab's callees: callees.py FILE.

One SIPp plays every person that is called, and the queue's agents too. The first three characters
of the called number choose what that person does (see BEHAVIOURS). Each call writes to SIPp's log
what happened to it, as seen by the callee, one line per fact:

    <SIPp's timestamp> <fact> number=<called number> call=<Call-ID>

with the facts invite, answer, cancel (the caller gave up), bye (the caller hung up), hangup (the
callee hung up), refuse. So tests count calls where they arrive, not where they were ordered.
"""

import sys

RING_MS = 500
TALK_MS = 2000
# An INVITE without any reply is repeated for 32 s: the silent callee outlasts it, so that a
# repetition never looks like another call.
SILENCE_MS = 40000

# Final answers by the number's first three digits.
REFUSALS = {
    403: "Forbidden",
    404: "Not Found",
    408: "Request Timeout",
    480: "Temporarily Unavailable",
    484: "Address Incomplete",
    486: "Busy Here",
    488: "Not Acceptable Here",
    500: "Server Internal Error",
    503: "Service Unavailable",
    603: "Decline",
}

# What a number that begins so does; the label is where its part of the scenario begins.
BEHAVIOURS = {
    "100": ("answers, hangs up after 2 s", "RING_THEN_HANG_UP"),
    "200": ("answers, stays", "RING_THEN_STAY"),
    "183": ("early media, then answers and stays", "EARLY_MEDIA"),
    "180": ("rings for ever", "RING_FOR_EVER"),
    "999": ("silent: no reply at all", "SILENT"),
    **{str(code): (f"{code} {reason}", f"REFUSE_{code}") for code, reason in REFUSALS.items()},
}

HEADERS = """[last_Via:]
[last_From:]
[last_To:]{tag}
[last_Call-ID:]
{cseq}
Contact: <sip:callee@[local_ip]:[local_port];transport=[transport]>
"""

SDP = """Content-Type: application/sdp
Content-Length: [len]

v=0
o=callee 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def log(fact: str) -> str:
    message = f"[timestamp] {fact} number=[$number] call=[call_id]"
    return f'<nop><action><log message="{message}"/></action></nop>\n'


def label(name: str) -> str:
    return f'<label id="{name}"/>\n'


def goto(name: str) -> str:
    return f'<nop next="{name}"/>\n'


def send(message: str, until_answered: bool = False) -> str:
    repeat = ' retrans="500"' if until_answered else ""
    return f"<send{repeat}><![CDATA[\n\n{message}\n]]></send>\n"


def respond(code: int, reason: str, sdp: bool = False, until_answered: bool = False,
            cseq: str = "[last_CSeq:]") -> str:
    headers = HEADERS.format(tag=";tag=[pid]callee[call_number]", cseq=cseq)
    body = SDP if sdp else "Content-Length: 0\n"
    return send(f"SIP/2.0 {code} {reason}\n{headers}{body}", until_answered)


def wait_for_cancel(milliseconds: int | None, then: str | None) -> str:
    """Goes to `then` after the time, or to CANCELLED when the caller gives up before."""
    timeout = f' timeout="{milliseconds}" ontimeout="{then}"' if then else ""
    return f'<recv request="CANCEL" next="CANCELLED"{timeout}/>\n'


def receive_invite() -> str:
    match = '  <ereg regexp="^INVITE sip:{}" search_in="msg" assign_to="{}"/>\n'
    return (
        '<recv request="INVITE">\n<action>\n'
        + match.format("([^@;&gt; ]*)", "uri,number")
        + '  <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/>\n'
        + '  <ereg regexp=".*" search_in="hdr" header="From:" assign_to="caller"/>\n'
        + '  <ereg regexp="sip:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="contact"/>\n'
        + "".join(match.format(prefix, f"is{prefix}") for prefix in BEHAVIOURS)
        + "</action>\n</recv>\n"
        + '<Reference variables="uri"/>\n'
    )


def choose_behaviour() -> str:
    """Numbers of no behaviour ring, answer and stay."""
    steps = "".join(
        f'<nop next="{target}" test="is{prefix}"/>\n'
        for prefix, (_, target) in BEHAVIOURS.items()
    )
    return steps + goto("RING_THEN_STAY")


def ring_then(target: str) -> str:
    return respond(180, "Ringing") + wait_for_cancel(RING_MS, target)


def answer() -> str:
    return (
        respond(200, "OK", sdp=True, until_answered=True)
        + '<recv request="ACK"><action>'
        + '<ereg regexp=".*" search_in="hdr" header="To:" assign_to="callee"/>'
        + "</action></recv>\n"
        + log("answer")
    )


def hang_up() -> str:
    bye = """BYE [$contact] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From:[$callee]
To:[$caller]
[last_Call-ID:]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0
"""
    return log("hangup") + send(bye, until_answered=True) + '<recv response="200" next="END"/>\n'


def behaviours() -> str:
    refusals = "".join(
        label(f"REFUSE_{code}")
        + ring_then_refuse(code)
        + label(f"SEND_{code}")
        + log("refuse")
        + respond(code, reason, until_answered=True)
        + '<recv request="ACK" next="END"/>\n'
        for code, reason in REFUSALS.items()
    )
    return (
        label("RING_THEN_HANG_UP")
        + ring_then("ANSWER_THEN_HANG_UP")
        + label("ANSWER_THEN_HANG_UP")
        + answer()
        + f'<recv request="BYE" next="HUNG_UP" timeout="{TALK_MS}" ontimeout="HANG_UP"/>\n'
        + label("HANG_UP")
        + hang_up()
        + label("EARLY_MEDIA")
        + respond(183, "Session Progress", sdp=True)
        + wait_for_cancel(RING_MS, "ANSWER_AND_STAY")
        + label("RING_THEN_STAY")
        + ring_then("ANSWER_AND_STAY")
        + label("ANSWER_AND_STAY")
        + answer()
        + '<recv request="BYE" next="HUNG_UP"/>\n'
        + label("RING_FOR_EVER")
        + respond(180, "Ringing")
        + wait_for_cancel(None, None)
        + label("SILENT")
        + wait_for_cancel(SILENCE_MS, "END")
        + refusals
    )


def ring_then_refuse(code: int) -> str:
    """A refused call does not ring before; it takes a moment, as a network does."""
    return respond_trying() + wait_for_cancel(RING_MS // 2, f"SEND_{code}")


def respond_trying() -> str:
    headers = HEADERS.format(tag="", cseq="[last_CSeq:]")
    return send(f"SIP/2.0 100 Trying\n{headers}Content-Length: 0\n")


def endings() -> str:
    return (
        label("HUNG_UP")
        + log("bye")
        + respond(200, "OK")
        + goto("END")
        + label("CANCELLED")
        + log("cancel")
        + respond(200, "OK")
        + respond(487, "Request Terminated", until_answered=True, cseq="CSeq: [$cseq] INVITE")
        + '<recv request="ACK" next="END"/>\n'
        + label("END")
        + '<timewait milliseconds="100"/>\n'
    )


def scenario() -> str:
    return (
        '<?xml version="1.0" encoding="ISO-8859-1" ?>\n<scenario name="callees">\n'
        + receive_invite()
        + log("invite")
        + choose_behaviour()
        + behaviours()
        + endings()
        + "</scenario>\n"
    )


if __name__ == "__main__":
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write(scenario())
