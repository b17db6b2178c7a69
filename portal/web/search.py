"""Search everything: pages, commands, models, datasets, people, trainings, experiments, runs. Each query of it holds
who may see what, so that nothing is found and then dropped."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from compliance.selectors.web_requests import request_rows
from experiments.selectors.dataset_versions import assets_visible
from experiments.selectors.experiments import experiments_visible
from experiments.selectors.run_names import runs_named
from jobs.models import JobRun
from portal.accounts.actor import Actor
from portal.accounts.models import User
from registry.models import ModelVersion
from registry.selectors.models import models_visible, versions_visible
from training.models import Sweep, TrainingJob

FOUND_AT_MOST, HEX_LENGTH = 8, 32
# What one can do, the route that does it, and a query for it.
_COMMANDS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("New experiment", "experiment-new", {}),
    ("New training", "training-new", {}),
    ("New token", "token-new", {}),
    ("My runs", "runs", {"only": "mine"}),
    ("Runs that failed today", "runs", {"since": "today", "facet": "attributes.status=FAILED"}),
    ("Runs that run now", "runs", {"facet": "attributes.status=RUNNING"}),
    ("Starred runs", "runs", {"only": "starred"}),
    ("All runs", "runs", {"view": "active"}),
)


@dataclass(frozen=True)
class Found:
    """One result of the search box."""

    label: str
    kind: str
    url: str


def found_by(actor: Actor, text: str, pages: list[Found]) -> list[Found]:
    """What holds the text in its name, pages and commands first.

    `name v3` finds a version; the beginning of an id, of six digits or more, finds a run, and a whole one a job.
    """
    wanted = text.strip().lower()
    found = [each for each in [*pages, *_commands()] if wanted in each.label.lower()]
    if wanted and "\0" not in wanted:
        for find in (_models, _datasets, _requests, _experiments, _runs, _trainings, _people, _jobs):
            found += find(actor, wanted)
    return found


def _commands() -> list[Found]:
    found = []
    for label, route, query in _COMMANDS:
        try:
            address = reverse(route)
        except NoReverseMatch:
            continue
        found.append(Found(label, "command", f"{address}?{urlencode(query)}" if query else address))
    return found


def _experiments(actor: Actor, text: str) -> list[Found]:
    named = Q(name__icontains=text) | (Q(pk=int(text)) if text.isdecimal() and len(text) < 19 else Q(pk=None))
    experiments = experiments_visible(actor).filter(named, lifecycle_stage="active")
    return [
        Found(each.name, f"experiment · {each.workspace.name}", reverse("experiment", args=[each.pk]))
        for each in experiments.select_related("workspace").order_by("-last_update_time")[:FOUND_AT_MOST]
    ]


def _datasets(actor: Actor, text: str) -> list[Found]:
    return [
        Found(
            each.name, f"dataset · {each.workspace.name}", reverse("dataset", args=[each.workspace.name, each.name])
        )
        for each in assets_visible(actor).filter(name__icontains=text)[:FOUND_AT_MOST]
    ]  # fmt: skip


def _models(actor: Actor, text: str) -> list[Found]:
    """Models by name; with a number after the name, such as `scorer v3`, that version first."""
    name, _, number = text.rpartition(" ")
    digits = number.removeprefix("v")
    found: list[Found] = []
    if name and digits.isdecimal() and len(digits) < 10:
        versions = versions_visible(actor).filter(model__name__icontains=name, version=int(digits))
        found = [
            _version(each)
            for each in versions.select_related("model", "workspace").order_by("model__name")[:FOUND_AT_MOST]
        ]
    models = models_visible(actor).filter(name__icontains=text).select_related("workspace")
    return found + [
        Found(each.name, f"{'prompt' if each.is_prompt else 'model'} · {each.workspace.name}",
              reverse("model", args=[each.workspace.name, each.name]))
        for each in models.order_by("-last_updated_timestamp")[:FOUND_AT_MOST]
    ]  # fmt: skip


def _version(version: ModelVersion) -> Found:
    address = [version.workspace.name, version.model.name, version.version]
    return Found(str(version), f"version · {version.workspace.name}", reverse("version", args=address))


def _requests(actor: Actor, text: str) -> list[Found]:
    rows, _ = request_rows(actor, view="all", text=text, limit=FOUND_AT_MOST)
    return [
        Found(str(each), f"request · {each.state.replace('_', ' ')}", reverse("request", args=[each.pk]))
        for each in rows
    ]


def _runs(actor: Actor, text: str) -> list[Found]:
    return [
        Found(each.name, f"run · {each.experiment}", reverse("run", args=[each.id.hex]))
        for each in runs_named(actor, text, FOUND_AT_MOST)
    ]


def _trainings(actor: Actor, text: str) -> list[Found]:
    seen = Q() if actor.workspace_ids is None else Q(workspace_id__in=actor.workspace_ids)
    found = []
    for model, kind, route in ((Sweep, "sweep", "sweep"), (TrainingJob, "training", "training")):
        rows = model.objects.filter(seen, name__icontains=text).order_by("-id")[:FOUND_AT_MOST]
        found += [Found(each.name, kind, reverse(route, args=[each.pk])) for each in rows]
    return found


def _people(actor: Actor, text: str) -> list[Found]:
    """People of the actor's workspaces; what is shown of one are their runs."""
    users = User.objects.filter(Q(username__icontains=text) | Q(name__icontains=text), is_active=True)
    if actor.workspace_ids is not None:
        users = users.filter(memberships__workspace_id__in=actor.workspace_ids)
    return [
        Found(f"{each.username} · {each.name}" if each.name else each.username, "person",
              f"{reverse('runs')}?{urlencode({'facet': f'attributes.owner={each.username}'})}")
        for each in users.distinct().order_by("username")[:FOUND_AT_MOST]
    ]  # fmt: skip


def _jobs(actor: Actor, text: str) -> list[Found]:
    digits = text.replace("-", "")
    if len(digits) != HEX_LENGTH or not set(digits) <= set("0123456789abcdef"):
        return []
    jobs = JobRun.objects.filter(pk=digits)
    if actor.workspace_ids is not None:
        jobs = jobs.filter(workspace_id__in=actor.workspace_ids)
    return [Found(each.kind, f"job · {each.state}", reverse("job", args=[each.pk])) for each in jobs]
