"""Model cards: prefilled, edited by number, compared, and exchanged with SageMaker."""

from typing import Any

import pytest

from compliance.models import Evidence
from experiments.models import Dataset, LatestMetric, LoggedModelMetric, Param, Run, RunInput
from portal.kernel.errors import Conflict, InvalidInput, NotFound, PermissionDenied, TooLarge
from registry.cards.sagemaker import sagemaker_export, sagemaker_import
from registry.cards.schema import CARD_SCHEMA, SECTIONS
from registry.cards.sections import differences
from registry.gate.queue import DESCRIBE_JOB
from registry.models import ModelCard, ModelVersion, ModelVersionTag, RegisteredModel
from registry.selectors.cards import card_current, card_list
from registry.services.cards import card_edit
from tests.audit.events import detail_of, latest, recorded
from tests.registry.versions import MLMODEL, REQUIREMENTS, done

EDIT = "registry.card.edit"
CARD = {
    "model_overview": {"model_name": "fraud", "model_version": 1},
    "intended_uses": {"purpose_of_model": "Score loans.", "risk_rating": "High"},
    "limits": [{"limit": "No loans above 1 million.", "severity": "medium"}],
}
SAGEMAKER = {
    "model_overview": {"model_name": "fraud", "model_version": 2, "inference_environment": {"container_image": ["a"]}},
    "model_package_details": {"model_approval_status": "Approved", "created_by": {"user_profile_name": "x"}},
    "intended_uses": {"risk_rating": "Low", "intended_uses": "Loans."},
    "business_details": {"business_problem": "Losses."},
    "training_details": {
        "objective_function": {"function": {"function": "Maximize", "facet": "AUC", "condition": "Loss"}},
        "training_job_details": {
            "training_arn": "arn:aws:x", "training_metrics": [{"name": "auc", "value": 0.9}],
            "hyper_parameters": [{"name": "depth", "value": "3"}],
        },
    },
    "evaluation_details": [{
        "name": "holdout", "datasets": ["s3://x"], "metadata": {"k": "v"},
        "metric_groups": [{"name": "g", "metric_data": [
            {"name": "auc", "type": "number", "value": 0.5},
            {"name": "curve", "type": "linear_graph", "value": [[0, 1]], "x_axis_name": ["x"], "y_axis_name": ["y"]},
        ]}],
    }],
    "additional_information": {"ethical_considerations": "None known.", "custom_details": {"a": "b"}},
}  # fmt: skip


