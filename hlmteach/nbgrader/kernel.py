"""Kernel: a manager whose kernels start in the sandbox, and nowhere else."""

import os
import signal
import sys
from importlib.metadata import EntryPoint
from typing import Any

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory
from traitlets import Unicode

PROVISIONER = "hlmteach-sandbox"
_WHERE = "hlmteach.sandbox.provisioner:SandboxProvisioner"
MOST_MESSAGE = 8_000_000  # bytes; a larger one is refused before it is in memory


class SandboxKernelManager(AsyncKernelManager):
    """Starts this Python's kernel behind the sandbox's walls, whatever the notebook asks for.

    `parcel` names the file with the student's data.
    """

    parcel = Unicode()

    @property
    def kernel_spec(self) -> KernelSpec:
        if self._kernel_spec is None:
            chosen = {"provisioner_name": PROVISIONER, "config": {"parcel": self.parcel}}
            self._kernel_spec = KernelSpec(
                argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                display_name="Python 3 (sandbox)",
                language="python",
                interrupt_mode="message",
                metadata={"kernel_provisioner": chosen},
            )
        return self._kernel_spec

    async def _async_pre_start_kernel(self, **kwargs: Any) -> Any:
        # An installation older than the entry point does not know it.
        known = KernelProvisionerFactory.instance(parent=self.parent).provisioners
        group = KernelProvisionerFactory.GROUP_NAME
        known.setdefault(PROVISIONER, EntryPoint(PROVISIONER, _WHERE, group))
        return await super()._async_pre_start_kernel(**kwargs)

    pre_start_kernel = _async_pre_start_kernel

    def client(self, **kwargs: Any) -> Any:
        made = super().client(**kwargs)
        made.context.setsockopt(zmq.MAXMSGSIZE, MOST_MESSAGE)
        made.context.setsockopt(zmq.RCVHWM, 50)
        return made

    def end(self) -> None:
        """Kill the kernel at once, and all that it started with it."""
        process = getattr(self.provisioner, "process", None)
        if process is not None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                process.kill()
