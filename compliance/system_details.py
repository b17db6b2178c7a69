"""What people tell about an AI system beyond its record: the free-text parts of Annex IV, each under its own name.

`details` of a system is `{name: text}` with these names, and `standards_applied` a list of texts. An empty text is the
same as none: what nobody told stays a gap.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portal.kernel.errors import InvalidInput

TEXT_LENGTH, ITEM_LENGTH, ITEMS_AT_MOST = 20_000, 1_000, 50


@dataclass(frozen=True)
class Detail:
    """One thing to tell: `point` is its place in Annex IV."""

    name: str
    title: str
    point: str
    help: str
    is_list: bool = False


DETAILS: tuple[Detail, ...] = (
    Detail("provider_name", "Provider", "1(a)", "Name and address of the provider of the system."),
    Detail("system_version", "Version of the system", "1(a)", "The version, and how it relates to earlier ones."),
    Detail("interaction", "Interaction with other systems", "1(b)", "Hardware, software, AI systems it works with."),
    Detail("update_requirements", "Updates", "1(c)", "Versions of software or firmware, and what updates need."),
    Detail("forms_of_release", "Forms of release", "1(d)", "Package, download, API, part of a product: all forms."),
    Detail("target_hardware", "Target hardware", "1(e)", "The hardware that it is meant to run on."),
    Detail("product_illustrations", "Product", "1(f)", "If part of a product: where pictures and marking are kept."),
    Detail("deployer_interface", "Interface for the deployer", "1(g)", "What the deployer sees and operates."),
    Detail("instructions_for_use", "Instructions for use", "1(h)", "The instructions, or where they are kept."),
    Detail("development_methods", "Development", "2(a)", "Steps; pre-trained models and tools of others."),
    Detail("design_specification", "Design", "2(b)", "Logic, key choices with reasons, what is optimised, trade-offs."),
    Detail("architecture", "Architecture", "2(c)", "How the parts fit together and what computing they need."),
    Detail("data_requirements", "Data", "2(d)", "Origin, scope, selection, labelling and cleaning of the data."),
    Detail("oversight_measures", "Human oversight", "2(e)", "Who oversees it, how, with which help."),
    Detail("predetermined_changes", "Planned changes", "2(f)", "Foreseen changes, and how duties stay met."),
    Detail("validation_procedures", "Validation", "2(g)", "How it is validated and tested, by whom, on which data."),
    Detail("cybersecurity_measures", "Cybersecurity", "2(h)", "The measures in place."),
    Detail("limitations", "Capabilities and limits", "3", "What it can and cannot do; accuracy by group."),
    Detail("foreseeable_misuse", "Foreseeable misuse and risks", "3", "Unwanted outcomes, misuse."),
    Detail("input_specification", "Input data", "3", "What the input has to be."),
    Detail("metrics_rationale", "Why these metrics", "4", "Why the performance metrics suit this system."),
    Detail("risk_management", "Risk management", "5", "The risk process: risks, measures, what remains."),
    Detail("lifecycle_changes", "Changes over its life", "6", "Relevant changes made by the provider."),
    Detail("standards_applied", "Standards", "7", "Harmonised standards and others, one per line.", is_list=True),
    Detail("standards_alternative", "Solutions instead of standards", "7", "Where no harmonised standard is applied."),
    Detail("declaration_of_conformity", "Declaration of conformity", "8", "Where the copy of the declaration is kept."),
    Detail("post_market_plan", "Post-market monitoring", "9", "The plan for evaluating performance after release."),
)  # fmt: skip
BY_NAME = {detail.name: detail for detail in DETAILS}


def details_check(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details as they are stored, without what is empty. Raises InvalidInput."""
    unknown = sorted(set(details) - BY_NAME.keys())
    if unknown:
        raise InvalidInput(
            f"{', '.join(unknown)[:200]} is no detail of a system. Known: {', '.join(BY_NAME)}."
        )
    checked = {name: _checked(BY_NAME[name], value) for name, value in details.items()}
    return {name: value for name, value in checked.items() if value}


def _checked(detail: Detail, value: Any) -> Any:
    if detail.is_list:
        if not isinstance(value, list) or len(value) > ITEMS_AT_MOST:
            raise InvalidInput(f"{detail.name} must be a list of at most {ITEMS_AT_MOST} texts.")
        texts = [text_check(detail.name, each, ITEM_LENGTH) for each in value]
        return [text for text in texts if text]
    return text_check(detail.name, value, TEXT_LENGTH)


def text_check(name: str, value: Any, longest: int) -> str:
    """A text without blanks around it. Raises InvalidInput."""
    if not isinstance(value, str) or len(value) > longest or "\x00" in value:
        raise InvalidInput(f"{name} must be a text of at most {longest} characters, none of them NUL.")
    return value.strip()
