"""Secrets of a workspace: set and deleted by a maintainer, used by jobs, read by nobody."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client

from jobs.errors import Permanent
from jobs.models import JobSecret
from jobs.secrets import secret_values
from portal.accounts.models import User, Workspace
from portal.audit.models import AuditEvent
from portal.kernel.errors import Unavailable
from tests.audit.events import detail_of, recorded

VALUE = "correct horse battery"
PATH = "/api/v1/workspaces/credit/secrets"


@pytest.fixture(autouse=True)
def key(settings: Any, tmp_path: Path) -> Path:
    settings.JOBS_SECRETS_KEY_FILE = str(tmp_path / "secrets" / "key")
    return tmp_path / "secrets" / "key"


@pytest.fixture
def client_of(token_for: Callable[..., str], fresh_cache: None) -> Callable[[User], Client]:
    return lambda user: Client(headers={"Authorization": f"Bearer {token_for(user)}"})


def put(client: Client, name: str = "HF_TOKEN", value: str = VALUE) -> Any:
    return client.put(f"{PATH}/{name}", {"value": value}, content_type="application/json")


def test_a_maintainer_sets_one_and_its_value_is_nowhere(
    client_of: Any, ann: User, cora: User, workspace: Workspace, key: Path
) -> None:
    answer = put(client_of(ann))
    assert (answer.status_code, answer.json()["name"], answer.json()["set_by"]) == (200, "HF_TOKEN", "ann")
    assert secret_values(workspace.pk, ["HF_TOKEN"]) == {"HF_TOKEN": VALUE}
    listed = client_of(cora).get(PATH).content.decode()
    stored = JobSecret.objects.get().ciphertext
    told = json.dumps([detail_of(event) for event in AuditEvent.objects.all()])
    for text in (answer.content.decode(), listed, stored, told):
        assert VALUE not in text
    assert stored not in told
    assert "HF_TOKEN" in listed
    assert recorded(action="jobs.secret.set") == [("jobs.secret.set", "done")]
    assert key.stat().st_mode & 0o777 == 0o600


def test_others_neither_set_nor_see(
    client_of: Any, cora: User, bob: User, olga: User, aude: User, cleo: User, workspace: Workspace
) -> None:
    assert [put(client_of(user)).status_code for user in (cora, bob, olga, aude)] == [403] * 4
    assert put(client_of(cleo)).status_code == 404
    assert not JobSecret.objects.exists()
    assert client_of(bob).get(PATH).status_code == 403
    assert client_of(cleo).get(PATH).status_code == 404


def test_a_new_value_takes_the_place_of_the_old_one(client_of: Any, ann: User, workspace: Workspace) -> None:
    put(client_of(ann))
    put(client_of(ann), value="another long value")
    assert secret_values(workspace.pk, ["HF_TOKEN"]) == {"HF_TOKEN": "another long value"}
    assert JobSecret.objects.count() == 1


def test_a_short_value_or_a_strange_name_is_refused(client_of: Any, ann: User) -> None:
    assert put(client_of(ann), value="short").status_code == 400
    assert put(client_of(ann), name="not-a-name").status_code == 404


def test_a_deleted_secret_is_gone(client_of: Any, ann: User, cora: User, workspace: Workspace) -> None:
    put(client_of(ann))
    assert client_of(cora).delete(f"{PATH}/HF_TOKEN").status_code == 403
    assert client_of(ann).delete(f"{PATH}/HF_TOKEN").status_code == 204
    assert client_of(ann).delete(f"{PATH}/HF_TOKEN").status_code == 404
    with pytest.raises(Permanent, match="HF_TOKEN"):
        secret_values(workspace.pk, ["HF_TOKEN"])


def test_a_row_that_was_moved_does_not_decrypt(
    client_of: Any, ann: User, workspace: Workspace, other: Workspace
) -> None:
    put(client_of(ann))
    JobSecret.objects.update(workspace=other)
    with pytest.raises(Unavailable, match="moved"):
        secret_values(other.pk, ["HF_TOKEN"])


def test_keys_are_changed_by_putting_a_new_one_first(
    client_of: Any, ann: User, workspace: Workspace, key: Path
) -> None:
    put(client_of(ann))
    old = key.read_text()
    key.write_text(f"{Fernet.generate_key().decode()}\n{old}")
    assert secret_values(workspace.pk, ["HF_TOKEN"]) == {"HF_TOKEN": VALUE}
    put(client_of(ann), name="NEW")
    key.write_text(key.read_text().splitlines()[0])
    assert secret_values(workspace.pk, ["NEW"]) == {"NEW": VALUE}
    with pytest.raises(Unavailable, match="cannot be decrypted"):
        secret_values(workspace.pk, ["HF_TOKEN"])


def test_the_page_sets_and_deletes_for_a_maintainer_only(
    client: Client, ann: User, cora: User, bob: User, workspace: Workspace
) -> None:
    client.force_login(ann)
    said = {"workspace": "credit", "name": "HF_TOKEN", "value": " spaces stay "}
    shown = client.post("/secrets/set", said, follow=True).content.decode()
    assert "HF_TOKEN is set." in shown
    assert "spaces stay" not in shown
    assert secret_values(workspace.pk, ["HF_TOKEN"]) == {"HF_TOKEN": " spaces stay "}
    assert client.post("/secrets/set", said | {"value": "short"}).status_code == 400
    client.force_login(cora)
    shown = client.get("/secrets").content.decode()
    assert "HF_TOKEN" in shown
    assert "delete" not in shown.lower()
    assert "needs the role" in client.post("/secrets/set", said, follow=True).content.decode()
    client.force_login(bob)
    assert "HF_TOKEN" not in client.get("/secrets").content.decode()
    assert client.post("/secrets/credit/HF_TOKEN/delete").status_code == 403
    client.force_login(ann)
    client.post("/secrets/credit/HF_TOKEN/delete")
    assert not JobSecret.objects.exists()
