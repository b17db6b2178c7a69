"""Write the typed client of /api/v1/ anew from the portal's own OpenAPI document: `make client`.

`client/portal_client/models.py` gets a dataclass for each shape, `operations.py` a method for each operation. These
are grouped by app: `experiments.storage.read` is `client.experiments.storage_read`. With `--check` nothing is written,
and the exit status says how many files are not those of the document.
"""

import json
import keyword
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "client" / "portal_client"
HEAD = '"""{0} of /api/v1/, made from its OpenAPI document by `make client`. Do not edit."""\n\n'
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "dict[str, Any]"}
FORMATS = {"date-time": "datetime", "uuid": "UUID", "binary": "bytes"}
_NO_PAGE = ("cursor", "format")
Schema = dict[str, Any]


def document() -> Schema:
    """The OpenAPI document; no database is needed for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
    sys.path.insert(0, str(ROOT))
    import django  # noqa: PLC0415 - after the settings are named

    django.setup()
    from drf_spectacular.generators import SchemaGenerator  # noqa: PLC0415

    made = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found: Schema = json.loads(json.dumps(made, default=str))
    return found


def type_of(schema: Schema, prefix: str = "") -> str:
    """The annotation of a schema."""
    if "$ref" in schema:
        return prefix + str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        values = ", ".join(repr(value) for value in schema["enum"] if value is not None)
        return f"Literal[{values}]" + (" | None" if None in schema["enum"] else "")
    for several in ("oneOf", "anyOf", "allOf"):
        if several in schema:
            return _union([type_of(each, prefix) for each in schema[several]])
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return _union([type_of({**schema, "type": kind}, prefix) for kind in kinds])
    if kinds == "null":
        return "None"
    if kinds == "array":
        return f"list[{type_of(schema.get('items', {}), prefix)}]"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"dict[str, {type_of(schema['additionalProperties'], prefix)}]"
    return FORMATS.get(schema.get("format", ""), PLAIN.get(kinds or "", "Any"))


def _union(names: list[str]) -> str:
    return "Any" if "Any" in names else " | ".join(dict.fromkeys(names))


def name_of(text: str) -> str:
    """A name of Python's for a field or parameter."""
    plain = re.sub(r"\W", "_", text)
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def models_text(schemas: dict[str, Schema]) -> str:
    """A dataclass for each shape, in the order of their names."""
    shapes = "".join(
        _model(name, schema) if "properties" in schema else f"{name}: TypeAlias = {type_of(schema)!r}\n\n\n"
        for name, schema in sorted(schemas.items())
    )
    more, alias = (
        (", field" if " = field(" in shapes else ""),
        (", TypeAlias" if ": TypeAlias" in shapes else ""),
    )
    return (
        f"{HEAD.format('The shapes')}from __future__ import annotations\n\nfrom dataclasses import dataclass{more}\n"
        f"from datetime import datetime\nfrom typing import Any, Literal{alias}\nfrom uuid import UUID\n\n\n{shapes}"
    )


def _model(name: str, schema: Schema) -> str:
    required = set(schema.get("required", ()))
    body = "".join(_field(each, shape, each in required) for each, shape in schema["properties"].items())
    words = _doc(schema.get("description") or f"The shape {name}.", "    ")
    return f"@dataclass(frozen=True, kw_only=True)\nclass {name}:\n{words}{body}\n\n"


def _field(name: str, schema: Schema, is_required: bool) -> str:
    annotation, own = type_of(schema), name_of(name)
    if not is_required and "None" not in annotation.split(" | ") and annotation != "Any":
        annotation = f"{annotation} | None"
    settings = ([] if is_required else ["default=None"]) + (
        [f"metadata={{'name': {name!r}}}"] if own != name else []
    )
    value = f" = field({', '.join(settings)})" if own != name else "" if is_required else " = None"
    return f"    {own}: {annotation}{value}\n"


def operations_text(found: Schema) -> str:
    """A class for each app with a method for each of its operations, and the client's attributes for them."""
    apps: dict[str, list[str]] = {}
    for path, methods in sorted(found["paths"].items()):
        for method, operation in sorted(methods.items()):
            app = operation["operationId"].split(".")[0]
            apps.setdefault(app, []).append(
                _operation(path, method, operation, found["components"]["schemas"])
            )
    lines = [
        HEAD.format("The operations"), "from __future__ import annotations\n\nfrom collections.abc import Iterator\n",
        "from datetime import datetime\nfrom typing import Any, Literal\nfrom uuid import UUID\n\n",
        "from portal_client import models as m\nfrom portal_client.calls import UNSET, Calls, Files, Unset\n\n\n",
    ]  # fmt: skip
    for app, methods_of in sorted(apps.items()):
        lines += [
            f"class {app.title()}(Calls):\n",
            f'    """What begins with `{app}.`"""\n\n',
            *sorted(methods_of),
        ]
    lines.append(
        'class Operations:\n    """The groups of operations."""\n\n    def __init__(self, calls: Calls) -> None:\n'
    )
    lines += [f"        self.{app} = {app.title()}(calls.http)\n" for app in sorted(apps)]
    return "".join(lines)


