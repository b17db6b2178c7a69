"""Executes a notebook with parameters, shows what its cells print, and keeps it as it was executed.

    python notebook.py notebook.ipynb parameters.json executed.ipynb

Runs in the environment of the job. A cell tagged `parameters` is followed by one that sets the parameters; without such
a cell, they are set before the first one. What was executed is kept in any case, also after a cell failed.
"""

import json
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

TAGGED, INJECTED = "parameters", "injected-parameters"


class Loud(NotebookClient):
    """Says what the cells say, while they say it."""

    def output(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "stream":
            stream = sys.stderr if content.get("name") == "stderr" else sys.stdout
            stream.write(content.get("text", ""))
            stream.flush()
        elif "text/plain" in content.get("data", {}) and msg["msg_type"] == "execute_result":
            print(content["data"]["text/plain"], flush=True)
        return super().output(outs, msg, display_id, cell_index)


def tags_of(cell):
    return cell.get("metadata", {}).get("tags", [])


def parameters_put(notebook, values):
    """Put the cell that sets the parameters where it belongs, in the place of one from an earlier execution."""
    cells = [cell for cell in notebook.cells if INJECTED not in tags_of(cell)]
    lines = "\n".join(f"{name} = {value!r}" for name, value in values.items())
    added = nbformat.v4.new_code_cell(f"# Parameters of the job\n{lines}", metadata={"tags": [INJECTED]})
    tagged = [number for number, cell in enumerate(cells) if TAGGED in tags_of(cell)]
    place = tagged[0] + 1 if tagged else 0
    notebook.cells = [*cells[:place], added, *cells[place:]] if values else cells


def main(source, given, target):
    notebook = nbformat.read(source, as_version=4)
    parameters_put(notebook, json.loads(Path(given).read_text()))
    client = Loud(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(Path(source).parent)}},
    )
    try:
        client.execute()
    except CellExecutionError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    except DeadKernelError:
        print("The kernel of the notebook died.", file=sys.stderr, flush=True)
        return 1
    finally:
        nbformat.write(notebook, target)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
