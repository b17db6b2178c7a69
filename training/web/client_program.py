"""Makes the one file that people download out of the modules of `training/programs/client`."""

import ast
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "programs" / "client"
# In the order in which they build on each other; the last one has the description and runs it.
PARTS = ("talking", "sending", "trainings", "sweeps", "pipelines", "anything", "portal")
_OWN = "training.programs.client."
_HOME = 'HOME = "http://127.0.0.1:8000"'


def client_source(home: str) -> str:
    """The program, with the portal's address in it."""
    imports: set[str] = set()
    bodies = [_body(FOLDER / f"{part}.py", imports) for part in PARTS]
    description = ast.get_docstring(
        ast.parse((FOLDER / "portal.py").read_text(encoding="utf-8")), clean=False
    )
    head = f'#!/usr/bin/env python3\n"""{description}"""\n\nfrom __future__ import annotations\n'
    text = "\n".join([head, *sorted(imports), "", *bodies])
    return text.replace(_HOME, f"HOME = {home!r}", 1)


def _body(path: Path, imports: set[str]) -> str:
    """A module without its description and imports; those that are not its neighbours are collected."""
    text = path.read_text(encoding="utf-8")
    kept = text.splitlines()
    for node in ast.parse(text).body:
        is_description = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.ImportFrom | ast.Import):
            if not (isinstance(node, ast.ImportFrom) and _is_own(node.module or "")):
                imports.add(ast.unparse(node))
        elif not is_description:
            continue
        kept[node.lineno - 1 : node.end_lineno] = [""] * ((node.end_lineno or node.lineno) - node.lineno + 1)
    return "\n".join(line for line in kept if not line.startswith("#!")).strip("\n") + "\n\n"


def _is_own(module: str) -> bool:
    return module.startswith(_OWN) or module == "__future__"
