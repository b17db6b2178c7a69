"""Files and functions stay small enough to be read at once."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = (
    "portal", "jobs", "compliance", "experiments", "registry", "transfer", "training", "deployments", "monitoring",
)  # fmt: skip
FILE_LINES, FUNCTION_LINES = 400, 40
# Handed to outsiders as one file that stands alone.
WHOLE = {"compliance/verify.py": 950}


def sources():
    return [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts
    ]


def functions_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def test_there_is_something_to_measure():
    assert len(sources()) > 50


def test_files():
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources()
    }
    assert {name: lines for name, lines in lengths.items() if lines > WHOLE.get(name, FILE_LINES)} == {}


def test_functions():
    lengths = {
        f"{path.relative_to(ROOT)}:{node.name}": node.end_lineno - node.lineno + 1
        for path in sources()
        for node in functions_of(path)
    }
    assert {name: lines for name, lines in lengths.items() if lines > FUNCTION_LINES} == {}


def test_templates_and_modules():
    templates = list((ROOT / "templates").rglob("*.html"))
    scripts = [path for path in (ROOT / "portal" / "static").rglob("*.js") if "vendor" not in path.parts]
    too_long = [
        str(path.relative_to(ROOT))
        for paths, limit in ((templates, 120), (scripts, 150))
        for path in paths
        if len(path.read_text(encoding="utf-8").splitlines()) > limit
    ]
    assert too_long == []
