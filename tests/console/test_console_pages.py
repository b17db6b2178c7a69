"""Who comes into the console, and that all of it can be read and none of it changed."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from compliance.models import Evidence, Finding
from portal.accounts.actor import Actor
from portal.accounts.models import ApiToken, AuditorGrant, User
from portal.audit.models import AuditEvent
from portal.console.site import console_site
from portal.kernel.clock import now
from tests.web import governed

pytestmark = pytest.mark.django_db

PAGES = (
    "console-home", "console-audit", "console-dossiers", "console-access", "console-retention", "console:index",
    "console:compliance_evidence_changelist", "console:accounts_user_changelist",
)  # fmt: skip


def address_of(model, kind="changelist", **kwargs):
    return reverse(f"console:{model._meta.app_label}_{model._meta.model_name}_{kind}", kwargs=kwargs or None)


@pytest.fixture
def version(workspace, cora):
    model = governed.model_row(workspace, owner=cora)
    return governed.version_row(model)


@pytest.fixture
def everything(version, cora, dia, workspace):
    """A row in most lists."""
    asked = governed.request_row(version, cora, waiver=governed.waiver_row(version, cora, dia))
    governed.approval_row(asked)
    governed.assignment_row(version)
    governed.finding_row(version)
    governed.system_row(workspace, cora, version.model)
    governed.policy_row(workspace, "champions", ["name: champions"], proposer=cora, decider=dia)
    return governed.evidence_row(version)


@pytest.mark.parametrize("name", PAGES)
def test_auditors_and_operators_read_and_nobody_else(entered, aude, olga, ann, name):
    for user in (aude, olga):
        assert entered(user).get(reverse(name)).status_code == 200
    boss = User.objects.create(username="boss", is_staff=True, is_superuser=True)
    for user in (ann, boss):
        assert entered(user).get(reverse(name)).status_code == 403
    assert Client().get(reverse(name)).status_code == 302


def test_no_role_of_a_workspace_lets_in(entered, ann, cora, bob, dia, cleo, robot):
    for user in (ann, cora, bob, dia, cleo, robot):
        assert entered(user).get(reverse("console-retention")).status_code == 403


def test_a_refusal_leaves_an_event(entered, ann):
    entered(ann).get(reverse("console-home"))
    event = AuditEvent.objects.get(action="console.page.read")
    assert (event.outcome, event.actor) == ("denied", f"user:{ann.pk}")


def test_a_grant_lets_in_while_it_holds_and_shows_its_workspace_only(
    entered, cleo, workspace, other, olga, version
):
    secret = governed.version_row(governed.model_row(other, "zebra"))
    grant = AuditorGrant.objects.create(
        user=(guest := User.objects.create(username="guest")), workspace=workspace, reason="yearly audit",
        starts_at=now() - timedelta(hours=1), ends_at=now() + timedelta(days=1), granted_by=olga,
    )  # fmt: skip
    client = entered(guest)
    shown = client.get(address_of(type(version))).content.decode()
    assert "scorer" in shown
    assert "zebra" not in shown
    assert client.get(address_of(type(version), "change", object_id=secret.pk)).status_code == 404
    assert client.get(address_of(User)).status_code == 403
    grant.revoked_at = now()
    grant.save()
    assert client.get(address_of(type(version))).status_code == 403


def test_no_list_lets_anybody_change_anything(aude, olga, acting, ann):
    boss = User.objects.create(username="boss", is_staff=True, is_superuser=True)
    for user in (aude, olga, ann, boss):
        request = SimpleNamespace(actor=Actor.of_user(user), user=user)
        for model, admin in console_site._registry.items():
            assert not admin.has_add_permission(request), model
            assert not admin.has_change_permission(request), model
            assert not admin.has_delete_permission(request), model
            for way in ("save_model", "delete_model", "delete_queryset", "save_formset", "log_change"):
                with pytest.raises(TypeError):
                    getattr(admin, way)(request, None)
            names = {route.name.rpartition("_")[2] for route in admin.get_urls()}
            assert names == {"changelist", "history", "change"}


@pytest.mark.slow
def test_no_list_takes_a_post(entered, olga, everything):
    client = entered(olga)
    for model in console_site._registry:
        row = model.objects.first()
        paths = [address_of(model)]
        paths += [address_of(model, kind, object_id=row.pk) for kind in ("change", "history")] if row else []
        for path in paths:
            for data in ({}, {"action": "delete_selected", "_selected_action": "1"}, {"_save": "1"}):
                assert client.post(path, data).status_code == 405, path
            assert client.delete(path).status_code == 405
    for path in ("add/", "1/delete/"):
        assert client.post(address_of(Finding) + path).status_code in (404, 405)
    assert LogEntry.objects.count() == 0


@pytest.mark.slow
def test_every_list_and_record_opens(entered, aude, everything):
    client, seen = entered(aude), 0
    for model in console_site._registry:
        assert client.get(address_of(model), follow=True).status_code == 200, model
        row = model.objects.first()
        if row is not None:
            seen += 1
            assert (
                client.get(address_of(model, "change", object_id=row.pk), follow=True).status_code == 200
            ), model
            assert (
                client.get(address_of(model, "history", object_id=row.pk), follow=True).status_code == 200
            ), model
    assert seen > 12


def test_no_secret_is_shown(entered, aude, ann, token_for):
    secret = token_for(ann)
    token = ApiToken.objects.get()
    ann.set_password("violet-harbour-ladder-71")
    ann.save()
    client = entered(aude)
    shown = client.get(address_of(ApiToken, "change", object_id=token.pk)).content.decode()
    shown += client.get(address_of(User, "change", object_id=ann.pk)).content.decode()
    assert secret not in shown
    assert bytes(token.digest).hex() not in shown
    assert ann.password not in shown


def test_looking_into_evidence_is_noted_of_auditors(entered, aude, olga, everything):
    path = address_of(Evidence, "change", object_id=everything.pk)
    entered(olga).get(path)
    assert not AuditEvent.objects.filter(action="console.evidence.read").exists()
    entered(aude).get(path)
    event = AuditEvent.objects.get(action="console.evidence.read")
    assert (event.actor, event.object_id, event.outcome) == (f"user:{aude.pk}", everything.pk.hex, "done")


def test_pages_hold_no_inline_code(entered, aude, everything):
    client = entered(aude)
    for path in (*map(reverse, PAGES), address_of(Evidence, "change", object_id=everything.pk)):
        page = client.get(path).content.decode()
        assert "<style" not in page
        assert "style=" not in page
        assert "onclick" not in page
        assert "admin/css" not in page
        assert "admin/js" not in page
        assert all("src=" in tag for tag in page.split("<script")[1:])


@pytest.mark.parametrize(
    "query",
    ["?p=zzz", "?p=99999999", "?o=9.9.x", "?q=%27%22%3C%2F", "?nonsense=1", "?outcome__exact=%27", "?e=1", "?all=",
     "?_to_field=x", "?_popup=1", "?workspace__id__exact=abc", "?workspace__id__exact=99999999999999999999",
     "?kind__regex=(((", "?_facets=True"],
)  # fmt: skip
def test_bad_parameters_of_a_list_are_no_fault(entered, aude, everything, query):
    assert entered(aude).get(address_of(Evidence) + query, follow=True).status_code in (200, 400)


@pytest.mark.parametrize(
    "key", ["zzz", "99999999999999999999", "01890000-0000-7000-8000-000000000000", "_5F"]
)
def test_a_record_that_is_not_there(entered, aude, key):
    assert entered(aude).get(address_of(Evidence, "change", object_id=key)).status_code == 404


def test_the_navigation_shows_the_console_to_whom_it_lets_in(entered, aude, ann):
    link = f'href="{reverse("console-home")}"'
    assert link in entered(aude).get("/").content.decode()
    assert link not in entered(ann).get("/").content.decode()
