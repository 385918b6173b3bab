"""What must become of a call to each of the lab's callees."""

import dataclasses
import random
from collections.abc import Iterator

# The plans of these tests: tries per number, and how long a number may ring.
MAX_RETRY = 2
DIAL_TIMEOUT_MS = 3000


@dataclasses.dataclass(frozen=True)
class Expected:
    """Of a number that begins with `prefix`."""

    prefix: str
    outcome: str
    res_dial: str
    res_hangup: frozenset[int]  # Q.850 causes, any of them
    sip_code: int | None = None

    @property
    def answers(self) -> bool:
        return self.res_dial == "ANSWERED"


def expected(prefix: str, outcome: str, res_dial: str, *causes: int,
             sip_code: int | None = None) -> Expected:
    return Expected(prefix, outcome, res_dial, frozenset(causes), sip_code)


# An answered call ends with cause 16, or 0 where the callee hung up outside of a bridge.
EXPECTED = {
    each.prefix: each
    for each in (
        expected("100", "HANDLED", "ANSWERED", 16, 0),
        expected("200", "HANDLED", "ANSWERED", 16, 0),
        expected("183", "HANDLED", "ANSWERED", 16, 0),
        expected("180", "NO_ANSWER", "TIMEOUT", 19),
        expected("486", "BUSY", "BUSY", 17, sip_code=486),
        expected("603", "REJECTED", "FAILED", 21, sip_code=603),
        expected("403", "REJECTED", "FAILED", 21, sip_code=403),
        expected("404", "INVALID_NUMBER", "FAILED", 1, sip_code=404),
        expected("484", "INVALID_NUMBER", "FAILED", 28, sip_code=484),
        expected("480", "NO_ANSWER", "FAILED", 19, sip_code=480),
        expected("408", "NO_ANSWER", "FAILED", 18, sip_code=408),
        expected("488", "NETWORK_FAILURE", "FAILED", 58, sip_code=488),
        expected("503", "NETWORK_FAILURE", "CONGESTION", 34, sip_code=503),
        expected("500", "NETWORK_FAILURE", "FAILED", 38, sip_code=500),
        expected("999", "NETWORK_FAILURE", "FAILED", 19),
    )
}


def expected_of(number: str) -> Expected:
    return EXPECTED[number[:3]]


# People of a whole campaign: how many have which numbers. 212 in all.
POPULATION = {
    ("100",): 60,
    ("200",): 60,
    ("183",): 10,
    ("180",): 6,
    ("486",): 12,
    ("603",): 10,
    ("403",): 6,
    ("404",): 10,
    ("484",): 6,
    ("480",): 8,
    ("408",): 4,
    ("488",): 2,
    ("503",): 4,
    ("500",): 4,
    ("999",): 4,
    ("486", "200"): 6,
}


class Numbers:
    """Makes numbers that nobody else calls, so that the callees' log tells them from others'."""

    def __init__(self):
        self._run = f"{random.SystemRandom().randrange(10**6):06}"
        self._next = 0

    def make(self, prefix: str) -> str:
        self._next += 1
        return f"{prefix}{self._run}{self._next:04}"

    def is_mine(self, number: str) -> bool:
        return number[3:9] == self._run and len(number) == 13


def people(numbers: Numbers, population: dict[tuple[str, ...], int]) -> list[dict[str, str]]:
    """Rows of an import file, the kinds spread evenly over the list."""
    places = sorted(
        ((place + 0.5) / count, kind)
        for kind, count in population.items()
        for place in range(count)
    )
    return [
        {"name": "-".join(kind),
         **{f"number{i}": numbers.make(prefix) for i, prefix in enumerate(kind, start=1)}}
        for _, kind in places
    ]


def numbers_of(person: dict[str, str]) -> Iterator[str]:
    return (value for name, value in person.items() if name.startswith("number"))


def expected_calls(rows: list[dict[str, str]]) -> dict[str, int]:
    """How often each number must be called: until it answers, each number as often as it may."""
    calls = {}
    for person in rows:
        for number in numbers_of(person):
            if expected_of(number).answers:
                calls[number] = 1
                break
            calls[number] = MAX_RETRY
    return calls