@pytest.fixture
def version(version_of):
    return version_of({"MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS})


@pytest.fixture
def edit(version, acting):
    def edit(user, content, number=None, reason="", of=version):
        return card_edit(
            actor=acting(user),
            model=of.model,
            version=of,
            content=content,
            expected_number=number,
            reason=reason,
        )

    return edit


def test_an_edit_is_the_next_number_and_the_old_one_stays(edit, version, cora, acting):
    first = edit(cora, CARD, 0, "As agreed.")
    second = edit(cora, {**CARD, "oversight": {"statement": "Two people look."}}, 1)
    assert [(card.number, str(card.created_by)) for card in card_list(acting(cora), version)] == [
        (2, "cora"), (1, "cora"),
    ]  # fmt: skip
    assert first.digest != second.digest
    assert detail_of(latest())["changes"]["changed"] == [None, ["$.oversight.statement"]]
    assert recorded(action=EDIT) == [(EDIT, "done")] * 2
    found = Evidence.objects.filter(kind="model_card").order_by("id")
    assert [each.body["number"] for each in found] == [1, 2]
    assert [each.body["sections"]["oversight"] for each in found] == [False, True]


def test_the_same_again_changes_nothing(edit, cora):
    assert edit(cora, CARD).pk == edit(cora, CARD).pk
    assert ModelCard.objects.count() == Evidence.objects.count() == 1


@pytest.mark.parametrize("number", [0, 2])
def test_who_saw_another_number_is_refused(edit, cora, ann, number):
    edit(cora, CARD)
    with pytest.raises(Conflict) as told:
        edit(ann, {}, number)
    assert (told.value.code, told.value.extra) == ("stale", {"number": 1})
    assert ModelCard.objects.get().content == CARD


@pytest.mark.parametrize("who", ["bob", "dia", "aude", "olga"])
def test_others_do_not_edit(edit, request, who):
    with pytest.raises(PermissionDenied):
        edit(request.getfixturevalue(who), CARD)
    assert recorded() == [(EDIT, "denied")]
    assert not ModelCard.objects.exists()


def test_an_outsider_learns_nothing(edit, cleo, version, acting):
    with pytest.raises(NotFound):
        edit(cleo, CARD)
    with pytest.raises(NotFound):
        card_current(acting(cleo), version)


def test_the_version_must_be_one_of_the_model(version, acting, cora, workspace):
    other = RegisteredModel.objects.create(
        workspace=workspace, name="other", creation_timestamp=1, last_updated_timestamp=1
    )
    with pytest.raises(NotFound):
        card_edit(actor=acting(cora), model=other, version=version, content=CARD)


@pytest.mark.parametrize(
    ("content", "path"),
    [
        ([], "$"),
        ({"unknown": {}}, "$"),
        ({"intended_uses": {"risk_rating": "Huge"}}, "$.intended_uses.risk_rating"),
        ({"training_details": {"training_job_details": {"training_metrics": [{"name": "a", "value": "x"}]}}},
         "$.training_details.training_job_details.training_metrics[0].value"),
        ({"evaluation_details": [{"name": "x" * 64}]}, "$.evaluation_details[0].name"),
        ({"limits": [{"effect": "x"}]}, "$.limits[0]"),
        ({"evaluation_details": [{"name": "x", "metric_groups": [{"name": "g", "metric_data": [
            {"name": "m", "type": "matrix", "value": [[[[1]]]]}]}]}]},
         "$.evaluation_details[0].metric_groups[0].metric_data[0].value"),
        ({"model_overview": {"model_artifact": ["a"] * 16}}, "$.model_overview.model_artifact"),
    ],
)  # fmt: skip
def test_what_is_no_card_is_refused_with_its_path(edit, cora, content, path):
    with pytest.raises(InvalidInput) as told:
        edit(cora, content)
    assert told.value.code == "invalid_card"
    assert path in [each["path"] for each in told.value.extra["problems"]]
    assert not ModelCard.objects.exists()


def test_what_the_database_cannot_keep_is_refused(edit, cora):
    details = {"additional_information": {"custom_details": {f"k{n}": "x" * 1024 for n in range(100)}}}
    with pytest.raises(InvalidInput, match="NUL"):
        edit(cora, {"oversight": {"statement": "a\x00b"}})
    with pytest.raises(InvalidInput):
        edit(cora, {"oversight": {"statement": "\ud800"}})
    groups = [{"group": "x" * 1000, "metric": "m", "value": "v" * 1000} for _ in range(300)]
    with pytest.raises(TooLarge):
        edit(cora, {**details, "subgroup_performance": groups})


def test_the_first_card_comes_from_the_run(version_of, experiment, cora, acting):
    run = Run.objects.create(
        experiment=experiment, workspace=experiment.workspace, name="r", status="FINISHED", start_time=1,
        artifact_uri="x",
    )  # fmt: skip
    Param.objects.create(run=run, experiment_id=experiment.pk, key="depth", value="3")
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="auc", value=0.91, step=0, timestamp=1, is_nan=False
    )
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="odd", value=0.0, step=0, timestamp=1, is_nan=True
    )
    for name, context in (("loans", "training"), ("holdout", "evaluation")):
        data = Dataset.objects.create(
            workspace=experiment.workspace, experiment=experiment, name=name, digest="d1", source_type="local",
            source="{}",
        )  # fmt: skip
        RunInput.objects.create(run=run, dataset=data, context=context)
    version = version_of({"MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS}, run=run)
    ModelVersionTag.objects.create(version=version, key="risk_rating", value="High")
    LoggedModelMetric.objects.create(
        model=version.logged_model, run=run, key="auc", value=0.8, step=0, timestamp=1, dataset_name="holdout",
        dataset_digest="d1",
    )  # fmt: skip
    before = card_current(acting(cora), version)
    assert (before.number, before.row) == (0, None)
    assert result_of(version)["card"] == 1
    card = card_current(acting(cora), version)
    assert card.number == 1
    assert card.row is not None
    assert card.row.created_by is None
    details = card.content["training_details"]["training_job_details"]
    assert details["hyper_parameters"] == [{"name": "depth", "value": "3"}]
    assert details["training_metrics"] == [{"name": "auc", "value": 0.91}]
    assert details["training_datasets"] == ["loans@d1"]
    assert card.content["evaluation_details"][0]["metric_groups"][0]["metric_data"][0]["value"] == 0.8
    assert card.content["intended_uses"] == {"risk_rating": "High"}
    assert card.content["signature"]["inputs"] == [{"name": "age", "type": "double"}]
    assert card.content["digests"]["version"] == version.digest
    assert [each["name"] for each in card.content["data_provenance"]["datasets"]] == ["holdout", "loans"]
    assert not card.sections["oversight"]
    assert result_of(version)["card"] is None
    assert ModelCard.objects.count() == 1


def result_of(version: ModelVersion) -> Any:
    return done(version, DESCRIBE_JOB).result


def test_sagemaker_round_trip(edit, cora):
    assert sagemaker_export(sagemaker_import(SAGEMAKER, {})) == SAGEMAKER
    own = edit(cora, CARD).content
    card = edit(cora, sagemaker_import(SAGEMAKER, own)).content
    assert card["limits"] == CARD["limits"]
    assert sagemaker_export(card) == SAGEMAKER
    described = {"ModelCardName": "fraud", "Content": '{"intended_uses": {"risk_rating": "Low"}}'}
    assert sagemaker_import(described, {}) == {"intended_uses": {"risk_rating": "Low"}}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"limits": []}, "limits"),
        ({"model_overview": {"model_version": 0}}, "$.model_overview.model_version"),
        ({"ModelOverview": {}}, "ModelOverview"),
        ({"Content": "{"}, "$.Content"),
        ([], "$"),
    ],
)
def test_sagemaker_shapes_that_are_none_are_refused(given, path):
    with pytest.raises(InvalidInput) as told:
        sagemaker_import(given, {})
    assert path in told.value.detail
    assert told.value.code == "invalid_card"


def test_differences_name_paths():
    before, after = {"a": {"b": 1}, "c": [1, 2]}, {"a": {"b": 2}, "c": [1]}
    assert differences(before, after) == [
        {"path": "$.a.b", "before": 1, "after": 2}, {"path": "$.c[1]", "before": 2, "after": None},
    ]  # fmt: skip


def test_the_schema_names_every_section():
    assert tuple(CARD_SCHEMA["properties"]) == SECTIONS
