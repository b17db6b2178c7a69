"""Who reads which events, and what an event says."""

import pytest

from portal.accounts.services.memberships import membership_add
from portal.accounts.services.workspaces import workspace_update
from portal.audit.record import difference, record, safe
from portal.audit.selectors import event_list, object_trail
from portal.kernel.errors import NotFound


@pytest.fixture
def history(acting, ann, cora, workspace):
    workspace_update(actor=acting(ann), workspace=workspace, description="first")
    workspace_update(actor=acting(ann), workspace=workspace, description="second")
    membership_add(actor=acting(ann), workspace=workspace, user=cora, role="approver", reason="on call")


def trail(actor, workspace, **more):
    found = object_trail(
        actor,
        object_type="workspace",
        object_id=str(workspace.pk),
        **{"before_id": None, "limit": 10, **more},
    )
    return [(entry.action, entry.changes) for entry in found]


def test_members_read_the_trail_newest_first(history, acting, bob, workspace):
    found = trail(acting(bob), workspace)
    assert [action.rsplit(".", 1)[1] for action, _ in found] == ["add", "update", "update"]
    assert found[1][1] == {"description": ["first", "second"]}


def test_it_continues_after_an_entry(history, acting, bob, workspace):
    first = object_trail(
        acting(bob), object_type="workspace", object_id=str(workspace.pk), before_id=None, limit=1
    )
    rest = trail(acting(bob), workspace, before_id=first[0].id)
    assert len(rest) == 2


def test_outsiders_read_nothing_and_auditors_everything(history, acting, cleo, aude, workspace):
    assert trail(acting(cleo), workspace) == []
    assert len(trail(acting(aude), workspace)) == 3


def test_a_person_reads_their_own_acts(acting, cleo, workspace):
    with pytest.raises(NotFound):
        workspace_update(actor=acting(cleo), workspace=workspace, description="mine")
    assert [event.outcome for event in event_list(acting(cleo))] == ["denied"]


def test_wide_numbers_and_odd_ones_are_told_as_text():
    assert safe({"a": 2**60, "b": float("nan"), "c": float("inf"), "d": (1, True, None)}) == {
        "a": str(2**60), "b": "nan", "c": "inf", "d": [1, True, None],
    }  # fmt: skip


def test_only_what_differs_is_kept():
    assert difference({"a": 1, "b": 2}, {"b": 3, "c": 4}) == {"a": [1, None], "b": [2, 3], "c": [None, 4]}


def test_lone_surrogates_in_words_do_not_stop_the_record(acting, ann, workspace):
    record(acting(ann), "accounts.workspace.update", "refused", workspace, detail="bad \ud800 text")
    assert event_list(acting(ann)).count() == 1
