"""The scan of a version: what is hostile is found and never runs, what nobody understands does not pass."""

import os
import pickle
from pathlib import Path

import joblib  # type: ignore[import-untyped]
import numpy as np
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from compliance.models import Evidence
from jobs import transitions
from jobs.models import JobRun
from jobs.runner import run_job
from registry.gate import child, scanning
from registry.gate.child import Limits
from registry.gate.queue import SCAN_JOB
from tests.registry.hostile import hostile_files
from tests.registry.versions import ACTOR, MLMODEL, REQUIREMENTS, done, folder_of

pytestmark = pytest.mark.slow
CLEAN_MODEL = pickle.dumps({"weights": [1.0, 2.0]})


def scan(version):
    run = done(version, SCAN_JOB)
    return run, Evidence.objects.filter(kind="artifact_scan", subject_id=version.pk.hex).order_by(
        "-id"
    ).first()


def test_every_hostile_file_is_found_and_none_runs(version_of, tmp_path):
    marker = tmp_path / "it-ran"
    files = hostile_files(marker)
    run, found = scan(version_of({name: content for name, (content, _) in files.items()}))
    assert (run.state, run.result) == ("done", {"artifact_scan": "fail"})
    told = {(each["where"].split("!")[0], each["code"]) for each in found.body["findings"]}
    assert {(name, code) for name, (_, code) in files.items()} - told == set()
    bad = {
        item["path"].split("!")[0]
        for item in found.body["items"]
        if item["verdict"] in ("unsafe", "not_scanned")
    }
    assert files.keys() - bad == set()
    assert not marker.exists()
    # The files are what they seem to be: the first of them does run when somebody loads it.
    pickle.loads(files["model.pkl"][0])  # noqa: S301 - to show what it does
    assert marker.exists()


def test_models_of_scikit_learn_are_clean(version_of):
    rows, answers = np.arange(40.0).reshape(20, 2), [0, 1] * 10
    linear = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, answers)
    forest = RandomForestClassifier(5).fit(rows, answers)
    files = {
        "MLmodel": MLMODEL, "requirements.txt": REQUIREMENTS, "conda.yaml": b"channels:\n- conda-forge\n",
        "model.pkl": pickle.dumps(forest), "old.pkl": pickle.dumps(linear, 0), "code/helper.py": b"import os\n",
        "inputs.csv": b"cid\nabc\n", "empty": b"",
    }  # fmt: skip
    run, found = scan(
        version_of(files | {"model.joblib": _joblib(forest), "small.joblib": _joblib(linear, compress=3)})
    )
    assert found.body["findings"] == []
    assert (run.result, found.outcome) == ({"artifact_scan": "pass"}, "pass")
    assert "1 of them are source code" in found.summary
    assert found.body["code_files"] == ["code/helper.py"]
    assert found.source.startswith("modelscan 0.8.8, picklescan 1.0.5, rules ")
    assert found.body["tools"] == {"modelscan": "0.8.8", "picklescan": "1.0.5"}


def _joblib(model, **given):
    path = Path(os.environ.get("TMPDIR", "/tmp"), f"scan-{os.getpid()}.joblib")  # noqa: S108 - removed below
    joblib.dump(model, path, **given)
    try:
        return path.read_bytes()
    finally:
        path.unlink()


def test_scanning_again_gives_the_same_digest(version_of):
    version = version_of({"model.pkl": CLEAN_MODEL})
    assert scan(version)[1].digest == scan(version)[1].digest
    assert Evidence.objects.count() == 2


def test_a_changed_byte_fails_the_scan(version_of, store):
    version = version_of({"MLmodel": MLMODEL, "model.pkl": CLEAN_MODEL})
    path = folder_of(version, store) / "model.pkl"
    path.write_bytes(path.read_bytes()[:-2] + b"x.")
    run, found = scan(version)
    assert (run.state, found.outcome) == ("done", "fail")
    assert [each["code"] for each in found.body["findings"]] == ["file_changed"]


def test_a_link_planted_in_the_store_is_not_followed(version_of, store):
    version = version_of({"model.pkl": CLEAN_MODEL})
    path = folder_of(version, store) / "model.pkl"
    path.unlink()
    path.symlink_to("/etc/passwd")
    _, found = scan(version)
    assert [each["code"] for each in found.body["findings"]] == ["file_changed"]


def test_a_scanner_that_breaks_is_tried_again_and_then_counts_as_not_scanned(version_of, monkeypatch):
    monkeypatch.setattr(scanning, "LIMITS", Limits(file_bytes=0))
    version = version_of({"model.pkl": CLEAN_MODEL})
    run, found = scan(version)
    assert (run.state, found) == ("queued", None)
    assert "ended without an answer" in run.events.order_by("-id").first().detail
    JobRun.objects.filter(pk=run.pk).update(not_before="2000-01-01T00:00Z")
    run_job(run.pk)
    found = Evidence.objects.get(kind="artifact_scan")
    assert (found.outcome, found.body["findings"][0]["code"]) == ("fail", "scanner_stopped")


def test_a_scan_that_takes_too_long_is_ended_with_its_children(version_of, monkeypatch):
    monkeypatch.setattr(scanning, "LIMITS", Limits(wall_seconds=0.05))
    ended = []
    original = child._end

    def end(process):
        original(process)
        ended.append(process.returncode)

    monkeypatch.setattr(child, "_end", end)
    scan(version_of({"model.pkl": CLEAN_MODEL}))
    assert ended == [-9]


class Killed(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("where", ["version_scanned", "observations_record"])
def test_a_killed_scan_runs_again_and_records_once(version_of, monkeypatch, where):
    def killed(*args):
        raise Killed

    version = version_of({"model.pkl": CLEAN_MODEL})
    with monkeypatch.context() as broken:
        broken.setattr(f"registry.gate.handlers.{where}", killed)
        with pytest.raises(Killed):
            done(version, SCAN_JOB)
    run = JobRun.objects.get(kind=SCAN_JOB)
    assert run.state == "running"
    JobRun.objects.filter(pk=run.pk).update(lease_until="2000-01-01T00:00Z")
    transitions.recover("test")
    JobRun.objects.filter(pk=run.pk).update(not_before="2000-01-01T00:00Z")
    assert run_job(run.pk)
    run.refresh_from_db()
    assert (run.state, run.attempt) == ("done", 2)
    assert Evidence.objects.filter(kind="artifact_scan", outcome="pass").count() == 1


def test_the_scanner_knows_nothing_of_the_portal(version_of, monkeypatch, tmp_path):
    """The environment of a child, as its program sees it."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    assert not any("secret" in value for value in child._environment(tmp_path).values())
    threads = {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"}
    assert child._environment(tmp_path).keys() == {"PATH", "HOME", "LANG", "TMPDIR"} | threads


def test_operators_may_add_names(version_of, settings):
    settings.SCAN_ALLOWED_GLOBALS = ["somebody[.]code:run"]
    run, found = scan(version_of({"model.pkl": b"\x80\x02csomebody.code\nrun\n)R."}))
    assert (found.outcome, run.state) == ("pass", "done")
    settings.SCAN_ALLOWED_GLOBALS = []
    _, again = scan(version_of({"model.pkl": b"\x80\x02csomebody.code\nrun\n)R."}, number=2))
    assert again.outcome == "fail"
    assert again.body["rules"] != found.body["rules"]


def test_the_actor_of_a_scan_can_do_nothing_else(version_of):
    scan(version_of({"model.pkl": CLEAN_MODEL}))
    assert Evidence.objects.get().actor == "system:registry.scan_version"
    assert ACTOR.allowed == frozenset({"jobs.job.enqueue"})
