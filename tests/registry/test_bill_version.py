"""The bill of materials of a version: CycloneDX, checked by the library's own schema."""

import hashlib
import json

import pytest

from compliance.models import Evidence
from registry.bom import build
from registry.bom.billing import bom_uri
from registry.bom.facts import bom_facts
from registry.gate.beside import beside_read
from registry.gate.queue import BOM_JOB
from registry.services.cards import card_edit
from tests.registry.versions import MLMODEL, REQUIREMENTS, done

FILES = {"MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS + b"numpy>=1\n", "model.pkl": b"\x80\x04N."}
CARD = {
    "model_overview": {"problem_type": "classification", "algorithm_type": "forest"},
    "intended_uses": {"purpose_of_model": "Score loans."},
    "training_details": {"training_job_details": {"training_metrics": [{"name": "auc", "value": 0.9}]}},
    "evaluation_details": [{"name": "holdout", "metric_groups": [
        {"name": "g", "metric_data": [{"name": "auc", "type": "number", "value": 0.8}]}]}],
    "data_provenance": {"datasets": [{"name": "loans", "digest": "d1", "context": "training"}]},
    "subgroup_performance": [{"group": "under 25", "metric": "auc", "value": 0.7}],
    "limits": [{"limit": "No loans above 1 million."}],
    "additional_information": {"ethical_considerations": "Age."},
}  # fmt: skip


def stored(version):
    return b"".join(beside_read(bom_uri(version), "no bill"))


@pytest.mark.slow
def test_a_bill_lists_files_packages_data_and_the_card(version_of, acting, cora):
    version = version_of(FILES)
    card_edit(actor=acting(cora), model=version.model, version=version, content=CARD)
    run = done(version, BOM_JOB)
    assert (run.state, run.result) == ("done", {"mlbom": "pass"})
    data = stored(version)
    bom = json.loads(data)
    assert build.problem_of(bom) == ""
    model = bom["metadata"]["component"]
    assert (bom["specVersion"], model["type"], model["version"]) == ("1.6", "machine-learning-model", "1")
    assert model["hashes"] == [{"alg": "SHA-256", "content": version.digest}]
    assert {(each["name"], each["hashes"][0]["content"]) for each in model["components"]} == {
        (path, hashlib.sha256(content).hexdigest()) for path, content in FILES.items()
    }
    purls = {each["purl"] for each in bom["components"] if each["type"] == "library"}
    assert purls == {"pkg:pypi/mlflow@3.17.2", "pkg:pypi/scikit-learn@1.9.1", "pkg:pypi/numpy"}
    assert [each["name"] for each in bom["components"] if each["type"] == "data"] == ["loans"]
    shown = model["modelCard"]
    assert shown["modelParameters"]["datasets"] == [{"ref": "data:loans@d1"}]
    assert shown["modelParameters"]["task"] == "classification"
    assert shown["modelParameters"]["inputs"] == [{"format": "age: double"}]
    assert {"type": "auc", "value": "0.7", "slice": "under 25"} in shown["quantitativeAnalysis"][
        "performanceMetrics"
    ]
    assert shown["considerations"]["technicalLimitations"] == ["No loans above 1 million."]
    found = Evidence.objects.get(kind="mlbom")
    assert found.body["sha256"] == hashlib.sha256(data).hexdigest()
    assert found.outcome == "pass"


@pytest.mark.slow
def test_the_same_facts_give_the_same_bytes(version_of):
    version = version_of(FILES)
    done(version, BOM_JOB)
    first = stored(version)
    done(version, BOM_JOB)
    assert stored(version) == first
    digests = set(Evidence.objects.filter(kind="mlbom").values_list("digest", flat=True))
    assert len(digests) == 1


def test_a_version_of_which_little_is_known_has_a_valid_bill(version_of):
    document = build.built(bom_facts(version_of({"x": b"y"}), [], {}))
    assert build.problem_of(document) == ""
    assert document["metadata"]["component"]["modelCard"] == {"bom-ref": "model-card"}


def test_what_does_not_fit_the_schema_is_told(version_of):
    document = build.built(bom_facts(version_of({"x": b"y"}), [], {}))
    document["metadata"]["component"]["modelCard"]["unknown"] = 1
    assert "unknown" in build.problem_of(document)
    del document["metadata"]["component"]["modelCard"]["unknown"]
    document["externalReferences"] = [{"type": "website", "url": "no address"}]
    assert "no address" in build.problem_of(document)
