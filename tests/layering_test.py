#!/usr/bin/env python3
"""Checks who includes whom, by the #include lines: each folder sees only what stands below it.

Run by ctest and by `./dev lint`; needs nothing but Python 3.
"""

import dataclasses
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent

FOLDERS = ("proto", "engine", "storage", "ami_gateway", "server", "cli")

# Folders of ours that each folder may include, besides itself.
MAY_INCLUDE = {
    "proto": set(),
    "engine": {"proto"},
    "storage": {"engine", "proto"},
    "ami_gateway": {"engine", "proto"},
    "server": {"engine", "storage", "ami_gateway", "proto"},
    "cli": {"proto"},
}

# Libraries of others that each folder may include, besides the standard library: the first
# component of the header's path. Absl and Protobuf come with the records.
COMMON_LIBRARIES = {"absl", "google"}
MAY_USE = {
    "proto": set(),
    "engine": set(),
    "storage": {"rocksdb"},
    "ami_gateway": {"boost", "openssl"},
    "server": None,  # any
    "cli": None,
}

# What single files may use besides: a program's main what reads its command line, and what checks a
# log a checksum.
FILES_MAY_USE = {
    "ami_gateway/sim_main.cc": {"CLI"},
    "storage/log_check.cc": {"boost"},
}

# The engine takes time, randomness and everything it reads from its caller: it is the same step
# for the same inputs only as long as it has no way to get at the machine.
ENGINE_FORBIDDEN = re.compile(
    r"^<(sys/.*|arpa/.*|netinet/.*|unistd\.h|fcntl\.h|pthread\.h|time\.h|stdio\.h|poll\.h|netdb\.h"
    r"|chrono|ctime|cstdio|random|iostream|fstream|filesystem|thread|mutex|shared_mutex"
    r"|condition_variable|future|atomic|stop_token|semaphore|latch|barrier)>$"
    r'|^"absl/(synchronization|random|log)/'
    r'|^"absl/time/clock\.h"$'
)

# A failed check says where, and ends the process.
ENGINE_EXCEPTIONS = {("engine/check.h", "<cstdio>")}

# Only what speaks gRPC sees the generated services; everyone else sees the records alone.
SERVICE_HEADER = re.compile(r'^"outdial/v1/.*\.grpc\.pb\.h"$')
SERVICE_FOLDERS = {"server", "cli"}

# The run loop is driven by the server's thread and by the simulation alike: it sees neither
# sockets nor services.
RUN_LOOP_FILES = re.compile(r"^server/run_loop[a-z_]*\.(h|cc)$")
RUN_LOOP_FORBIDDEN = re.compile(r'^[<"](boost/|grpc|.*\.grpc\.pb\.h|ami_gateway/)')

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"][^>"]+[>"])')


@dataclasses.dataclass(frozen=True)
class Include:
    """One #include line: the file it stands in, relative to the root, and what it names."""

    source: str
    line: int
    header: str  # with its quotes or brackets

    @property
    def folder(self) -> str:
        return self.source.split("/")[0]

    @property
    def target(self) -> str:
        """First component of the header's path; the records' folder for the generated headers."""
        first = self.header[1:-1].split("/")[0]
        return "proto" if first == "outdial" else first


def includes_of(source: str, text: str) -> list[Include]:
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        match = INCLUDE.match(line)
        if match:
            found.append(Include(source, number, match.group(1)))
    return found


def violation(include: Include) -> str | None:
    """What is wrong with an include; None where it is allowed."""
    folder, target = include.folder, include.target
    if target in FOLDERS:
        if target != folder and target not in MAY_INCLUDE[folder]:
            return f"{folder} may not see {target}"
    elif "/" in include.header and not include.header.startswith("<sys/"):
        allowed = MAY_USE[folder]
        own = FILES_MAY_USE.get(include.source, set())
        if allowed is not None and target not in COMMON_LIBRARIES | allowed | own:
            return f"{folder} may not use {target}"
    if SERVICE_HEADER.match(include.header) and folder not in SERVICE_FOLDERS:
        return f"{folder} may see the records, not the services"
    if (
        folder == "engine"
        and ENGINE_FORBIDDEN.match(include.header)
        and (include.source, include.header) not in ENGINE_EXCEPTIONS
    ):
        return "the engine has no I/O, clock, thread, lock or randomness of its own"
    if RUN_LOOP_FILES.match(include.source) and RUN_LOOP_FORBIDDEN.match(include.header):
        return "the run loop sees neither Asio nor gRPC"
    return None


def sources() -> list[pathlib.Path]:
    return [
        path
        for folder in FOLDERS
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".h", ".cc")
    ]