def _operation(path: str, method: str, operation: Schema, schemas: dict[str, Schema]) -> str:
    _, entity, verb = operation["operationId"].split(".")
    parameters = operation.get("parameters", [])
    inside = [each for each in parameters if each["in"] == "path"]
    query = [each for each in parameters if each["in"] == "query"]
    paged = _item(operation, schemas) if any(each["name"] == "cursor" for each in query) else None
    query = [each for each in query if each["name"] not in _NO_PAGE]
    body, has_files = _body(operation, schemas)
    headers = [each["name"] for each in parameters if each["in"] == "header"]
    named = _arguments(query, body, schemas) + [
        f"{name_of(each).lower()}: str | None = None" for each in headers
    ]
    named += ["files: Files = ()"] if has_files else []
    places = [f"{name_of(each['name'])}: {type_of(each['schema'], 'm.')}" for each in inside]
    signature = ", ".join(["self", *places, *(["*", *named] if named else [])])
    returns, decode = _returns(operation, paged)
    address = re.sub(r"\{(\w+)\}", lambda found: f"{{{name_of(found[1])}!s}}", path)
    call = [f"{method.upper()!r}", f"self.path({address!r}, {_mapping([each['name'] for each in inside])})"]
    call += [f"query={_mapping([each['name'] for each in query])}"] if query else []
    call += [f"body={_mapping(list(body))}"] if body else []
    call += [f"headers={_mapping(headers, lower=True)}"] if headers else []
    call += ["files=files"] if has_files else []
    reader = "pages" if paged else "call"
    words = _doc(operation.get("description") or operation["operationId"], "        ")
    return (
        f"    def {name_of(f'{entity}_{verb}')}({signature}) -> {returns}:\n{words}"
        f"        {'' if returns == 'None' else 'return '}self.{reader}({', '.join(call)}, answer={decode})\n\n"
    )


def _arguments(
    query: list[Schema], body: dict[str, tuple[Schema, bool]], schemas: dict[str, Schema]
) -> list[str]:
    asked = {each["name"]: (each["schema"], bool(each.get("required"))) for each in query} | body
    needed = [f"{name_of(name)}: {_given(schema)}" for name, (schema, must) in asked.items() if must]
    free = [
        f"{name_of(name)}: {_given(schema)} | Unset = UNSET"
        for name, (schema, must) in asked.items()
        if not must
    ]
    return needed + free


def _given(schema: Schema) -> str:
    """What a caller gives: where a shape of ours is nested, a dict of the same form will do."""
    return re.sub(r"\bm\.(\w+)", r"m.\1 | dict[str, Any]", type_of(schema, "m."))


def _body(operation: Schema, schemas: dict[str, Schema]) -> tuple[dict[str, tuple[Schema, bool]], bool]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return {}, False
    shape = schemas[next(iter(content.values()))["schema"]["$ref"].rpartition("/")[2]]
    needed = set(shape.get("required", ()))
    fields = {name: (schema, name in needed) for name, schema in shape["properties"].items()}
    return {name: each for name, each in fields.items() if name != "files"}, "multipart/form-data" in content


def _item(operation: Schema, schemas: dict[str, Schema]) -> str | None:
    """The shape of the items of a list that pages."""
    answer = (
        operation["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    )
    page = schemas.get(answer.get("$ref", "").rpartition("/")[2], {})
    items = page.get("properties", {}).get("items", {}).get("items")
    return type_of(items, "m.") if items and "next_cursor" in page["properties"] else None


def _returns(operation: Schema, paged: str | None) -> tuple[str, str]:
    if paged:
        return f"Iterator[{paged}]", paged
    status = next(code for code in operation["responses"] if code != "default")
    content = operation["responses"][status].get("content", {})
    if status == "204":
        return "None", "type(None)"
    if "application/json" in content:
        shape = type_of(content["application/json"]["schema"], "m.")
        return shape, shape
    return ("str", "str") if content else ("bytes", "bytes")


def _mapping(names: list[str], *, lower: bool = False) -> str:
    own = [name_of(name).lower() if lower else name_of(name) for name in names]
    return "{" + ", ".join(f"{name!r}: {mine}" for name, mine in zip(names, own, strict=True)) + "}"


def _doc(text: str, indent: str) -> str:
    first = " ".join(text.split("\n\n")[0].split()).replace("\\", "\\\\").replace('"""', "'''")
    return f'{indent}"""{first}{" " if first.endswith(chr(34)) else ""}"""\n'


def files_made() -> dict[Path, str]:
    """The generated modules, formatted."""
    found = document()
    made = {
        FOLDER / "models.py": models_text(found["components"]["schemas"]),
        FOLDER / "operations.py": operations_text(found),
    }
    return {path: _formatted(text) for path, text in made.items()}


def _formatted(text: str) -> str:
    ruff = [sys.executable, "-m", "ruff", "format", "--line-length", "110", "--stdin-filename", "x.py", "-"]
    done = subprocess.run(ruff, input=text, capture_output=True, text=True, check=True)
    return str(done.stdout)


def main() -> int:
    """Write the modules, or say which are stale."""
    stale = [path for path, text in files_made().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv:
        return len(stale)
    for path, text in files_made().items():
        path.write_text(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
