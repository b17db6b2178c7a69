"""The graph, both ways: what it names, what it counts as hidden, and what it says is unknown."""

import random
from datetime import timedelta

import pytest

from compliance.models import AISystem
from portal.accounts.actor import Actor
from portal.kernel.clock import now
from portal.kernel.errors import InvalidInput, NotFound
from registry.lineage.graph import NodeKey, blast_radius, lineage_of
from registry.models import SystemModel
from tests.experiments.statements import statements
from tests.registry.graphs import Made, closure, experiment_of, key, random_graph


@pytest.fixture
def made(experiment):
    return Made(experiment)


def asked(actor, row, **options):
    return lineage_of(actor, NodeKey.parse(key(row)), **options)


def ids(graph):
    return {node.id for node in graph.nodes}


def pairs(graph):
    return {(edge.source, edge.target) for edge in graph.edges}


@pytest.fixture
def chain(made):
    """loans → train → model → tune → model → fraud v1 → its copy, which is champion; other things beside it."""
    loans = made.dataset()
    first = made.model(made.run(loans, name="train"))
    second = made.model(output_of=made.run(first, made.dataset("tuning", "77"), name="tune"))
    version = made.version(second)
    copy = made.version(name="fraud-prod", copied_from=version)
    made.point(copy)
    made.version(made.model(made.run(made.dataset("apart", "1"))), name="apart")
    return made, loans, version, copy


def test_both_directions_lead_over_model_inputs_and_copies(chain, acting, bob):
    made, loans, version, copy = chain
    graph = asked(acting(bob), version)
    assert {key(loans), *map(key, made.models[:2]), key(copy), key(made.live[0])} <= ids(graph)
    assert key(made.datasets[2]) not in ids(graph)
    assert pairs(graph) == {pair for pair in made.edges if set(pair) <= ids(graph)}
    assert {edge.verb for edge in graph.edges} == {"read by", "made", "registered as", "copied to", "live as"}
    assert graph.coverage.is_complete
    assert not graph.is_cut


def test_up_shows_what_it_was_made_from_only(chain, acting, bob):
    _, loans, version, copy = chain
    up = ids(asked(acting(bob), version, direction="up"))
    assert key(loans) in up
    assert key(copy) not in up
    assert key(loans) not in ids(asked(acting(bob), version, direction="down"))


def test_depth_ends_the_walk_and_says_so(chain, acting, bob):
    made, loans, *_ = chain
    graph = asked(acting(bob), loans, depth=2)
    assert ids(graph) == {key(loans), key(made.runs[0]), key(made.models[0])}
    assert graph.is_cut


def test_one_statement_answers(chain, acting, bob):
    actor = acting(bob)
    with statements() as graph:
        asked(actor, chain[2])
    with statements() as blast:
        blast_radius(actor, NodeKey.parse(key(chain[1])))
    assert (graph, blast) == ([1], [1])


def test_what_was_not_recorded_is_an_unknown_node(made, acting, bob):
    version = made.version(made.model(made.run(name="no data")))
    graph = asked(acting(bob), version)
    unknown = [node for node in graph.nodes if node.is_unknown]
    assert [node.label for node in unknown] == ["The run recorded no dataset"]
    assert (unknown[0].id, key(made.runs[0])) in pairs(graph)
    assert graph.coverage.statement == "1 of 1 run recorded no dataset."
    assert not graph.coverage.is_complete


def test_versions_and_models_without_a_run_are_unknown_too(made, acting, bob):
    bare, orphan = made.version(), made.version(made.model(), name="orphan")
    assert [node.label for node in asked(acting(bob), bare).nodes if node.is_unknown] == [
        "The version has no run"
    ]
    labels = [node.label for node in asked(acting(bob), orphan).nodes if node.is_unknown]
    assert labels == ["No run is known to have made the model"]


def test_outsiders_see_nothing_of_it(chain, acting, cleo):
    for row in (chain[1], chain[2], chain[0].runs[0], chain[0].models[0], chain[0].live[0]):
        with pytest.raises(NotFound):
            asked(acting(cleo), row)
    with pytest.raises(NotFound):
        blast_radius(acting(cleo), NodeKey.parse(key(chain[1])))


def test_what_is_in_other_workspaces_is_counted_and_never_named(chain, other, acting, bob, cleo, aude):
    made, loans, version, _ = chain
    theirs = Made(experiment_of(other, "secret-experiment"))
    copy = theirs.version(name="secret-model", copied_from=version)
    theirs.point(copy)
    graph = asked(acting(bob), version)
    assert graph.hidden == 2
    assert not {key(copy), key(theirs.live[0])} & ids(graph)
    assert "secret" not in repr(graph)
    assert "2 of the nodes are in workspaces that you do not see." in graph.coverage.statement
    assert asked(acting(aude), version).hidden == 0
    from_outside = asked(acting(cleo), copy)
    assert ids(from_outside) == {key(copy), key(theirs.live[0])}
    assert from_outside.hidden == len(made.edges & pairs(asked(acting(aude), version, direction="up"))) + 1
    assert "fraud" not in repr(from_outside)
    found = blast_radius(acting(bob), NodeKey.parse(key(loans)))
    assert (found.hidden, found.hidden_live) == (2, 1)


