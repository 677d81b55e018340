"""A kernel provisioner: Jupyter kernels in the sandbox, for nbclient, nbval and nbgrader alike.

Set `JUPYTER_DEFAULT_PROVISIONER_NAME=hlmteach-sandbox` in the environment of the program that
starts kernels, or name it in a kernelspec's metadata:

    "kernel_provisioner": {"provisioner_name": "hlmteach-sandbox"}

The kernel sees the folder in which it starts, read-only, and no network; it talks to the outside
over sockets that are files. What it says can be forged by the notebook: the outputs of `hlm.check`
carry Evidence for a judge, and no other output is worth a point. It costs a start for each
notebook; `hlmteach.sandbox.run` is faster and is what `hlmteach grade` uses.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import LocalProvisioner
from traitlets import Int, Unicode

from . import available, jail, kernel, room
from .limits import Limits
from .runner import user

PARCEL_VARIABLE = "HLMTEACH_PARCEL"  # names the file with the student's data


def _folder(cwd: str | None) -> Path | None:
    """The folder in which the kernel is to start; never a home folder as a whole."""
    named = Path(cwd).resolve() if cwd else Path("/")
    return None if named in (Path("/"), Path.home(), Path("/tmp")) else named


class SandboxProvisioner(LocalProvisioner):
    """Starts a kernel inside bubblewrap.

    The traits are limits, see `Limits`. `parcel` names a file that `hlmteach.questions.parcel` made
    (by default the one that HLMTEACH_PARCEL names): then the kernel serves these data, records
    answers without judging them, and has no answers in it.
    """

    memory_mb = Int(1024, config=True)
    cpu = Int(600, config=True)
    processes = Int(64, config=True)
    file_mb = Int(50, config=True)
    parcel = Unicode("", config=True)
    _run: Path | None = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the folder with the sockets and the words that start the kernel."""
        if available():
            raise RuntimeError(available())
        manager = self.parent
        if self._run is None:
            self._run = Path(tempfile.mkdtemp(prefix="hlmteach-"))
            (self._run / "sockets").mkdir(mode=0o755)  # in a folder that is private
            manager.transport, manager.ip = "ipc", str(self._run / "sockets" / "k")
        self.kernel_spec.interrupt_mode = "message"  # a signal would not get in
        words = await super().pre_launch(**kwargs)
        words["cmd"] = self._command(_folder(words.pop("cwd", None)))
        words["env"] = {"PATH": os.environ.get("PATH", os.defpath)}
        words["stdout"] = words["stderr"] = subprocess.DEVNULL
        return {**words, "cwd": "/"}

    def _command(self, folder: Path | None) -> list[str]:
        limits = Limits(600, self.cpu, self.memory_mb, self.processes, self.file_mb)
        request = {
            "limits": asdict(limits),
            "uid": user() if os.getuid() == 0 else jail.NOBODY,
            "own_users": os.getuid() != 0,
            "kept": room.kept(),
        }
        parcel = self.parcel or os.environ.get(PARCEL_VARIABLE, "")
        sockets = self._run / "sockets"
        self._write_connection(sockets, request["uid"])
        shared = [("--bind", sockets, kernel.SOCKETS)]
        shared += [("--ro-bind", folder, kernel.FOLDER)] if folder else []
        shared += [("--ro-bind", parcel, kernel.PARCEL)] if parcel else []
        words = room.command(bool(parcel), None, shared)
        words += ["--setenv", "HLMTEACH_EVIDENCE", "1", "--unsetenv", "MPLBACKEND"]
        program = [sys.executable, "-s", "-m", "hlmteach.sandbox.kernel", json.dumps(request)]
        return [*words, "--", *program]

    def _write_connection(self, sockets: Path, uid: int) -> None:
        """The connection file as the kernel needs it: with the folder's name inside."""
        known = json.loads(Path(self.parent.connection_file).read_text("utf-8"))
        known["ip"] = f"{kernel.SOCKETS}/k"
        path = sockets / Path(kernel.CONNECTION).name
        path.write_text(json.dumps(known), "utf-8")
        if os.getuid() == 0:
            os.chown(path, uid, uid)
            os.chown(sockets, uid, uid)

    async def send_signal(self, signum: int) -> None:
        """Signals reach bubblewrap only; interrupts go as messages."""
        if signum != signal.SIGINT:
            await super().send_signal(signum)

    async def cleanup(self, restart: bool = False) -> None:
        """Remove the folder with the sockets."""
        await super().cleanup(restart)
        if not restart and self._run is not None:
            shutil.rmtree(self._run, ignore_errors=True)
            self._run = None
