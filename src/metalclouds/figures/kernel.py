"""The kernel of a notebook: this environment's Python and no other, reached without a network."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec

# The address of a socket in the file system has at most 108 bytes (unix(7)), the number of the channel included.
LONGEST_FOLDER = 70


class EnvironmentKernel(AsyncKernelManager):
    """A kernel of the running Python, whatever a machine or a user has installed under the name `python3`."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started."""
        command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=command, display_name="Python 3", language="python")


@contextlib.contextmanager
def environment_kernel() -> Iterator[dict[str, Any]]:
    """Arguments of papermill for a kernel that talks through sockets in a folder of its own (ipc), not through TCP.

    Other users of the machine cannot reach it, and it writes nothing into the home folder.
    """
    parent = None if len(tempfile.gettempdir()) < LONGEST_FOLDER else "/tmp"
    with tempfile.TemporaryDirectory(prefix="kernel-", dir=parent, ignore_cleanup_errors=True) as folder:
        os.environ["IPYTHONDIR"] = str(Path(folder) / "ipython")
        kernel = EnvironmentKernel(
            kernel_name="python3", transport="ipc", connection_file=str(Path(folder) / "kernel.json")
        )
        try:
            yield {"kernel_name": "python3", "km": kernel}
        finally:
            asyncio.run(_end(kernel))


async def _end(kernel: AsyncKernelManager) -> None:
    """End a kernel: papermill's client ends only those that it has started itself."""
    if kernel.has_kernel:
        await kernel.shutdown_kernel(now=True)
