"""What a model needs to run, from the lists that MLflow writes beside it."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from packageurl import PackageURL
from packaging.requirements import InvalidRequirement, Requirement

from registry.gate.yaml_reading import UnreadableYaml, yaml_read

REQUIREMENTS, CONDA, PYTHON_ENV = "requirements.txt", "conda.yaml", "python_env.yaml"
LISTS = (REQUIREMENTS, CONDA, PYTHON_ENV)
_AT_MOST = 2000
_CONDA = re.compile(r"(?P<name>[A-Za-z0-9_.\-]+)\s*(?P<rest>[=<>!~].*)?")


@dataclass(frozen=True)
class Dependency:
    """One package. `version` is empty unless exactly one is asked for; `text` is the line as written."""

    name: str
    version: str
    text: str
    source: str
    ecosystem: str = "pypi"

    @property
    def is_pinned(self) -> bool:
        return bool(self.version)

    @property
    def purl(self) -> str:
        return PackageURL(type=self.ecosystem, name=self.name, version=self.version or None).to_string()

    def facts(self) -> dict[str, Any]:
        return {**asdict(self), "pinned": self.is_pinned, "purl": self.purl}


def dependencies_read(files: dict[str, bytes]) -> tuple[list[Dependency], list[str]]:
    """The packages named by the lists that are there, and sentences about lines that say nothing clear.

    MLflow repeats its requirements in conda.yaml: a package that is pinned in one list is pinned.
    """
    found: dict[tuple[str, str], Dependency] = {}
    problems: list[str] = []
    for source in LISTS:
        if source in files:
            for dependency in _read(source, files[source], problems):
                key = (dependency.ecosystem, dependency.name)
                if key not in found or (dependency.is_pinned and not found[key].is_pinned):
                    found[key] = dependency
    ordered = sorted(found.values(), key=lambda each: (each.ecosystem, each.name))
    if len(ordered) > _AT_MOST:
        problems.append(f"Only the first {_AT_MOST} of {len(ordered)} packages are listed.")
    return ordered[:_AT_MOST], problems[:100]


def _read(source: str, data: bytes, problems: list[str]) -> list[Dependency]:
    if source == REQUIREMENTS:
        return _lines(data.decode("utf-8", "replace").splitlines(), source, problems)
    try:
        document = yaml_read(data)
    except UnreadableYaml as error:
        problems.append(f"{source} {error}.")
        return []
    if not isinstance(document, dict):
        problems.append(f"{source} holds no mapping.")
        return []
    if source == PYTHON_ENV:
        lines = [*_texts(document.get("build_dependencies")), *_texts(document.get("dependencies"))]
        return _python(str(document.get("python") or ""), source) + _lines(lines, source, problems)
    return _conda(document.get("dependencies"), problems)


def _lines(lines: list[str], source: str, problems: list[str]) -> list[Dependency]:
    found = []
    for line in lines:
        text = line.split(" #")[0].strip()
        if not text or text.startswith("#"):
            continue
        if text.startswith("-"):
            # `-r requirements.txt` of python_env.yaml is the list that is read anyway.
            if text.split() != ["-r", REQUIREMENTS]:
                problems.append(f"{source}: the option '{text[:100]}' is not followed.")
            continue
        try:
            found.append(_requirement(text, source))
        except InvalidRequirement:
            problems.append(f"{source}: '{text[:100]}' is no requirement.")
    return found


def _requirement(text: str, source: str) -> Dependency:
    wanted = Requirement(text)
    exact = [each.version for each in wanted.specifier if each.operator in ("==", "===")]
    version = exact[0] if len(exact) == 1 and "*" not in exact[0] else ""
    name = re.sub(r"[-_.]+", "-", wanted.name).lower()
    return Dependency(name[:200], version[:100], text[:300], source)


def _python(version: str, source: str) -> list[Dependency]:
    return (
        [Dependency("python", version[:100], f"python {version}"[:300], source, "generic")] if version else []
    )


def _conda(listed: Any, problems: list[str]) -> list[Dependency]:
    found: list[Dependency] = []
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict):
            found += _lines(_texts(entry.get("pip")), CONDA, problems)
            continue
        match = _CONDA.fullmatch(str(entry).split("::")[-1].strip())
        if match is None:
            problems.append(f"{CONDA}: '{str(entry)[:100]}' is no package.")
            continue
        rest = (match["rest"] or "").strip()
        exact = re.fullmatch(r"==?([A-Za-z0-9_.]+)(=.*)?", rest)
        kind = "generic" if match["name"] == "python" else "conda"
        version = exact[1] if exact and "*" not in rest else ""
        found.append(Dependency(match["name"].lower()[:200], version[:100], str(entry)[:300], CONDA, kind))
    return found


def _texts(listed: Any) -> list[str]:
    return [str(entry) for entry in listed] if isinstance(listed, list) else []
