"""A Jupyter kernel behind the same walls; runs in bubblewrap, started by the provisioner.

This process keeps the rights that it needs to watch and forks one that has none, the kernel. The
kernel opens its sockets in a folder that it shares with the outside; as soon as they are there, the
folder becomes read-only for it.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from hlmteach.sandbox import jail, usage
from hlmteach.sandbox.limits import Limits

SOCKETS = "/kernel"  # the shared folder
CONNECTION = f"{SOCKETS}/kernel.json"
FOLDER = "/notebook"  # where it starts, if it is given a folder
PARCEL = "/parcel"  # the student's data, where they were dealt
N_SOCKETS = 5


def main(words: list[str]) -> int:
    """Build the walls, fork the kernel, watch it until it ends."""
    request = json.loads(words[0])
    limits = Limits(**request["limits"])
    owner = 0 if request["own_users"] else request["uid"]
    jail.furnish(owner, limits.file_mb, request["kept"])
    os.chdir(FOLDER if os.path.isdir(FOLDER) else jail.HOME)
    kernel = os.fork()
    if kernel == 0:
        try:
            jail.drop(request["uid"], request["own_users"])
            jail.shut()
            jail.dumpable(True)
            jail.limit(limits)
        except OSError as error:
            print(f"no walls: {error}", file=sys.stderr)
            os._exit(jail.NO_JAIL)
        _serve()
    jail.dumpable(False)
    return _watch(kernel, usage.resident() + (limits.memory_mb + BASE_MB) * jail.MB)


BASE_MB = 256  # what the libraries take, which the limit does not count


def _serve() -> None:
    """Be the kernel."""
    if Path(PARCEL).exists():
        from hlmteach.questions import parcel, recorder

        dealt = parcel.unpack(Path(PARCEL).read_text("ascii"))
        recorder.install(recorder.Recorder(dealt, locked=True))
    from ipykernel.kernelapp import launch_new_instance

    sys.path[:0] = [""]
    launch_new_instance(argv=["-f", CONNECTION])
    os._exit(0)


def _watch(kernel: int, most: int) -> int:
    """Bury orphans, mind the memory; the kernel's exit code."""
    signal.signal(signal.SIGTERM, lambda *_: os.kill(kernel, signal.SIGTERM))
    shared = True
    while True:
        process, status = os.waitpid(-1, os.WNOHANG)
        if process == kernel:
            return abs(os.waitstatus_to_exitcode(status))
        if shared and len(os.listdir(SOCKETS)) > N_SOCKETS:
            jail.read_only(SOCKETS)
            shared = False
        if usage.exceeds(kernel, most):
            os.kill(kernel, signal.SIGKILL)
        if not process:
            time.sleep(0.02 if shared else 0.2)


if __name__ == "__main__":
    os._exit(main(sys.argv[1:]))
