"""Compares what Outdial says of a tortured campaign with what its callees say. Nothing here knows
how the campaign was run: it takes records and gives problems."""

import bisect
import collections
import dataclasses
import datetime
import math

import expectations

UNKNOWN, NOT_SENT = "OUTCOME_UNKNOWN", "OUTCOME_NOT_SENT"


def parse_time(text: str) -> float:
    """Seconds since 1970 of a record's or a log line's time."""
    # Nine digits of fraction are more than datetime takes.
    return datetime.datetime.fromisoformat(text.rstrip("Z")[:26] + "+00:00").timestamp()


@dataclasses.dataclass(frozen=True)
class Fault:
    kind: str
    node: str | None  # None: outdiald itself, hence every node
    begin: float  # seconds since 1970, as `restored`
    restored: float  # from then on the connection could be made again


class Outages:
    """For each node the spans of time during which outdiald did not see all of it."""

    def __init__(self, faults: list[Fault], recoveries: dict[str, list[float]]):
        """`recoveries`: when outdiald had the node's state again, in order."""
        self._spans: dict[str, list[tuple[float, float]]] = {node: [] for node in recoveries}
        for fault in faults:
            for node in recoveries if fault.node is None else [fault.node]:
                times = recoveries[node]
                at = bisect.bisect_right(times, fault.restored)
                self._spans[node].append(
                    (fault.begin, times[at] if at < len(times) else math.inf))

    def touch(self, dialing: dict) -> bool:
        """Whether a fault came while the dialing was in progress."""
        begin, end = parse_time(dialing["tm_create"]), parse_time(dialing["tm_hangup"])
        return any(begin < span_end and end > span_begin
                   for span_begin, span_end in self._spans[dialing["node"]])


class Audit:
    """Of one campaign that has come to its end."""

    def __init__(self, results: list[dict], entries: list[dict], calls: dict[str, int],
                 outages: Outages):
        """`results`: all dialings; `entries`: the list as it is at the end; `calls`: how many
        reached each callee, all of them."""
        self._results = results
        self._entries = entries
        self._calls = calls
        self.touched = [each for each in results if outages.touch(each)]
        self.untouched = [each for each in results if not outages.touch(each)]
        self.unknown = [each for each in results if each["outcome"] == UNKNOWN]
        self.not_sent = [each for each in results if each["outcome"] == NOT_SENT]

    @staticmethod
    def exact(dialing: dict) -> bool:
        wanted = expectations.expected_of(dialing["dial_addr"])
        return dialing["outcome"] == f"OUTCOME_{wanted.outcome}"

    @property
    def exact_share(self) -> float:
        """Of the dialings that no fault touched."""
        return sum(map(self.exact, self.untouched)) / max(1, len(self.untouched))

    def problems_of_calls(self) -> list[str]:
        """Each call at a callee is a try, and each try whose outcome is known is a call."""
        tries = self._count(self._results)
        unknown, not_sent = self._count(self.unknown), self._count(self.not_sent)
        problems = []
        for number in sorted(tries.keys() | self._calls.keys()):
            calls = self._calls.get(number, 0)
            most = tries[number] - not_sent[number]
            least = most - unknown[number]
            if not least <= calls <= most:
                problems.append(f"{number}: {calls} calls came, {least} to {most} were made:"
                                f" {self._course(number)}")
        return problems

    def problems_of_unknown(self) -> list[str]:
        touched = {each["uuid"] for each in self.touched}
        return [f"nothing hid how this ended: {each}" for each in self.unknown
                if each["uuid"] not in touched]

    def problems_of_outcomes(self) -> list[str]:
        """What was seen in part may be told as unknown, never as something else."""
        return [f"{each['dial_addr']} can't end so: {each}" for each in self.touched
                if not self.exact(each) and each["outcome"] not in (UNKNOWN, NOT_SENT)]

    def problems_of_tries(self, retry_delay_s: float) -> list[str]:
        """Nobody is dialled twice at once, or again too soon."""
        problems = []
        by_entry = collections.defaultdict(list)
        for each in sorted(self._results, key=lambda each: each["tm_create"]):
            by_entry[each["dl_list_uuid"]].append(each)
        for tries in by_entry.values():
            for before, after in zip(tries, tries[1:]):
                if parse_time(after["tm_create"]) - parse_time(before["tm_hangup"]) < retry_delay_s:
                    problems.append(f"too soon again: {before} and {after}")
        return problems

    def problems_of_counts(self, stat: dict[str, int]) -> list[str]:
        """The statistics, the tries that each entry counts, and the results tell the same."""
        problems = []
        made = self._count(each for each in self._results if each["outcome"] != NOT_SENT)
        wanted = {"total": len(self._entries), "finished": len(self._entries), "available": 0,
                  "dialing": 0, "called": made.total()}
        if stat != wanted:
            problems.append(f"statistics are {stat}, and should be {wanted}")
        for entry in self._entries:
            for number, tries in zip(entry["number"], entry.get("trycnt", [])):
                if number and tries != made[number]:
                    problems.append(f"{number}: {tries} tries are counted, {made[number]} were"
                                    f" made: {self._course(number)}")
        return problems

    @staticmethod
    def _count(dialings) -> collections.Counter:
        return collections.Counter(each["dial_addr"] for each in dialings)

    def _course(self, number: str) -> str:
        return "; ".join(
            f"{each['uuid']} {each['tm_create']} to {each['tm_hangup']} {each['outcome']}"
            for each in self._results if each["dial_addr"] == number)
