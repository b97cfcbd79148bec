"""Runs one notebook on the kernel named "deno": python run.py NOTEBOOK SECONDS

SECONDS is the longest time of one cell. On standard output comes one JSON object a line: {"cell": i} before the cell
with index i starts, {"failed": text} when the kernel did not do its part, {"notebook": ...} with all outputs at the
end. An error that a cell raises is an output of that cell, and ends the run.
"""

import asyncio
import json
import os
import sys
from queue import Empty

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError

# The kernel may say that a cell is done just before the cell's last output: read on for this many seconds.
GRACE = 0.15


class PatientClient(NotebookClient):
    """A client that does not stop at "idle", so no output is lost."""

    async def _async_poll_output_msg(self, parent_msg_id, cell, cell_index):
        clock = asyncio.get_running_loop().time
        end = None
        while end is None or clock() < end:
            try:
                message = await self.kc.get_iopub_msg(timeout=None if end is None else max(0.0, end - clock()))
            except Empty:
                continue
            if message["parent_header"].get("msg_id") != parent_msg_id:
                continue
            try:
                self.process_message(message, cell, cell_index)
            except CellExecutionComplete:
                end = clock() + GRACE


def tell(**event):
    print(json.dumps(event), flush=True)


def main(path, seconds):
    notebook = nbformat.read(path, as_version=4)
    client = PatientClient(
        notebook,
        kernel_name="deno",
        timeout=int(seconds),
        record_timing=False,
        on_cell_execute=lambda cell, cell_index: tell(cell=cell_index),
        resources={"metadata": {"path": os.path.dirname(os.path.abspath(path))}},
    )
    try:
        client.execute()
    except CellExecutionError:
        pass
    except CellTimeoutError:
        tell(failed=f"it ran longer than {seconds} s")
    except DeadKernelError:
        tell(failed="the kernel ended while it ran")
    except RuntimeError as error:
        tell(failed=str(error).splitlines()[0])
    tell(notebook=notebook)


if __name__ == "__main__":
    main(*sys.argv[1:])
