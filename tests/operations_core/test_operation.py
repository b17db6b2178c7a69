"""What @operation promises, on an operation made for the purpose."""

import threading

import pytest
from django.db import close_old_connections, connection, connections, transaction

from portal.accounts.actor import Actor
from portal.accounts.models import Workspace
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, PolicyViolation
from portal.operations import OPERATIONS, Changed, Declared, operation
from tests.audit.events import detail_of, latest, recorded

UPDATE = "accounts.workspace.update"


@pytest.fixture
def operations():
    """Lets a test declare operations without leaving them behind."""
    before = {action: list(declared) for action, declared in OPERATIONS.items()}
    yield
    OPERATIONS.clear()
    OPERATIONS.update(before)


@pytest.fixture
def rename(operations):
    @operation(UPDATE, on="workspace")
    def rename(
        *, actor: Actor, workspace: Workspace, text: str, error: Exception | None = None, reason: str = ""
    ):
        workspace.description = text
        workspace.save()
        if error:
            raise error
        return workspace

    return rename


def test_an_unlisted_action_stops_the_start(operations):
    with pytest.raises(LookupError, match=r"no\.such\.action"):
        operation("no.such.action")(lambda **_: None)


def test_the_catalogue_lists_it(rename):
    assert Declared(UPDATE, rename, True) in OPERATIONS[UPDATE]


def test_change_and_event_come_together(rename, acting, ann, workspace):
    rename(actor=acting(ann), workspace=workspace, text="new", reason="because")
    assert detail_of(latest())["changes"] == {"description": ["", "new"]}
    assert detail_of(latest())["reason"] == "because"
    assert latest().request_id == "test"


def test_without_the_event_there_is_no_change(rename, acting, ann, workspace, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError("no audit")

    monkeypatch.setattr("portal.operations.record", broken)
    with pytest.raises(OSError, match="no audit"):
        rename(actor=acting(ann), workspace=workspace, text="new")
    workspace.refresh_from_db()
    assert workspace.description == ""


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Conflict("no"), "refused"),
        (PolicyViolation("no"), "refused"),
        (PermissionDenied("no"), "denied"),
        (NotFound("no"), "denied"),
    ],
)
def test_a_refusal_leaves_one_event_and_no_change(rename, acting, ann, workspace, error, outcome):
    with pytest.raises(type(error)):
        rename(actor=acting(ann), workspace=workspace, text="new", error=error)
    workspace.refresh_from_db()
    assert workspace.description == ""
    assert recorded() == [(UPDATE, outcome)]


@pytest.mark.parametrize("error", [InvalidInput("bad"), ValueError("bug")])
def test_bad_input_and_bugs_leave_nothing(rename, acting, ann, workspace, error):
    with pytest.raises(type(error)):
        rename(actor=acting(ann), workspace=workspace, text="new", error=error)
    workspace.refresh_from_db()
    assert workspace.description == ""
    assert recorded() == []


def test_it_sees_the_row_as_it_is_now(operations, acting, ann, workspace):
    seen = []

    @operation(UPDATE, on="workspace")
    def look(*, actor, workspace):
        seen.append(workspace.description)
        return workspace

    Workspace.objects.filter(pk=workspace.pk).update(description="meanwhile")
    look(actor=acting(ann), workspace=workspace)
    assert seen == ["meanwhile"]


def test_a_row_that_is_gone_is_not_found(rename, acting, olga):
    gone = Workspace.objects.create(name="gone")
    Workspace.objects.filter(pk=gone.pk).delete()
    with pytest.raises(NotFound):
        rename(actor=acting(olga), workspace=gone, text="new")


def test_the_caller_of_changed_gets_the_result(operations, acting, ann, workspace):
    @operation(UPDATE, on="workspace")
    def tag(*, actor, workspace):
        return Changed("result", before={"tag": None}, after={"tag": "a"}, subject=ann)

    assert tag(actor=acting(ann), workspace=workspace) == "result"
    assert (latest().object_type, latest().object_id) == ("user", str(ann.pk))


@pytest.mark.django_db(transaction=True)
def test_an_operation_inside_another_is_refused(rename, acting, ann, workspace):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        rename(actor=acting(ann), workspace=workspace, text="new")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_wait_for_each_other(operations, acting, ann, workspace):
    @operation(UPDATE, on="workspace")
    def add_letter(*, actor, workspace):
        workspace.description = workspace.description + "x"
        workspace.save()
        return workspace

    def work():
        for _ in range(5):
            add_letter(actor=acting(ann), workspace=workspace)
        connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    workspace.refresh_from_db()
    assert workspace.description == "x" * 20
    assert len(recorded()) == 20


@pytest.mark.django_db(transaction=True)
def test_the_flush_leaves_the_triggers_on(workspace):
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgenabled FROM pg_trigger WHERE tgname LIKE 'audit_%'")
        assert {state for (state,) in cursor.fetchall()} == {"A"}


def test_a_system_actor_does_what_is_on_its_list_only(rename, workspace):
    rename(actor=Actor.system("jobs.tidy", actions=[UPDATE]), workspace=workspace, text="new")
    with pytest.raises(PermissionDenied):
        rename(
            actor=Actor.system("jobs.tidy", actions=["jobs.job.finish"]), workspace=workspace, text="newer"
        )
    assert recorded() == [(UPDATE, "done"), (UPDATE, "denied")]