def test_the_same_dataset_in_another_experiment_counts(made, workspace, other, acting, bob):
    loans = made.dataset()
    made.point(made.version(made.model(made.run(loans))))
    again = Made(experiment_of(workspace, "second"))
    twin = again.dataset()
    again.point(again.version(again.model(again.run(twin)), name="second"))
    foreign = Made(experiment_of(other, "third"))
    foreign.point(foreign.version(foreign.model(foreign.run(foreign.dataset())), name="third"))
    found = blast_radius(acting(bob), NodeKey.parse(key(loans)))
    assert {node.id for node in found.live} == {key(made.live[0]), key(again.live[0])}
    assert found.hidden == 0  # whether others have the same data is not told
    graph = asked(acting(bob), twin, direction="down")
    assert [node.same for node in graph.nodes if node.kind == "dataset"] == [
        tuple(sorted([key(loans), key(twin)]))
    ]
    assert (key(twin), key(made.runs[0])) in pairs(graph)


def test_another_digest_of_the_same_name_does_not_count(made, acting, bob):
    made.point(made.version(made.model(made.run(made.dataset(digest="a")))))
    assert blast_radius(acting(bob), NodeKey.parse(key(made.dataset(digest="b")))).live == []


def test_what_is_over_is_not_live(made, acting, bob):
    loans = made.dataset()
    version = made.version(made.model(made.run(loans)))
    made.point(version, "old", valid_from=now() - timedelta(days=1), valid_to=now())
    made.point(version, "Staging", kind="stage")
    assert blast_radius(acting(bob), NodeKey.parse(key(loans))).live == []
    made.point(version, "live")
    assert [node.label for node in blast_radius(acting(bob), NodeKey.parse(key(loans))).live] == [
        "live of fraud"
    ]


def test_the_stage_production_is_live(made, acting, bob):
    loans = made.dataset()
    made.point(made.version(made.model(made.run(loans))), "Production", kind="stage")
    found = blast_radius(acting(bob), NodeKey.parse(key(loans)))
    assert [(node.facts["kind"], node.facts["version"]) for node in found.live] == [("stage", 1)]


def test_ai_systems_stand_at_the_end(made, ann, acting, bob):
    loans = made.dataset()
    version = made.version(made.model(made.run(loans)))
    made.point(version)
    fields = {"workspace": version.workspace, "owner": ann, "intended_purpose": "Scores.", "role": "provider"}
    by_alias = AISystem.objects.create(name="By alias", **fields)
    by_version = AISystem.objects.create(name="By version", **fields)
    retired = AISystem.objects.create(name="Retired", retired_at=now(), **fields)
    link = {"workspace": version.workspace, "model": version.model, "valid_from": now()}
    SystemModel.objects.create(system=by_alias, alias="champion", **link)
    SystemModel.objects.create(system=by_version, version=version, **link)
    SystemModel.objects.create(system=retired, alias="champion", **link)
    SystemModel.objects.create(system=by_alias, alias="challenger", **link)
    found = blast_radius(acting(bob), NodeKey.parse(key(loans)))
    assert [node.label for node in found.systems] == ["By alias", "By version"]


@pytest.mark.parametrize(
    "text", ["", "run", "run:1", "cat:" + "0" * 32, "run:" + "g" * 32, "run:" + "0" * 33]
)
def test_a_node_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput, match="names no node"):
        NodeKey.parse(text)


def test_a_node_that_is_not_there_is_not_found(db, acting, bob):
    with pytest.raises(NotFound):
        lineage_of(acting(bob), NodeKey.parse("run:" + "0" * 32))


@pytest.mark.parametrize("seed", range(6))
def test_the_blast_radius_is_the_closure(made, acting, bob, seed):
    chance = random.Random(seed)  # noqa: S311 - no secret
    random_graph(made, chance, size=8)
    actor: Actor = acting(bob)
    for dataset in made.datasets:
        reached = closure(made.edges, [key(dataset)])
        found = blast_radius(actor, NodeKey.parse(key(dataset)))
        assert {node.id for node in found.live} == {each for each in reached if each.startswith("live:")}
        assert sum(found.counts.values()) == len(reached)
        graph = asked(actor, dataset, direction="down", depth=40)
        assert {node.id for node in graph.nodes if not node.is_unknown} == reached
        known = {(source, target) for source, target in pairs(graph) if not source.startswith("unknown:")}
        assert known == {pair for pair in made.edges if set(pair) <= reached}
    for version in made.versions:
        above = closure({(target, source) for source, target in made.edges}, [key(version)])
        graph = asked(actor, version, direction="up", depth=40)
        assert {node.id for node in graph.nodes if not node.is_unknown} == above
