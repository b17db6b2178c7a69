"""A log line never holds a token, nor the local variables of a frame that failed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "mlp_" + "x" * 43
# A program of its own: configuring the loggers here would change them for every test that follows.
_PROGRAM = f"""
import logging.config, structlog
from portal.settings.logs import logging_of
logging.config.dictConfig(logging_of("%s"))
standard, structured = logging.getLogger("tested"), structlog.get_logger("tested")
def fail(password):
    raise ValueError("{SECRET} does not fit")
for logger in (standard, structured):
    try:
        fail("violet" + "harbour")
    except ValueError:
        logger.exception("failed")
standard.warning("%%s", "{SECRET}", extra={{"path": "/x?token={SECRET}"}})
structured.warning("event", values={{"nested": ["{SECRET}"]}})
"""


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_line_tells_neither_tokens_nor_locals(style, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM % style)
    done = subprocess.run(
        [sys.executable, str(program)],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.count("ValueError: mlp_… does not fit") == 2
    assert "nested" in done.stderr
    assert SECRET not in done.stderr
    assert "violetharbour" not in done.stderr
