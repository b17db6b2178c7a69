"""Rows of an endpoint for the benchmark: a program that runs with the settings of its database.

Told nothing (`{}`), it makes an endpoint for each name and prints `{token, revisions: {name: {revision, key}}}`; told
`{addresses: {revision: address}}`, it writes where their processes answer.
"""

import json
import os
import sys
from datetime import timedelta

import django
from django.db import transaction

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.test")
django.setup()

from deployments.models import Endpoint, Revision  # noqa: E402 - needs the app registry
from deployments.services.endpoints import endpoint_create  # noqa: E402
from deployments.serving_key import serving_key  # noqa: E402
from deployments.split import split_move  # noqa: E402
from portal.accounts.actor import Actor  # noqa: E402
from portal.accounts.models import ApiToken, Membership, User, Workspace  # noqa: E402
from portal.accounts.tokens import secret_make  # noqa: E402
from portal.kernel.clock import now  # noqa: E402
from portal.kernel.ids import uuid7  # noqa: E402
from registry.models import ModelVersion, RegisteredModel  # noqa: E402

NAMES = ("bench", "bench-together")


def main() -> None:
    said = json.loads(sys.stdin.read())
    if said:
        for revision, address in said["addresses"].items():
            Revision.objects.filter(pk=revision).update(addresses=[address])
        return
    workspace, user = Workspace.objects.create(name="bench"), User.objects.create(username="eve")
    Membership.objects.create(workspace=workspace, user=user, role="maintainer")
    secret = secret_make()
    ApiToken.objects.create(
        user=user, name="bench", scope="write", prefix=secret.prefix, digest=secret.digest,
        expires_at=now() + timedelta(days=1),
    )  # fmt: skip
    revisions = {name: _revision(workspace, user, name) for name in NAMES}
    print(json.dumps({"revisions": revisions, "token": secret.plain}))


def _revision(workspace: Workspace, user: User, name: str) -> dict[str, str]:
    actor = Actor.of_user(user)
    limits = {"concurrency": 200}
    endpoint = endpoint_create(
        actor=actor, workspace=workspace, name=name, environment="dev", settings={"limits": limits}
    )
    model = RegisteredModel.objects.create(
        workspace=workspace, name=name, creation_timestamp=1, last_updated_timestamp=1
    )
    version = ModelVersion.objects.create(
        workspace=workspace, model=model, version=1, source="bench", artifact_location="bench", status="READY",
        digest="0" * 64, manifest=[], ready_at=now(), creation_timestamp=1, last_updated_timestamp=1,
    )  # fmt: skip
    revision = Revision.objects.create(
        id=uuid7(), endpoint=endpoint, number=1, version=version, digest="0" * 64, made_by="user:1",
        created_at=now(), observed_state="ready",
    )  # fmt: skip
    with transaction.atomic():
        split_move(actor, Endpoint.objects.select_for_update().get(pk=endpoint.pk), {1: 100})
    return {"revision": revision.pk.hex, "key": serving_key(revision.pk)}


if __name__ == "__main__":
    main()
