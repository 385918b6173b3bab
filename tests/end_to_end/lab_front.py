"""An outdiald in front of one Asterisk of the lab, with its door for AMI clients open."""

import pathlib
import sys

from outdial import Daemon, wait_until

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "lab"))
import lab_env  # noqa: E402, F401


def configuration(asterisk_port: int, *access: str) -> str:
    """`access`: items of `ami_access`, in YAML's flow style."""
    items = "".join(f"  - {item}\n" for item in access)
    return (
        "ami_listen: 127.0.0.1:0\n"
        + (f"ami_access:\n{items}" if items else "")
        + "asterisk:\n"
        f"  - {{name: node1, host: 127.0.0.1, port: {asterisk_port}, username: outdial,"
        " secret: lab-secret, max_calls: 60, calls_per_second: 20}\n"
        "caps:\n  trunk: {max_calls: 60, calls_per_second: 20}\n"
    )


def start(enter_context, asterisk_port: int, *access: str) -> Daemon:
    """Started, with its Asterisk ready. `enter_context`: of a test or a test's class, which ends
    it."""
    daemon = enter_context(Daemon(configuration(asterisk_port, *access)))
    wait_for_node(daemon, "node1")
    return daemon


def wait_for_node(daemon: Daemon, name: str):
    wait_until(
        lambda: daemon.ctl.row("node", "show", name).get("state") == "NODE_STATE_READY",
        f"{name} is ready", 20)
