"""What a version states about its inputs, outputs and packages becomes evidence."""

import pytest

from compliance.models import Evidence
from compliance.selectors.evidence import evidence_newest
from jobs.models import JobRun
from registry.gate.queue import DESCRIBE_JOB, GATE_JOBS, gate_jobs_enqueue
from registry.gate.subjects import version_subject
from registry.models import ModelVersion
from tests.registry.versions import ACTOR, MLMODEL, REQUIREMENTS, done, folder_of

BOMB = b"a: &a [x, x, x]\n" + b"".join(
    b"%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c, *%c]\n" % (code, code, *[code - 1] * 7)
    for code in range(98, 112)
)


def described(version):
    run = done(version, DESCRIBE_JOB)
    subject = version_subject(version)
    found = evidence_newest(subject_type=subject.type, subject_id=subject.id, subject_digest=subject.digest)
    return run, found


def test_signature_and_packages(version_of):
    files = {"MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS, "model.pkl": b"\x80\x04N."}
    run, found = described(version_of(files))
    assert (run.state, run.result) == ("done", {"model_version": "pass", "env_lock": "pass", "card": 1})
    schema, packages = found["model_version"], found["env_lock"]
    assert schema.body["signature"]["inputs"] == [{"name": "age", "type": "double"}]
    assert schema.body["signature"]["outputs"] == [{"name": "", "type": "tensor of int64, shape [-1]"}]
    assert schema.body["flavors"]["sklearn"]["sklearn_version"] == "1.9.1"
    assert schema.subject_label == "fraud v1"
    assert [each["purl"] for each in packages.body["dependencies"]] == [
        "pkg:pypi/mlflow@3.17.2", "pkg:pypi/scikit-learn@1.9.1",
    ]  # fmt: skip
    assert packages.body["unpinned"] == []
    assert schema.actor == "system:registry.describe_version"


def test_loose_packages_are_named(version_of):
    conda = b"""channels: [conda-forge]
dependencies:
- python=3.11.4
- numpy>=1.2
- pip<=24
- pip: [mlflow, 'skops==0.16.*', 'scikit-learn==1.9.1', '-e .', '???']
"""
    files = {
        "MLmodel": MLMODEL,
        "conda.yaml": conda,
        "requirements.txt": b"# all\nscikit_learn==1.9.1 # fixed\n",
    }
    _, found = described(version_of(files))
    packages = found["env_lock"]
    assert packages.outcome == "fail"
    assert packages.body["unpinned"] == ["numpy", "mlflow", "skops"]
    assert "python" in {each["name"] for each in packages.body["dependencies"]}
    assert len(packages.body["problems"]) == 2


def test_a_model_that_says_nothing_fails_both(version_of):
    run, found = described(version_of({"model.bin": b"x"}))
    assert run.result == {"model_version": "fail", "env_lock": "fail", "card": 1}
    assert "no MLmodel file" in found["model_version"].summary


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (BOMB, "more aliases"),
        (b"a: " + b"[" * 200 + b"]" * 200, "deeper"),
        (b"x" * (1024 * 1024 + 1), "no MLmodel file of a size that is read"),
        (b"!!python/object/apply:os.system ['touch /tmp/never']", "is not plain YAML"),
        (b"a: [", "is not plain YAML"),
        (b"\xff\xfe", "is not plain YAML"),
        (b"- list", "holds no mapping"),
        (b"flavors: {}", "states no signature"),
        (b"signature: {inputs: '[', outputs: '[]'}", "are no JSON"),
    ],
)
def test_hostile_descriptions_are_told_and_never_obeyed(version_of, text, said):
    run, found = described(version_of({"MLmodel": text, "requirements.txt": REQUIREMENTS}))
    assert run.state == "done"
    assert (found["model_version"].outcome, found["env_lock"].outcome) == ("fail", "pass")
    assert said in found["model_version"].summary


def test_odd_characters_are_kept_as_something_else(version_of):
    run, found = described(version_of({"MLmodel": b'run_id: "a\\0b"\nmodel_id: "\\ud800"\nflavors: {}\n'}))
    assert run.state == "done"
    assert "\x00" not in str(found["model_version"].body)


def test_a_changed_file_is_not_read(version_of, store):
    version = version_of({"MLmodel": MLMODEL})
    (folder_of(version, store) / "MLmodel").write_bytes(MLMODEL.replace(b"age", b"agf"))
    run, _ = described(version)
    assert run.state == "failed"
    assert "MLmodel is not what it was" in run.reason
    assert not Evidence.objects.exists()


def test_a_deleted_version_is_left_alone(version_of):
    version = version_of({"MLmodel": MLMODEL})
    ModelVersion.objects.filter(pk=version.pk).update(deleted_at="2026-01-01T00:00Z")
    run, _ = described(version)
    assert (run.state, run.result) == ("done", None)
    assert "was deleted" in run.reason


def test_ready_asks_for_all_looks_once(version_of):
    version = version_of({"MLmodel": MLMODEL})
    first, second = gate_jobs_enqueue(ACTOR, version), gate_jobs_enqueue(ACTOR, version)
    assert [run.pk for run in first] == [run.pk for run in second]
    assert sorted(JobRun.objects.values_list("kind", flat=True)) == sorted(GATE_JOBS)


def test_a_version_without_files_asks_for_none(version_of):
    assert gate_jobs_enqueue(ACTOR, version_of({})) == []
