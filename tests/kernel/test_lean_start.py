"""Every process of the portal sets up Django; what few of them use comes in where it is used."""

import subprocess
import sys

PROGRAM = """
import sys, django
django.setup()
heavy = {"numpy", "scipy", "pandas", "pyarrow", "sklearn", "mlflow", "jsonschema", "lark", "cel", "model_signing"}
found = sorted(heavy & set(sys.modules))
assert not found, f"Loaded by the start of each process: {found}. Import them in a module that no handler imports."
"""


def test_the_start_loads_no_large_library_that_few_processes_use() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
