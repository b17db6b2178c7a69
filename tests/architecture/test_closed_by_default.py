"""What is not declared does not start: routes, methods of the API, endpoints of the protocol, operations."""

import importlib
import inspect
import pkgutil
import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import clear_url_caches, path

import compliance
import deployments
import experiments
import jobs
import monitoring
import portal
import registry
import training
import transfer
from portal import access
from portal.api.base import ApiView
from portal.mlflow import PROTOCOL
from portal.operations import OPERATIONS
from portal.routing import PUBLIC_ROUTES, declared_actions, is_public, page, routes, undeclared_refuse

# Acts that sign-in records by itself, and the enqueueing that operations do as a part of their own change; every
# other writing action is done by an operation or a writer.
NO_OPERATION = {
    "accounts.session.start", "accounts.session.end", "accounts.password.change", "accounts.factor.change",
    "jobs.job.enqueue",
}  # fmt: skip

# Steps that several operations share: they run inside the operation that calls them and change nothing by themselves.
SHARED_STEPS = {
    "experiments.services.digests.digest_enqueue",
    "training.services.pipelines.advance_ask",  # enqueues
    "training.services.pipeline_starts.triggers_tell",  # enqueues in the transaction of what happened
    "training.services.jobs.training_like",  # makes the clone that `training.job.clone` asks for
    "compliance.services.notices.notice_write",  # tells of what the operation around it does
    "compliance.services.reminders.reminders_write",
    "compliance.services.findings.finding_open",  # hands its arguments to the effect of the same act
    "compliance.services.evidence.evidence_record",  # hands its arguments to the effect of the same name
    "compliance.services.gate.rule",  # decides, in the transaction of the operation that asks
    "compliance.services.gate.lent",
    "compliance.services.gate.consequence",  # make an actor and change nothing
    # Loops over effects, each with its own event.
    *(
        f"compliance.services.invalidation.{name}"
        for name in (
            "requests_invalidate",
            "evidence_changed",
            "request_invalidate_now",
        )
    ),
    "compliance.services.approvals.target_leave",
    "compliance.services.decisions.approval_decide",  # one operation, and another where the first found it stale
    "compliance.services.decisions.approval_apply",
    "compliance.services.revocations.revoked",
    "compliance.services.invalidation.policies_changed",
    *(f"compliance.services.persons.{name}" for name in ("person_of", "proved", "voice_of")),
    *(
        f"compliance.services.telling.{name}_tell"
        for name in (
            "opened",
            "outcome",
            "ended",
            "break_glass",
            "waiver",
            "policy",
        )
    ),
    # Look at the actor and write evaluations, which are no acts but what acts were decided on.
    "compliance.services.gate.evaluation_store",
    "compliance.services.gate.gate_preview",
    "compliance.services.requests.own_check",
    "compliance.services.requests.account_of",
    *(f"experiments.services.held_runs.{name}" for name in ("run_take", "take_params", "why_not")),
    *(f"training.services.jobs.{name}" for name in ("person_of", "experiment_of")),
    "training.services.sweeps.advance_ask",  # enqueues
    *(f"deployments.services.gated.deploy_{act}" for act in ("apply", "revert")),
    *(f"deployments.services.scorings.score_{act}" for act in ("apply", "revert")),
    *(f"registry.services.moves.{kind}_{act}" for kind in ("alias", "stage") for act in ("apply", "revert")),
}


def test_every_route_of_the_site_is_declared_or_public():
    undeclared = [
        path for path, route in routes() if not declared_actions(route.callback) and not is_public(route.name)
    ]
    assert undeclared == []


def test_the_list_of_public_routes_says_why():
    assert all(len(reason) > 10 for reason in PUBLIC_ROUTES.values())


