"""Cards in and out in the shape of SageMaker: `Content` of DescribeModelCard, snake_case."""

import json
from collections.abc import Mapping
from typing import Any

from portal.kernel.errors import InvalidInput
from registry.cards.schema import OWN_SECTIONS, SAGEMAKER_SECTIONS, sagemaker_check


def sagemaker_export(content: Mapping[str, Any]) -> dict[str, Any]:
    """What SageMaker takes as the content of a card; the sections of ours have no place in it."""
    return {name: content[name] for name in SAGEMAKER_SECTIONS if name in content}


def sagemaker_import(given: Any, current: Mapping[str, Any]) -> dict[str, Any]:
    """A card from SageMaker's, with the sections of ours as they stand.

    `given` is the content, or the answer of DescribeModelCard that holds it as a text. Raises InvalidInput, which
    names the path of what does not fit.
    """
    content = _content(given)
    sagemaker_check(content)
    return {**content, **{name: current[name] for name in OWN_SECTIONS if name in current}}


def _content(given: Any) -> Any:
    if not isinstance(given, Mapping) or "Content" not in given:
        return given
    inside = given["Content"]
    if not isinstance(inside, str):
        return inside
    try:
        return json.loads(inside)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("$.Content: it is no JSON.", code="invalid_card") from error
