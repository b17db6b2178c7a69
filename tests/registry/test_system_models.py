"""What AI systems use, from when to when, and that a tier cannot be changed to get round a policy."""

from datetime import timedelta

import pytest
from django.test import Client

from compliance.models import AISystem, Policy, PolicyVersion
from compliance.services.ai_systems import system_reclassify, system_retire, system_update
from portal.kernel.clock import now
from portal.kernel.errors import (
    Conflict,
    DomainError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    PolicyViolation,
)
from registry.models import SystemModel
from registry.selectors.systems import risk_tier_of, versions_used
from registry.services.system_models import system_model_link, system_model_unlink
from tests.registry.graphs import Made, experiment_of


@pytest.fixture
def made(experiment):
    return Made(experiment)


@pytest.fixture
def version(made):
    return made.version()


@pytest.fixture
def system(workspace, ann, bob):
    return AISystem.objects.create(
        workspace=workspace, name="Loan scoring", intended_purpose="Scores.", owner=bob, created_by=ann,
        role="provider", risk_tier="high", risk_rationale="Annex III.",
    )  # fmt: skip


def test_by_alias_it_means_what_the_alias_means_now(made, version, system, ann, acting):
    link = system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    assert (link.alias, link.version, link.valid_to, link.linked_by_id) == ("champion", None, None, ann.pk)
    assert versions_used(system) == []
    made.point(version)
    assert versions_used(system) == [version]
    assert risk_tier_of(version.model) == "high"


def test_the_gravest_tier_of_those_in_use_counts(version, system, workspace, ann, acting):
    mild = AISystem.objects.create(
        workspace=workspace,
        name="Mild",
        intended_purpose="x",
        owner=ann,
        role="provider",
        risk_tier="minimal",
    )
    assert risk_tier_of(version.model) == ""
    system_model_link(actor=acting(ann), system=mild, model=version.model, version=version)
    assert risk_tier_of(version.model) == "minimal"
    system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    assert risk_tier_of(version.model) == "high"
    system_retire(actor=acting(ann), system=system)
    assert risk_tier_of(version.model) == "minimal"


def test_unlinking_leaves_the_past(version, system, ann, acting):
    link = system_model_link(actor=acting(ann), system=system, model=version.model, version=version)
    with pytest.raises(Conflict, match="already"):
        system_model_link(actor=acting(ann), system=system, model=version.model, version=version)
    system_model_unlink(actor=acting(ann), system=system, link=link)
    with pytest.raises(NotFound):
        system_model_unlink(actor=acting(ann), system=system, link=link)
    again = system_model_link(actor=acting(ann), system=system, model=version.model, version=version)
    first, second = SystemModel.objects.filter(system=system).order_by("valid_from", "id")
    assert first.valid_to <= second.valid_from
    assert second == again


def test_a_clock_that_goes_back_makes_no_overlap(version, system, ann, acting):
    ends = now() + timedelta(hours=3)
    SystemModel.objects.create(
        workspace=system.workspace, system=system, model=version.model, alias="champion",
        valid_from=ends - timedelta(hours=1), valid_to=ends,
    )  # fmt: skip
    link = system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    assert link.valid_from == ends
    system_model_unlink(actor=acting(ann), system=system, link=link)
    assert SystemModel.objects.get(pk=link.pk).valid_to == ends


def test_what_makes_no_sense_is_refused(made, version, system, other, ann, acting):
    foreign = Made(experiment_of(other, "theirs")).version(name="theirs")
    another = made.version(name="another")

    def link(**given):
        return system_model_link(actor=acting(ann), system=system, **{"model": version.model, **given})

    for given in ({}, {"alias": "a", "version": version}):
        with pytest.raises(InvalidInput):
            link(**given)
    with pytest.raises(NotFound):
        link(model=foreign.model, alias="champion")
    with pytest.raises(NotFound):
        link(version=another)
    with pytest.raises(DomainError, match="Invalid alias"):
        link(alias="not/one")
    assert not SystemModel.objects.exists()


@pytest.mark.parametrize("name", ["cora", "bob", "dia", "olga", "aude"])
def test_only_maintainers_link(name, request, version, system, acting):
    with pytest.raises(PermissionDenied):
        system_model_link(
            actor=acting(request.getfixturevalue(name)), system=system, model=version.model, alias="champion"
        )


@pytest.fixture
def protected(made, version, system, workspace, ann, dia, acting):
    """champion of a model of tier high is protected, and means the version."""
    document = {
        "name": "grave", "applies_to": {"risk_tiers": ["high"], "aliases": ["champion"]}, "rules": [],
        "approvals": [{"role": "approver", "quorum": 1}],
    }  # fmt: skip
    policy = Policy.objects.create(workspace=workspace, name="grave", created_by=ann)
    policy.current = PolicyVersion.objects.create(
        policy=policy, workspace=workspace, number=1, source="x", document=document, digest="d" * 64,
        state="published", proposed_by=ann, decided_by=dia, decided_at=now(),
    )  # fmt: skip
    policy.save()
    link = system_model_link(actor=acting(ann), system=system, model=version.model, alias="champion")
    made.point(version)
    return link


def test_no_way_round_a_policy_leads_over_the_tier(protected, system, ann, dia, acting):
    tries = (
        lambda: system_model_unlink(actor=acting(ann), system=system, link=protected),
        lambda: system_retire(actor=acting(ann), system=system),
        lambda: system_reclassify(
            actor=acting(dia), system=system, risk_tier="minimal", risk_rationale="Less."
        ),
        lambda: system_update(
            actor=acting(ann), system=system, change={"risk_tier": "prohibited", "risk_rationale": "More."}
        ),
    )
    for act in tries:
        with pytest.raises(PolicyViolation, match="protected by grave"):
            act()
    system.refresh_from_db()
    assert (system.risk_tier, system.retired_at) == ("high", None)
    assert SystemModel.objects.filter(valid_to=None).count() == 1


def test_what_protects_nothing_may_go(protected, made, system, ann, acting):
    interval = made.live[-1]
    type(interval).objects.filter(pk=interval.pk).update(valid_to=now())
    system_retire(actor=acting(ann), system=system)


def test_the_api(made, version, system, ann, bob, cleo, token_for):
    def api(user):
        return Client(headers={"Authorization": f"Bearer {token_for(user)}"})

    address = f"/api/v1/ai-systems/{system.pk}/models"
    made_link = api(ann).post(address, {"model": "fraud", "version": 1}, content_type="application/json")
    assert made_link.status_code == 201
    assert (made_link.json()["version"], made_link.json()["alias"]) == (1, "")
    assert (
        api(ann).post(address, {"model": "none", "alias": "a"}, content_type="application/json").status_code
        == 404
    )
    assert len(api(bob).get(address).json()["items"]) == 1
    assert api(cleo).get(address).status_code == 404
    assert api(bob).delete(f"{address}/{made_link.json()['id']}").status_code == 403
    assert api(ann).delete(f"{address}/{made_link.json()['id']}").status_code == 204
    assert api(bob).get(address).json()["items"] == []
    assert len(api(bob).get(f"{address}?is_current=false").json()["items"]) == 1
