"""Ray Serve as a target: a real Ray, a real worker, a real gateway."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings as django_settings
from django.test import override_settings

from deployments.models import Revision
from deployments.services.endpoints import endpoint_create, endpoint_delete
from deployments.services.revisions import revision_rollback
from deployments.serving_key import HEADER, serving_key
from deployments.split import split_now
from deployments.targets.catalogue import target_of
from deployments.targets.protocol import Wanted
from portal.accounts.models import Workspace
from portal.kernel.errors import InvalidInput
from tests.deployments.gateway_process import bearer, gateway_process
from tests.deployments.living import observed, person, waited
from tests.deployments.living_fixtures import cora, model_files, serving, serving_servers, version_of
from tests.deployments.test_serving_live import QUESTION, deploy, told
from tests.live.processes import free_port
from tests.training.ray_cluster import RayNodes, ray_program

__all__ = ["cora", "model_files", "serving", "serving_servers", "version_of"]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("live"), pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RayNodes]:
    address = f"http://127.0.0.1:{free_port()}"
    nodes = RayNodes(
        ray_program(),
        tmp_path_factory.mktemp("ray"),
        address=address,
        is_alone=True,
        THE_SECRET_KEY="of the cluster",
    )
    yield nodes
    nodes.close()


@pytest.fixture(scope="module")
def serving_environment(ray: RayNodes) -> Iterator[dict[str, str]]:
    """What connects the portal with the cluster, for its worker and for this process."""
    there = {"RAY_ADDRESS": ray.address, "RAY_SERVE_URL": f"http://127.0.0.1:{free_port()}"}
    with override_settings(**there, EXECUTORS_SHARE_FILES=True):
        yield {**there, "EXECUTORS_SHARE_FILES": "true"}


def endpoint_on_ray(cora, name):
    return endpoint_create(
        actor=person(cora), workspace=Workspace.objects.get(name="credit"), name=name, environment="dev", target="ray",
        settings={"resources": {"memory_mb": 512, "replicas": 1, "cpus": 0.25}},
    )  # fmt: skip


def environ_of(revision):
    """The environment of the process that holds the model of a revision."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            said = (folder / "cmdline").read_bytes()
            if b"/server/serve.py" in said and b"ray" in said:
                return (folder / "environ").read_bytes()
        except OSError:
            continue
    raise AssertionError(f"no process of {revision}")


def test_from_an_operation_over_a_rollback_to_nothing(serving, cora, version_of, token_for, tmp_path):
    endpoint = endpoint_on_ray(cora, "on-ray")
    first = deploy(cora, endpoint, version_of())
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
    target, ready = target_of("ray"), observed(first, "ready")
    assert httpx.post(f"{ready.addresses[0]}/invocations", json=QUESTION).status_code == 401
    key = {HEADER: serving_key(first.pk)}
    assert httpx.post(f"{ready.addresses[0]}/invocations", json=QUESTION, headers=key).json() == {
        "predictions": [0, 1, 0, 1]
    }
    assert not [name for name in (b"THE_SECRET_KEY", b"DATABASE_URL") if name in environ_of(first)]
    gateway = gateway_process(
        tmp_path / "gateway.log", SECRET_KEY=django_settings.SECRET_KEY, REDIS_URL=serving.broker.url
    )
    try:
        asked = {"json": QUESTION, "headers": bearer(token_for(cora)), "timeout": 60}
        answer = gateway.client.post("/endpoints/on-ray/invocations", **asked)
        assert (answer.status_code, answer.json()) == (200, {"predictions": [0, 1, 0, 1]})
        second = deploy(cora, endpoint, version_of())
        waited(lambda: split_now(endpoint) == {2: 100}, lambda: told(second))
        assert gateway.client.post("/endpoints/on-ray/invocations", **asked).status_code == 200
        back = {"actor": person(cora), "model": first.version.model, "endpoint": endpoint, "reason": "slow"}
        revision_rollback(**back, revision=first)
        waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(first))
        assert gateway.client.post("/endpoints/on-ray/invocations", **asked).status_code == 200
    finally:
        gateway.stop()
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(first, "stopped")
    waited(lambda: target.observe(first).is_gone and target.observe(second).is_gone, lambda: told(second))
    target.remove(first)  # once more changes nothing


def test_a_replica_refuses_files_that_are_not_those_that_were_approved(serving, cora, version_of, tmp_path):
    endpoint = endpoint_on_ray(cora, "tampered-ray")
    made = deploy(cora, endpoint, version_of(b"as approved"))
    waited(lambda: split_now(endpoint) == {1: 100}, lambda: told(made))
    other = Revision.objects.select_related("endpoint", "version__model").get(pk=made.pk)
    model = tmp_path / "model"
    shutil.copytree(other.prepared["model"], model)
    (model / "note.txt").chmod(0o600)
    (model / "note.txt").write_bytes(b"as changed!")
    target, other.pk = target_of("ray"), Revision(number=2).pk
    wanted = Wanted(other, {**other.prepared, "model": str(model)})
    target.apply(wanted)
    target.apply(wanted)
    other.observed_state = "pending"
    waited(lambda: target.observe(other).state == "failed", lambda: target.observe(other))
    assert "note.txt is not the file that was approved" in target.observe(other).detail
    assert target.observe(made).state == "ready"  # what others declared stays
    target.remove(other)
    waited(lambda: target.observe(other).is_gone)
    assert target.observe(made).state == "ready"
    endpoint_delete(actor=person(cora), endpoint=endpoint)
    observed(made, "stopped")


def test_it_is_offered_where_it_is_set_up_only(serving, cora):
    with override_settings(RAY_SERVE_URL=""), pytest.raises(InvalidInput, match="no deployment target 'ray'"):
        endpoint_on_ray(cora, "nowhere")
