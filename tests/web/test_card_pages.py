"""The card of a version in the browser: read, edited by number, imported and exported."""

import json
from typing import Any

import pytest
from django.test import Client

from experiments.models import Experiment, LatestMetric
from portal.accounts.models import User
from registry.models import ModelCard, ModelVersion
from tests.web import governed

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PATH = "/models/credit/scorer/versions/1"


@pytest.fixture
def version(experiment: Experiment, cora: User) -> ModelVersion:
    run = governed.run_row(experiment, cora)
    LatestMetric.objects.create(
        run=run, experiment_id=experiment.pk, key="auc", value=0.9, step=0, timestamp=1, loose=0
    )
    model = governed.model_row(experiment.workspace, owner=cora, description="Scores loans.")
    return governed.version_row(model, run=run, created_by=cora)


@pytest.fixture
def as_(client: Client) -> Any:
    def use(user: User) -> Client:
        client.force_login(user, backend=BACKEND)
        return client

    return use


def typed(form: Any, **changes: str) -> dict[str, str]:
    """What a browser sends back: every field as it was shown, with the changes."""
    values = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else str(value) for name, value in values.items()} | changes


def test_a_card_begins_with_what_the_run_tells(version: ModelVersion, bob: User, as_: Any) -> None:
    page = as_(bob).get(f"{PATH}/card").text
    assert "Nobody has saved a card yet" in page
    assert "Scores loans." in page
    assert "Edit" not in page.split("Export")[0].rsplit("<h2>Card", 1)[1]


def test_an_edit_keeps_what_is_structured_and_saves_a_number(
    version: ModelVersion, cora: User, as_: Any
) -> None:
    form = as_(cora).get(f"{PATH}/card/edit").context["form"]
    changes = {"intended_uses.purpose_of_model": "Scores consumer loans.", "reason": "Purpose."}
    as_(cora).post(f"{PATH}/card/edit", typed(form, **changes))
    card = ModelCard.objects.get()
    assert (card.number, card.content["intended_uses"]["purpose_of_model"]) == (1, "Scores consumer loans.")
    assert {"name": "auc", "value": 0.9} in card.content["training_details"]["training_job_details"][
        "training_metrics"
    ]
    page = as_(cora).get(f"{PATH}/card").text
    assert "Scores consumer loans." in page
    assert "Nobody has saved" not in page


def test_a_stale_or_malformed_edit_is_refused(version: ModelVersion, cora: User, as_: Any) -> None:
    form = as_(cora).get(f"{PATH}/card/edit").context["form"]
    as_(cora).post(f"{PATH}/card/edit", typed(form, **{"oversight.statement": "A person looks."}))
    stale = as_(cora).post(f"{PATH}/card/edit", typed(form, **{"oversight.statement": "Nobody looks."}))
    assert "somebody else changed it" in stale.text
    wrong = as_(cora).post(f"{PATH}/card/edit", typed(form, **{"limits.rest": "[not json"}))
    assert "this is no JSON" in wrong.text
    form = as_(cora).get(f"{PATH}/card/edit").context["form"]
    shaped = as_(cora).post(f"{PATH}/card/edit", typed(form, **{"limits.rest": '[{"effect": "none"}]'}))
    assert "This is not a model card" in shaped.text
    assert ModelCard.objects.count() == 1


def test_who_only_views_edits_nothing(version: ModelVersion, bob: User, cleo: User, as_: Any) -> None:
    form = as_(bob).get(f"{PATH}/card/edit").context["form"]
    assert "needs the role" in as_(bob).post(f"{PATH}/card/edit", typed(form, reason="x")).text
    for path in ("card", "card/edit", "card.json"):
        assert as_(cleo).get(f"{PATH}/{path}").status_code == 404
    assert not ModelCard.objects.exists()


def test_a_card_goes_to_sagemaker_and_comes_back(version: ModelVersion, cora: User, as_: Any) -> None:
    form = as_(cora).get(f"{PATH}/card/edit").context["form"]
    as_(cora).post(f"{PATH}/card/edit", typed(form, **{"oversight.statement": "A person looks."}))
    exported = as_(cora).get(f"{PATH}/card.json", {"form": "sagemaker"})
    assert "attachment" in exported["Content-Disposition"]
    theirs = json.loads(exported.content)
    assert "oversight" not in theirs
    theirs["intended_uses"] = {"purpose_of_model": "From SageMaker."}
    as_(cora).post(f"{PATH}/card/import", {"card": json.dumps(theirs)})
    card = ModelCard.objects.get(number=2)
    assert card.content["intended_uses"]["purpose_of_model"] == "From SageMaker."
    assert card.content["oversight"]["statement"] == "A person looks."
    page = as_(cora).get(f"{PATH}/card")
    assert any("purpose_of_model" in each["path"] for each in page.context["changed"])
    assert "From SageMaker." not in as_(cora).get(f"{PATH}/card", {"number": "1"}).text
    for bad in ("{", "[]", '{"surprise": 1}'):
        as_(cora).post(f"{PATH}/card/import", {"card": bad})
    assert ModelCard.objects.count() == 2
