"""Cases of tests/testdata/ami_document: their form, and the comparison of messages with them. The
form is described in the README there."""

import dataclasses
import pathlib
import re

PATTERNS = {
    "uuid": r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    "time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z",
}

Header = tuple[str, str]


class CaseError(Exception):
    """A file that is not in the form of the cases."""


@dataclasses.dataclass
class Setup:
    """An action that makes or changes a record before the case begins."""

    headers: list[Header]
    name: str | None  # under which the record's uuid is known


@dataclasses.dataclass
class Sent:
    """Lines that the client sends, and the empty one after them."""

    lines: list[str]

    def action(self) -> str:
        return next((value for name, value in map(header, self.lines)
                     if name.lower() == "action"), "")


@dataclasses.dataclass
class Expected:
    """A message that the client must get next."""

    headers: list[Header]
    stated: list[bool]  # for each header: whether it stands in the document


@dataclasses.dataclass
class Case:
    name: str
    setups: list[Setup]
    steps: list[Sent | Expected]


@dataclasses.dataclass
class Addition:
    before: str | None  # None: at the end
    headers: list[Header]


def header(text: str) -> Header:
    name, colon, value = text.partition(":")
    if not colon:
        raise CaseError(f"no header: {text!r}")
    return name, value.removeprefix(" ")


def blocks(path: pathlib.Path) -> list[list[str]]:
    """Lines between empty ones, without comments."""
    text = path.read_text(encoding="utf-8")
    lines = "\n".join(line for line in text.split("\n") if not line.startswith("#"))
    return [block.strip("\n").split("\n") for block in re.split(r"\n\n+", lines)
            if block.strip("\n")]


def read_case(path: pathlib.Path) -> Case:
    case = Case(path.stem, [], [])
    for block in blocks(path):
        marks = {line[:2].ljust(2) for line in block}
        if marks == {"+ "} and not case.steps:
            case.setups += [read_setup(line[2:]) for line in block]
        elif marks == {"> "}:
            case.steps.append(Sent([line[2:] for line in block]))
        elif marks <= {"< ", "~ "}:
            case.steps.append(Expected([header(line[2:]) for line in block],
                                       [line.startswith("<") for line in block]))
        else:
            raise CaseError(f"{path.name}: a block of {sorted(marks)} that begins {block[0]!r}")
    return case


def read_setup(line: str) -> Setup:
    action, *headers = line.split(" | ")
    name, equals, rest = action.partition(" = ")
    return Setup([("Action", rest if equals else action), *map(header, headers)],
                 name if equals else None)


def read_additions(path: pathlib.Path) -> dict[tuple[str, str], Addition]:
    """By ("response", action) and ("event", name), in lower case."""
    additions = {}
    for first, *rest in blocks(path):
        title = re.fullmatch(r"(response|event) (.+?) (?:at the end|before (\w+))", first)
        if not title:
            raise CaseError(f"{path.name}: {first!r}")
        kind, names, before = title.groups()
        for name in names.split():
            additions[kind, name.lower()] = Addition(before, [header(line.strip()) for line in rest])
    return additions


class Comparison:
    """One case's expectations, and what its names stand for. A name is bound by `{uuid:name}` and
    used as `{name}` and `{table:name}`."""

    def __init__(self, additions: dict[tuple[str, str], Addition]):
        self._additions = additions
        self._names: dict[str, str] = {}

    def bind(self, name: str, uuid: str):
        self._names[name] = uuid

    def fill(self, text: str) -> str:
        """`text` with the names replaced by what they stand for."""
        return re.sub(r"\{(?:(table):)?(\w+)\}", lambda match: self._value(*match.groups()), text)

    def _value(self, form: str | None, name: str) -> str:
        if name not in self._names:
            raise CaseError(f"{{{name}}} stands for nothing yet")
        return self._names[name].replace("-", "_") if form else self._names[name]

    def complete(self, expected: Expected, action: str) -> list[Header]:
        """The headers of the message with those that the server adds."""
        addition = self._addition(expected.headers, action)
        if addition is None:
            return expected.headers
        own = {name for name, _ in addition.headers}
        for (name, _), stated in zip(expected.headers, expected.stated):
            if stated and name in own:
                raise CaseError(f"{name} is both in the document and an addition")
        rest = [item for item in expected.headers if item[0] not in own]
        added = []
        for name, value in addition.headers:
            given = [item for item in expected.headers if item[0] == name]
            added += given or [(name, value)]
        at = [name for name, _ in rest].index(addition.before) if addition.before else len(rest)
        return rest[:at] + added + rest[at:]

    def _addition(self, headers: list[Header], action: str) -> Addition | None:
        kind, name = headers[0]
        if kind == "Event":
            return self._additions.get(("event", name.lower()))
        return self._additions.get(("response", action.lower())) if name == "Success" else None

    def differences(self, expected: list[Header], message: list[Header]) -> list[str]:
        """Nothing, or the expected headers and the message's, side by side."""
        rows = []
        same = len(expected) == len(message)
        for i in range(max(len(expected), len(message))):
            wanted = expected[i] if i < len(expected) else None
            got = message[i] if i < len(message) else None
            equal = wanted is not None and got is not None and self._matches(wanted, got)
            same = same and equal
            rows.append(f"  {' ' if equal else '!'} {self._show(wanted):45} {self._show(got)}")
        return [] if same else [f"    {'expected':45} got", *rows]

    def _matches(self, wanted: Header, got: Header) -> bool:
        if wanted[0] != got[0]:
            return False
        pattern = re.fullmatch(r"\{(uuid|time)(?::(\w+))?\}", wanted[1])
        if not pattern:
            return self.fill(wanted[1]) == got[1]
        kind, name = pattern.groups()
        if not re.fullmatch(PATTERNS[kind], got[1]):
            return False
        if name:
            self.bind(name, got[1])
        return True

    def _show(self, item: Header | None) -> str:
        if item is None:
            return "-"
        name, value = item
        known = re.fullmatch(r"\{(?:table:)?(\w+)\}", value)
        if known and known.group(1) in self._names:
            value = self.fill(value)
        return f"{name}: {value}"
