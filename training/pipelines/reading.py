"""Reads the documents of pipelines: YAML or JSON, checked as a whole before anything is saved."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import rfc8785
import yaml

from compliance.policies.rules import rule_compile
from portal.kernel.errors import InvalidInput
from portal.kernel.json_schema import JsonSchema
from training.pipelines.filling import addresses_in, fill
from training.spec.reading import plain_check, spec_read

DOCUMENT_BYTES = 512 * 1024
VALUES_AT_MOST = 50_000
_SCHEMA = Path(__file__).parent / "schema.json"
_OURS = {"name", "experiment"}
_ASKED = re.compile(r"\bfacts\.steps\.([A-Za-z_][A-Za-z0-9_]*)")


@cache
def schema() -> dict[str, Any]:
    """The published JSON schema."""
    found: dict[str, Any] = json.loads(_SCHEMA.read_text())
    return found


def document_parse(text: str) -> dict[str, Any]:
    """A document from YAML or JSON. Raises InvalidInput with the place."""
    plain_check(text, what="pipeline", code="invalid_pipeline")
    if len(text.encode()) > DOCUMENT_BYTES:
        raise InvalidInput(f"A pipeline has at most {DOCUMENT_BYTES // 1024} KiB.", code="invalid_pipeline")
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidInput(f"The pipeline is no YAML: {error}", code="invalid_pipeline") from error
    if _is_vast(found):
        raise InvalidInput(
            f"With its aliases of YAML, the pipeline has more than {VALUES_AT_MOST:,} values.",
            code="invalid_pipeline",
        )
    return document_read(found)


def document_read(given: Any) -> dict[str, Any]:
    """A document that is whole: the form, the graph, the conditions and every job. Raises InvalidInput."""
    problem = JsonSchema(schema()).worst(given)
    if problem is not None:
        place = "/".join(str(part) for part in problem.absolute_path) or "the pipeline"
        raise InvalidInput(f"{place}: {problem.message[:500]}", code="invalid_pipeline")
    document: dict[str, Any] = {"parameters": {}, **given}
    plain_check(document, what="pipeline", code="invalid_pipeline")
    needs = {name: needs_of(step) for name, step in document["steps"].items()}
    for name, step in document["steps"].items():
        for problem_text in _problems(document, name, step, needs):
            raise InvalidInput(f"steps/{name}: {problem_text}", code="invalid_pipeline")
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        raise InvalidInput(
            f"The steps wait for each other in a circle: {circle}.", code="invalid_pipeline"
        ) from error
    return document


def document_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of a document that was read."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()


def _is_vast(value: Any) -> bool:
    """Whether a value has too many parts when each alias counts as what it stands for; also one that holds itself."""
    count, waiting = 0, [value]
    while waiting and count <= VALUES_AT_MOST:
        each = waiting.pop()
        count += 1
        waiting += each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
    return count > VALUES_AT_MOST


def needs_of(step: Mapping[str, Any]) -> set[str]:
    """The steps that one waits for: those that it names, and those whose outputs, values or states it reads."""
    read = {each["step"] for each in step.get("inputs", {}).values()}
    addressed = {
        parts[1] for parts in addresses_in([step["job"], step.get("foreach")]) if parts[0] == "steps"
    }
    return set(step.get("needs", ())) | read | addressed | set(_ASKED.findall(step.get("when", "")))


def _problems(
    document: Mapping[str, Any], name: str, step: Mapping[str, Any], needs: Mapping[str, set[str]]
) -> Iterator[str]:
    unknown = needs[name] - document["steps"].keys()
    if unknown:
        yield f"there is no step {', '.join(sorted(unknown))}."
    if name in needs[name]:
        yield "it waits for itself."
    if step["job"].keys() & _OURS:
        yield "the pipeline gives its jobs name and experiment."
    yield from _address_problems(document, step)
    if "when" in step:
        rule_compile(step["when"])
    yield from _input_problems(document, step)
    yield from _job_problems(document, step)


def _address_problems(document: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    for parts in addresses_in([step["job"], step.get("foreach")]):
        if parts[0] == "event":
            yield "only the parameters of a trigger know its event."
        if parts[0] == "parameters" and parts[1] not in document["parameters"]:
            yield f"there is no parameter {parts[1]}."
        if parts[0] == "item" and "foreach" not in step:
            yield "only a step with foreach has an item."


def _input_problems(document: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    if step.get("inputs", {}).keys() & step["job"].get("inputs", {}).keys():
        yield "an input of the job and one from a step have the same name."
    for input_name, each in step.get("inputs", {}).items():
        given = document["steps"].get(each["step"], {}).get("job", {}).get("outputs", {})
        if each["output"] not in given:
            yield f"inputs/{input_name}: the step {each['step']} has no output {each['output']}."


def _job_problems(document: Mapping[str, Any], step: Mapping[str, Any]) -> Iterator[str]:
    """The job with every address replaced by a number, which fits wherever a value can come from a step."""
    try:
        job = fill(
            step["job"],
            lambda parts: document["parameters"].get(parts[1], 1) if parts[0] == "parameters" else 1,
        )
        spec_read({**job, "experiment": document["experiment"]})
    except InvalidInput as error:
        yield f"job: {error}"