class LayeringTest(unittest.TestCase):
    def test_every_include_is_allowed(self):
        wrong = []
        for path in sources():
            source = path.relative_to(ROOT).as_posix()
            for include in includes_of(source, path.read_text(encoding="utf-8")):
                what = violation(include)
                if what:
                    wrong.append(f"{source}:{include.line}: {include.header}: {what}")
        self.assertEqual(wrong, [], "\n" + "\n".join(wrong))

    def test_every_folder_is_looked_at(self):
        seen = {path.relative_to(ROOT).parts[0] for path in sources()}
        self.assertEqual(seen, set(FOLDERS) - {"proto"})  # proto's headers are generated


class RuleTest(unittest.TestCase):
    """The rules themselves: each forbidden meeting is seen, and what is needed is let through."""

    def check(self, source: str, line: str, allowed: bool):
        (include,) = includes_of(source, line)
        self.assertEqual(violation(include) is None, allowed, f"{source}: {line}")

    def test_storage_and_gateway_never_meet(self):
        self.check("storage/a.cc", '#include "ami_gateway/ami_client.h"', False)
        self.check("ami_gateway/a.cc", '#include "storage/kv.h"', False)
        self.check("server/main.cc", '#include "storage/kv.h"', True)
        self.check("server/main.cc", '#include "ami_gateway/ami_gateway.h"', True)

    def test_nothing_looks_up(self):
        self.check("engine/a.h", '#include "storage/kv.h"', False)
        self.check("engine/a.h", '#include "server/run_loop.h"', False)
        self.check("storage/a.h", '#include "server/run_loop.h"', False)
        self.check("cli/a.h", '#include "engine/uuid.h"', False)

    def test_records_are_seen_by_all(self):
        for folder in ("engine", "storage", "ami_gateway", "server", "cli"):
            self.check(f"{folder}/a.h", '#include "outdial/v1/dl.pb.h"', True)
        self.check("engine/a.h", '#include "outdial/v1/dl_list_service.grpc.pb.h"', False)
        self.check("cli/a.h", '#include "outdial/v1/dl_list_service.grpc.pb.h"', True)

    def test_libraries_stay_in_their_folders(self):
        self.check("engine/a.h", "#include <rocksdb/db.h>", False)
        self.check("storage/a.h", '#include "rocksdb/db.h"', True)
        self.check("storage/a.h", "#include <boost/asio.hpp>", False)
        self.check("ami_gateway/a.h", "#include <boost/asio.hpp>", True)
        self.check("ami_gateway/a.h", "#include <grpcpp/grpcpp.h>", False)
        self.check("engine/a.h", '#include "absl/time/time.h"', True)

    def test_engine_cannot_reach_the_machine(self):
        for header in ("<chrono>", "<fstream>", "<thread>", "<sys/socket.h>", "<random>",
                       '"absl/time/clock.h"', '"absl/synchronization/mutex.h"'):
            self.check("engine/a.cc", f"#include {header}", False)
        self.check("engine/a.cc", "#include <vector>", True)

    def test_run_loop_sees_neither_asio_nor_grpc(self):
        self.check("server/run_loop.cc", "#include <boost/asio.hpp>", False)
        self.check("server/run_loop.h", "#include <grpcpp/grpcpp.h>", False)
        self.check("server/main.cc", "#include <grpcpp/grpcpp.h>", True)


if __name__ == "__main__":
    unittest.main()
