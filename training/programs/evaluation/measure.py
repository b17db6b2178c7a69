"""Measures what models answered, after their processes have ended. Usage: measure.py REQUEST REPORT.

The request is that of `ask.py`, with `answers`: the folder in which each model left its own. No model is loaded here,
and what they left is read as numbers and text only.
"""

import json
import sys
from pathlib import Path

from measuring import report_of


def main():
    request = json.loads(Path(sys.argv[1]).read_text())
    try:
        report = report_of(request)
    except Exception as error:
        report = {"problem": f"{type(error).__name__}: {str(error)[:800]}"}
    Path(sys.argv[2]).write_text(json.dumps(report, allow_nan=False))


if __name__ == "__main__":
    main()
