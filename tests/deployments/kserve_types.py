"""Manifests against the types that KServe publishes: its SDK, generated from its OpenAPI description.

Only the generated modules are used, by a lock of their own: the SDK's other packages serve models, and are not needed.
"""

import fcntl
import hashlib
import importlib
import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from kubernetes.client import models as kubernetes_models

from scripts.install import find_uv, pip_settings
from tests.kept import CACHE

LOCK = Path(__file__).resolve().parents[2] / "requirements" / "kserve.txt"
INSTALL_SECONDS = 120
_PLAIN = {"int": int, "str": str, "bool": bool, "float": (int, float)}
_NESTED = re.compile(r"([Ll]ist\[|[Dd]ict[(\[]str, )(.+)[\])]")
SERVICE = "V1beta1InferenceService"


def problems(manifest: dict[str, Any]) -> list[str]:
    """What KServe's types have against an InferenceService; what is read is written back as it was."""
    found: list[str] = []
    made = _read(manifest, SERVICE, "InferenceService", found)
    if not found and (again := _written(made)) != manifest:
        found.append(f"it is written back as {again}")
    return found


def _read(value: Any, kind: str, place: str, found: list[str]) -> Any:
    """The value as an object of its published type; unknown names and wrong types are told."""
    nested = _NESTED.fullmatch(kind)
    if nested:
        is_list = kind.lower().startswith("list")
        if not isinstance(value, list if is_list else dict):
            found.append(f"{place} must be {kind}")
            return value
        if is_list:
            return [_read(each, nested[2], f"{place}[{at}]", found) for at, each in enumerate(value)]
        return {key: _read(each, nested[2], f"{place}.{key}", found) for key, each in value.items()}
    if kind in _PLAIN:
        is_right = isinstance(value, _PLAIN[kind]) and isinstance(value, bool) == (kind == "bool")
        found.extend([] if is_right else [f"{place} must be {kind}, not {value!r}"])
        return value
    typed = _type(kind)
    return value if typed is None else _object(value, typed, place, found)


def _object(value: Any, typed: Any, place: str, found: list[str]) -> Any:
    names = {written: name for name, written in typed.attribute_map.items()}
    if not isinstance(value, dict):
        found.append(f"{place} must be {typed.__name__}")
        return value
    found.extend(f"{place} has no {key}" for key in value if key not in names)
    given = {
        names[key]: _read(each, typed.openapi_types[names[key]], f"{place}.{key}", found)
        for key, each in value.items()
        if key in names
    }
    try:
        return typed(**given)
    except ValueError as error:
        found.append(f"{place}: {error}")
        return value


def _written(value: Any) -> Any:
    if isinstance(value, list):
        return [_written(each) for each in value]
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    if not hasattr(value, "attribute_map"):
        return value
    named = ((written, getattr(value, name)) for name, written in value.attribute_map.items())
    return {written: _written(each) for written, each in named if each is not None}


def _type(kind: str) -> Any:
    """The class of a name, KServe's or Kubernetes'; None for what may be anything, such as a quantity."""
    if kind in ("object", "ResourceQuantity", "IntstrIntOrString", "datetime"):
        return None
    found = getattr(_published(), kind, None) or getattr(kubernetes_models, kind, None)
    assert found is not None, f"There is no type {kind}."
    return found


@cache
def _published() -> ModuleType:
    """`kserve.models` without the rest of the SDK."""
    if "kserve" not in sys.modules:
        package = ModuleType("kserve")
        package.__path__ = [str(_installed() / "kserve")]
        sys.modules["kserve"] = package
    return importlib.import_module("kserve.models")


def _installed() -> Path:
    """The folder of the SDK by the lock, made once and kept between test runs."""
    home = CACHE / f"kserve-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]}"
    CACHE.mkdir(parents=True, exist_ok=True)
    with home.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            uv = find_uv()
            assert uv is not None, "There is no uv."
            words = [
                "pip",
                "install",
                "--quiet",
                "--no-deps",
                "--require-hashes",
                "--target",
                str(home),
                "-r",
                str(LOCK),
            ]
            subprocess.run(
                [uv, *words], env={**os.environ, **pip_settings()}, check=True, timeout=INSTALL_SECONDS
            )
            (home / "complete").touch()
    return home