@pytest.fixture
def site(settings):
    """`site(view, …)` makes a site of these views the one that is checked."""

    def use(*views):
        module: Any = ModuleType("tests_site")
        module.urlpatterns = [
            path(f"{number}/", view, name=f"v{number}") for number, view in enumerate(views)
        ]
        sys.modules["tests_site"] = module
        settings.ROOT_URLCONF = "tests_site"
        clear_url_caches()

    yield use
    sys.modules.pop("tests_site", None)
    clear_url_caches()


def found_errors():
    return {message.id for message in run_checks() if (message.id or "").startswith("portal.")}


def test_a_route_without_an_action_fails_the_start(site):
    site(lambda request: HttpResponse())
    assert found_errors() == {"portal.E001"}


def test_an_api_view_without_actions_fails_the_start(site):
    class Forgotten(ApiView):
        def get(self, request):
            """Nothing."""

    site(Forgotten.as_view())
    assert found_errors() == {"portal.E001"}


def test_an_action_that_is_not_listed_fails_the_start(site):
    class Misspelt(ApiView):
        actions = {"GET": "accounts.workspace.raed"}  # noqa: RUF012 - as views are written

        def get(self, request):
            """Nothing."""

    site(Misspelt.as_view())
    assert found_errors() == {"portal.E002"}
    with pytest.raises(LookupError):
        page("accounts.workspace.raed")


def test_a_server_does_not_start_either(site):
    site(lambda request: HttpResponse())
    with pytest.raises(ImproperlyConfigured, match="declares no action"):
        undeclared_refuse()


@pytest.mark.slow
def test_the_check_is_registered_before_any_view_is_imported():
    """In a process of its own: here the views are imported long since."""
    code = (
        "import django; django.setup(); from django.core.checks.registry import registry; "
        "print([check.__name__ for check in registry.get_checks()])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "every_route_declares_an_action" in shown.stdout


def test_a_declared_route_starts(site):
    site(page("portal.home.read")(lambda request: HttpResponse()))
    assert found_errors() == set()


def test_every_method_of_an_api_view_has_its_action():
    views = {route.callback.cls for _, route in routes() if hasattr(route.callback, "cls")}
    assert views
    methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
    open_methods = [
        f"{view.__name__}.{method}"
        for view in views
        for method in methods
        if hasattr(view, method.lower()) and method not in view.actions
    ]
    assert open_methods == []


def test_every_endpoint_of_the_protocol_has_its_action():
    endpoints = [*PROTOCOL.fixed.values(), *(endpoint for _, _, endpoint in PROTOCOL.patterns)]
    assert len(endpoints) > 30
    assert [e.path for e in endpoints if e.action not in access.ACTIONS and not e.is_public] == []


def service_modules():
    """Every module in some app's `services`."""
    for package in (
        portal, jobs, compliance, experiments, registry, transfer, training, deployments, monitoring,
    ):  # fmt: skip
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".services." in found.name:
                yield importlib.import_module(found.name)


def test_every_public_function_that_takes_an_actor_and_a_change_is_declared():
    modules = list(service_modules())  # importing them declares their operations
    declared = {entry.function for entries in OPERATIONS.values() for entry in entries}
    loose = []
    for module in modules:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            is_own = function.__module__ == module.__name__ and not name.startswith("_")
            takes_actor = "actor" in inspect.signature(function).parameters
            if is_own and takes_actor and function not in declared:
                loose.append(f"{module.__name__}.{name}")
    assert set(loose) - SHARED_STEPS == set()


def test_operations_take_keywords_only():
    for entries in OPERATIONS.values():
        for entry in entries:
            if entry.function.__module__.startswith("tests."):
                continue
            kinds = {parameter.kind for parameter in inspect.signature(entry.function).parameters.values()}
            assert kinds <= {inspect.Parameter.KEYWORD_ONLY}, entry.function


def test_every_writing_action_has_somebody_who_does_it():
    list(service_modules())
    idle = (
        {name for name, action in access.ACTIONS.items() if action.is_write}
        - OPERATIONS.keys()
        - NO_OPERATION
    )
    assert idle == set()
