"""AI systems with the models that they use."""

from collections.abc import Sequence
from dataclasses import dataclass

from compliance.models import AISystem
from jobs.models import ACTIVE_STATES, JobRun
from registry.models import Assignment, ModelVersion, SystemModel
from registry.models.assignments import ALIAS

FILE_JOB = "registry.technical_file"


@dataclass(frozen=True)
class SystemRow:
    """A system with the names of its models."""

    system: AISystem
    models: list[str]


@dataclass(frozen=True)
class Link:
    """A model that a system uses; `version` is what the alias points to now, or the fixed one."""

    link: SystemModel
    version: ModelVersion | None


def system_rows(systems: Sequence[AISystem]) -> list[SystemRow]:
    """Systems with the names of the models that they use."""
    names: dict[object, list[str]] = {}
    links = SystemModel.objects.filter(system__in=systems, valid_to=None).order_by("model__name")
    for system_id, name in links.values_list("system_id", "model__name"):
        names.setdefault(system_id, []).append(name)
    return [SystemRow(each, names.get(each.pk, [])) for each in systems]


def links_of(system: AISystem) -> list[Link]:
    """The models of a system, each with the version that it means now."""
    links = SystemModel.objects.filter(system=system, valid_to=None)
    links = links.select_related("model__workspace", "version").order_by("model__name")
    return [Link(each, each.version or _pointed_to(each)) for each in links]


def file_job(system: AISystem) -> JobRun | None:
    """The job that builds the technical file of a system just now."""
    jobs = JobRun.objects.filter(kind=FILE_JOB, key=system.pk.hex, workspace_id=system.workspace_id)
    return jobs.filter(state__in=ACTIVE_STATES).first()


def _pointed_to(link: SystemModel) -> ModelVersion | None:
    now = Assignment.objects.filter(model_id=link.model_id, kind=ALIAS, name=link.alias, valid_to=None)
    found = now.select_related("version").first()
    return found.version if found else None
