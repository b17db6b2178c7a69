"""Lineage over the API and as pages."""

import pytest
from django.test import Client

from experiments.models import DataAsset, DatasetVersion
from portal.kernel.clock import now
from registry.lineage.drawing import DRAWN_AT_MOST, drawing_of
from registry.lineage.graph import NodeKey, lineage_of
from tests.registry.graphs import Made, key


@pytest.fixture
def made(experiment):
    made = Made(experiment)
    made.point(made.version(made.model(made.run(made.dataset(), name="train <b>"))))
    made.version(made.model(made.run(made.models[0], name="tune")), name="tuned")
    return made


@pytest.fixture
def api(token_for):
    def make(user):
        return Client(headers={"Authorization": f"Bearer {token_for(user, scope='read')}"})

    return make


def test_nodes_edges_and_coverage(made, api, bob):
    answer = api(bob).get("/api/v1/lineage", {"node": key(made.versions[0]), "direction": "up"})
    assert answer.status_code == 200
    body = answer.json()
    assert {node["id"] for node in body["nodes"]} == {
        key(made.versions[0]), key(made.models[0]), key(made.runs[0]), key(made.datasets[0]),
    }  # fmt: skip
    assert {"source": key(made.datasets[0]), "target": key(made.runs[0]), "verb": "read by"} in body["edges"]
    assert body["coverage"]["is_complete"] is True


@pytest.mark.parametrize(
    "query", [{}, {"node": "nothing"}, {"direction": "sideways"}, {"depth": 0}, {"depth": 41}, {"deep": 1}]
)
def test_what_makes_no_sense_is_refused(made, api, bob, query):
    answer = api(bob).get("/api/v1/lineage", {"node": key(made.runs[0]), **query} if query else {})
    assert answer.status_code == 400


def test_the_blast_radius(made, api, bob, cleo):
    path = f"/api/v1/datasets/{made.datasets[0].pk}/blast-radius"
    body = api(bob).get(path).json()
    assert [(node["label"], node["facts"]["version"]) for node in body["live"]] == [("champion of fraud", 1)]
    assert body["counts"] == {"dataset": 1, "run": 2, "logged-model": 2, "version": 2, "live": 1}
    assert api(cleo).get(path).status_code == 404
    assert api(cleo).get("/api/v1/lineage", {"node": key(made.runs[0])}).status_code == 404


def test_the_blast_radius_of_a_registered_version_holds_what_runs_logged_of_it(made, api, bob, cleo):
    space = made.experiment.workspace
    asset = DataAsset.objects.create(workspace=space, name="loans", created_at=now())
    registered = DatasetVersion.objects.create(
        workspace=space, asset=asset, number=1, digest="0" * 64, mlflow_digest="9f2c1e00",
        source_uri="s3://lake/loans", created_at=now(),
    )  # fmt: skip
    path = f"/api/v1/datasets/{registered.pk}/blast-radius"
    body = api(bob).get(path).json()
    assert [node["label"] for node in body["live"]] == ["champion of fraud"]
    assert body["counts"]["registered-data"] == 1
    assert api(cleo).get(path).status_code == 404


def test_the_drawing_has_a_column_per_step_and_no_box_on_another(made, acting, bob):
    graph = lineage_of(acting(bob), NodeKey.parse(key(made.runs[0])))
    drawing = drawing_of(graph, lambda node: f"/to/{node.id}")
    x = {box.node.id: box.x for box in drawing.boxes}
    assert all(x[edge.source] < x[edge.target] for edge in graph.edges)
    places = {(box.x, box.y) for box in drawing.boxes}
    assert len(places) == len(drawing.boxes) == len(graph.nodes)
    assert max(box.x for box in drawing.boxes) + drawing.node_width <= drawing.width
    assert max(box.y for box in drawing.boxes) + drawing.node_height <= drawing.height
    run = next(box for box in drawing.boxes if box.node.id == key(made.runs[0]))
    assert run.description == "Run: train <b>. from loans@9f2c1e00. made model"


def test_a_circle_can_be_drawn(made, acting, bob):
    from experiments.models import RunModelInput  # noqa: PLC0415

    RunModelInput.objects.create(run=made.runs[0], model=made.models[1])
    graph = lineage_of(acting(bob), NodeKey.parse(key(made.runs[0])))
    assert len(drawing_of(graph, lambda node: "").boxes) == len(graph.nodes)


def test_a_large_graph_says_what_is_not_drawn(made, acting, bob):
    for number in range(DRAWN_AT_MOST):
        made.run(made.datasets[0], name=f"run {number}")
    graph = lineage_of(acting(bob), NodeKey.parse(key(made.datasets[0])))
    drawing = drawing_of(graph, lambda node: "")
    assert len(drawing.boxes) == DRAWN_AT_MOST
    assert drawing.left_out == len(graph.nodes) - DRAWN_AT_MOST > 0


def test_the_page(made, client, bob, cleo):
    client.force_login(bob)
    for row in (made.datasets[0], made.runs[0], made.models[0], made.versions[0], made.live[0]):
        answer = client.get(f"/lineage/{key(row)}")
        assert answer.status_code == 200
        text = answer.content.decode()
        assert "train &lt;b&gt;" in text
        assert "style=" not in text.split("<main", 1)[-1]
        assert f'href="/lineage/{key(made.datasets[0])}"' in text
    assert "champion of fraud" in client.get(f"/lineage/{key(made.datasets[0])}").content.decode()
    assert client.get(f"/lineage/{key(made.runs[0])}?direction=no").status_code == 400
    assert client.get("/lineage/nothing").status_code == 400
    client.force_login(cleo)
    assert client.get(f"/lineage/{key(made.runs[0])}").status_code == 404
