"""From event files that TensorBoard's own writer made, and from folders that W&B's own client made."""

import base64
import csv
import json
import math
import os
import subprocess
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams.summary_v2 import hparams_pb
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.plugins.text.summary_v2 import text_pb
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from compliance.models import LegalHold
from experiments.artifacts.locations import store_path
from experiments.artifacts.store import artifact_store
from experiments.batch import Metrics
from experiments.models import Experiment, MetricChunk, Run
from experiments.selectors.history import history_page
from experiments.services.batches import points_add
from portal.audit.models import AuditEvent
from portal.kernel.clock import now
from portal.kernel.errors import PolicyViolation
from tests.audit.events import detail_of
from transfer.services.runs import points_drop

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WANDB = """
import wandb, numpy as np
run = wandb.init(project="p", name="erster Lauf", config={"lr": 0.1, "net": {"depth": 3, "names": ["a"]}}, notes="# n")
for step in range(3000):
    run.log({"loss": float("nan") if step == 5 else 1 / (step + 1), "val@5": step, "deep": {"x": step}})
run.log({"image": wandb.Image(np.zeros((4, 4, 3), dtype=np.uint8)), "word": "hello"})
run.summary["best"] = 0.99
print("said by the program")
run.finish()
"""


def bring(command, folder, tmp_path, **options):
    report = tmp_path / "report.json"
    call_command(
        command,
        str(folder),
        workspace="credit",
        user="ann",
        experiment="boards",
        report=str(report),
        **options,
    )
    return json.loads(report.read_text())


def write(folder, summaries):
    """`(step, seconds, summary)` as an event file."""
    writer = EventFileWriter(str(folder))
    for step, seconds, summary in summaries:
        writer.add_event(Event(step=step, wall_time=seconds, summary=summary))
    writer.close()


def plain(tag, value):
    return Summary(value=[Summary.Value(tag=tag, simple_value=value)])


def files_of(run):
    root = store_path(run.artifact_uri)
    return {entry.path.removeprefix(f"{root}/"): entry.path for entry in artifact_store().list_files(root)}


def content(path):
    return b"".join(artifact_store().open(path).chunks)


def test_event_files(workspace, ann, tmp_path):
    folder = tmp_path / "logs"
    write(
        folder / "a" / "train",
        [(step, 1000 + step, plain("loss@top", 1 / (step + 1))) for step in range(3000)],
    )
    image = Summary.Image(height=1, width=1, colorspace=3, encoded_image_string=PNG)
    write(
        folder / "b",
        [
            (0, 2000.5, hparams_pb({"lr": 0.01, "arch": "лес", "drop": True})),
            *(
                (step, 2001.0 + step, scalar_pb("acc", value))
                for step, value in enumerate((0.5, math.nan, math.inf))
            ),
            (3, 2009.0, text_pb("notes", "**gut**")),
            (3, 2009.0, Summary(value=[Summary.Value(tag="figure", image=image)])),
        ],
    )
    facts = bring("import_tensorboard", folder, tmp_path)
    assert (facts["wrong"], facts["made"]["runs"], facts["made"]["metric points"]) == ([], 2, 3003)
    first, second = Experiment.objects.get(name="boards").runs.order_by("start_time")
    assert (first.name, first.start_time, first.end_time, first.status) == (
        "a/train",
        1_000_000,
        3_999_000,
        "FINISHED",
    )
    assert len(history_page(first.pk, "loss_top", offset=0, limit=9999)) == 3000
    assert dict(second.params.values_list("key", "value")) == {"lr": "0.01", "arch": "лес", "drop": "True"}
    values = [value for _, _, value in history_page(second.pk, "acc", offset=0, limit=9)]
    assert (values[0], math.isnan(values[1]), values[2]) == (0.5, True, 1.7976931348623157e308)
    files = files_of(second)
    assert content(files["text/notes/3.md"]) == b"**gut**"
    assert content(files["images/figure/3.png"]) == PNG
    chunks = MetricChunk.objects.count()
    write(folder / "b", [(9, 3000.0, plain("acc", 0.75))])
    again = bring("import_tensorboard", folder, tmp_path)
    assert (again["made"], again["wrong"]) == ({"metric points": 1}, [])
    assert MetricChunk.objects.count() == chunks + 1


def test_folders_of_wandb(workspace, ann, tmp_path):
    program = tmp_path / "train.py"
    program.write_text(WANDB)
    environment = {**os.environ, "WANDB_MODE": "offline", "WANDB_DIR": str(tmp_path), "WANDB_SILENT": "true"}
    subprocess.run(
        [sys.executable, str(program)], env=environment, cwd=tmp_path, check=True, capture_output=True
    )
    facts = bring("import_wandb", tmp_path / "wandb", tmp_path)
    assert (facts["wrong"], facts["made"]["runs"]) == ([], 1)
    run = Run.objects.get()
    assert (run.name, run.status) == ("erster Lauf", "FINISHED")
    assert dict(run.params.values_list("key", "value")) == {
        "lr": "0.1",
        "net.depth": "3",
        "net.names": '["a"]',
    }
    tags = dict(run.tags.values_list("key", "value"))
    assert (tags["mlflow.note.content"], tags["wandb.summary.best"], tags["wandb.project"]) == (
        "# n",
        "0.99",
        "p",
    )
    loss = history_page(run.pk, "loss", offset=0, limit=9999)
    assert [point[0] for point in loss] == list(range(3000))
    assert math.isnan(loss[5][2])
    assert len(history_page(run.pk, "deep.x", offset=0, limit=9999)) == 3000
    assert history_page(run.pk, "val_5", offset=2999, limit=9)[0][2] == 2999
    measured = {metric.key for metric in run.latest_metrics.all()}
    assert not {key for key in measured if key.startswith("image")}
    assert "system/network_receive_megabytes" in measured
    files = files_of(run)
    assert b"said by the program" in content(files["output.log"])
    assert [name for name in files if name.startswith("media/images/image_")]
    again = bring("import_wandb", tmp_path / "wandb", tmp_path, full=True)
    assert (again["made"], again["changed"], again["wrong"]) == ({}, {}, [])
    _torn_logs_are_read_to_their_end(tmp_path)


def _torn_logs_are_read_to_their_end(tmp_path):
    log = next((tmp_path / "wandb").glob("*/*.wandb"))
    log.write_bytes(log.read_bytes()[:-40])  # as a killed process leaves it
    assert bring("import_wandb", tmp_path / "wandb", tmp_path)["wrong"] == []
    log.write_bytes(b"no log of W&B's")
    with pytest.raises(CommandError, match="no transaction log") as refused:
        bring("import_wandb", tmp_path / "wandb", tmp_path)
    assert refused.value.returncode == 2


UI_TABLE = """"Name","State","Notes","User","Tags","Created","Runtime","Sweep","arch","loss","note"
"sunny-1","finished","# why","ann","a, b","2024-05-01T12:00:00.000Z","60","","лес","0.25",""
"rainy-2","crashed","","bob","","2024-05-01T13:00:00.000Z","5","s1","cnn","NaN","x"
"""
API_TABLE = """,summary,config,name
0,"{'acc': 0.5, '_runtime': 3, 'best': {'f1': 0.75}}","{'lr': 0.1, 'drop': None}",first
"""


def _export(folder):
    """As people take it out: the table of the runs' page, a folder of one of its runs, and one that is not in it."""
    sunny, other = folder / "run-sunny-1", folder / "abc123"
    (other / "files").mkdir(parents=True)
    sunny.mkdir()
    (folder / "runs.csv").write_text(UI_TABLE)
    rows = [f"{n},{0.5 / (n + 1) if n != 2 else ''},{n * 10},{1714564800.5 + n}" for n in range(3000)]
    (sunny / "history.csv").write_text("\n".join([",train/loss@1,_step,_timestamp", *rows]))
    history = [
        {"_step": 0, "deep": {"x": 1}, "image": {"_type": "image-file", "size": 3}},
        {"_step": 5, "deep": {"x": math.inf}},
    ]
    (other / "files" / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in history))
    (other / "files" / "config.yaml").write_text(
        "wandb_version: 1\nlr: {desc: null, value: 0.1}\nnet: {value: {depth: 3}}\n"
    )
    (other / "files" / "wandb-summary.json").write_text('{"best": 0.9, "verdict": "gut", "_runtime": 7}')
    (other / "files" / "wandb-metadata.json").write_text(
        '{"startedAt": "2024-05-02T00:00:00Z", "username": "cora"}'
    )


def test_exports_of_wandb(workspace, ann, tmp_path):
    folder = tmp_path / "export"
    _export(folder)
    facts = bring("import_wandb", folder, tmp_path)
    assert (facts["wrong"], facts["left_out"], facts["made"]["runs"]) == ([], [], 3)
    runs = {run.name: run for run in Run.objects.all()}
    sunny, rainy, other = runs["sunny-1"], runs["rainy-2"], runs["abc123"]
    assert (sunny.status, sunny.start_time, sunny.end_time) == (
        "FINISHED",
        1714564800000,
        1714564800500 + 2999000,
    )
    assert dict(sunny.params.values_list("key", "value")) == {"arch": "лес"}
    assert sunny.tags.get(key="mlflow.note.content").value == "# why"
    points = history_page(sunny.pk, "train/loss_1", offset=0, limit=9999)
    assert (len(points), points[1][0], points[2][0]) == (2999, 10, 30)
    assert sunny.tags.get(key="wandb.summary.loss").value == "0.25"  # of the table alone
    assert (rainy.status, rainy.tags.get(key="wandb.sweep_id").value) == ("FAILED", "s1")
    assert math.isnan(history_page(rainy.pk, "loss", offset=0, limit=9)[0][2])
    assert dict(other.params.values_list("key", "value")) == {
        "wandb_version": "1",
        "lr": "0.1",
        "net.depth": "3",
    }
    assert [point[0] for point in history_page(other.pk, "deep.x", offset=0, limit=9)] == [0, 5]
    assert {metric.key for metric in other.latest_metrics.all()} == {"deep.x"}
    assert {other.tags.get(key=f"wandb.summary.{key}").value for key in ("best", "verdict")} == {"0.9", "gut"}
    assert "files/history.jsonl" in files_of(other)
    _exports_come_once(folder, tmp_path)


def _exports_come_once(folder, tmp_path):
    """In another form, too; a row more is a point more; a torn file is said."""
    again = bring("import_wandb", folder, tmp_path, full=True)
    assert (again["made"], again["changed"], again["wrong"]) == ({}, {}, [])
    history = folder / "abc123" / "files" / "history.jsonl"
    rows = [{"_step": 0, "deep.x": 1.0}, {"_step": 5, "deep.x": math.inf}, {"_step": 6, "deep.x": 2.0}]
    pq.write_table(pa.Table.from_pylist(rows), history.with_suffix(".parquet"))
    again = bring("import_wandb", folder, tmp_path, full=True, no_files=True)
    assert (again["made"], again["wrong"]) == ({"metric points": 1}, [])
    history.with_suffix(".parquet").write_bytes(b"PAR1 torn")
    with pytest.raises(CommandError, match=r"history\.parquet of files cannot be read"):
        bring("import_wandb", folder, tmp_path)


def test_a_table_of_the_public_interface(workspace, ann, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "project.csv").write_text(API_TABLE)
    longest = csv.field_size_limit()
    assert bring("import_wandb", folder, tmp_path)["wrong"] == []
    assert csv.field_size_limit() == longest  # which is the process's
    run = Run.objects.get(name="first")
    assert dict(run.params.values_list("key", "value")) == {"lr": "0.1", "drop": "null"}
    assert {metric.key: metric.value for metric in run.latest_metrics.all()} == {"acc": 0.5, "best.f1": 0.75}


def _points(name, key):
    run = Run.objects.get(name=name)
    return [(step, value) for step, _, value in history_page(run.pk, key, offset=0, limit=9999)]


def test_a_summary_that_changed_takes_the_place_of_the_old_one(workspace, ann, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    table = folder / "runs.csv"
    table.write_text(UI_TABLE)
    bring("import_wandb", folder, tmp_path)
    for value in ("0.125", "0.5"):  # a lower one, and a higher one
        table.write_text(UI_TABLE.replace("0.25", value))
        facts = bring("import_wandb", folder, tmp_path)
        assert (facts["wrong"], facts["left_out"], facts["changed"]) == ([], [], {"sampled metrics": 1})
        assert _points("sunny-1", "loss") == [(0, float(value))]
        assert Run.objects.get(name="sunny-1").latest_metrics.get(key="loss").value == float(value)
    assert bring("import_wandb", folder, tmp_path, full=True)["changed"] == {}
    events = AuditEvent.objects.filter(action="transfer.metric.replace", outcome="done")
    gone = [detail_of(event)["changes"]["metrics"][0] for event in events]
    assert [(list(each), each["loss"][0]) for each in gone] == [(["loss"], 1)] * 2
    _what_people_log_here_stays(folder, table, tmp_path)


@pytest.mark.parametrize("kind", ["run", "experiment", "workspace"])
def test_what_is_on_hold_is_not_replaced(kind, workspace, ann, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    table = folder / "runs.csv"
    table.write_text(UI_TABLE)
    bring("import_wandb", folder, tmp_path)
    run = Run.objects.get(name="sunny-1")
    held = {"run": run.pk.hex, "experiment": run.experiment_id, "workspace": workspace.pk}[kind]
    hold = LegalHold.objects.create(
        workspace=workspace, subject_type=kind, subject_id=str(held), subject_label="it", reason="case 7",
        placed_by=ann,
    )  # fmt: skip
    table.write_text(UI_TABLE.replace("0.25", "0.125"))
    facts = bring("import_wandb", folder, tmp_path)
    assert (facts["wrong"], facts["changed"]) == ([], {})
    assert [(each["name"], "legal hold" in each["why"]) for each in facts["left_out"]] == [
        ("loss of run sunny-1", True)
    ]
    assert _points("sunny-1", "loss") == [(0, 0.25)]
    assert not AuditEvent.objects.filter(action="transfer.metric.replace").exists()
    LegalHold.objects.filter(pk=hold.pk).update(released_at=now(), released_by=ann)
    assert bring("import_wandb", folder, tmp_path, full=True)["left_out"] == []
    assert _points("sunny-1", "loss") == [(0, 0.125)]


def test_points_on_hold_are_not_dropped(workspace, ann, acting, tmp_path):
    """Where the hold is placed while an import is at work."""
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "runs.csv").write_text(UI_TABLE)
    bring("import_wandb", folder, tmp_path)
    run = Run.objects.get(name="sunny-1")
    LegalHold.objects.create(
        workspace=workspace, subject_type="run", subject_id=run.pk.hex, subject_label="it", reason="case 7",
        placed_by=ann,
    )  # fmt: skip
    with pytest.raises(PolicyViolation, match="legal hold on it"), transaction.atomic():
        points_drop(actor=acting(ann), run=run, metrics={"loss": [1, "0"]})
    assert _points("sunny-1", "loss") == [(0, 0.25)]


def _what_people_log_here_stays(folder, table, tmp_path):
    run = Run.objects.get(name="sunny-1")
    with transaction.atomic():
        points_add(run.pk, Metrics(keys=["loss"], values=[9.0], timestamps=[1714564800000], steps=[7]))
    for value in ("0.75", "0.875"):
        table.write_text(UI_TABLE.replace("0.25", value))
        facts = bring("import_wandb", folder, tmp_path, full=True)
        assert (facts["wrong"], [each["name"] for each in facts["left_out"]]) == ([], ["loss of run sunny-1"])
        assert _points("sunny-1", "loss") == [(0, 0.5), (7, 9.0)]


CHART = """"Step","sunny-1 - loss","sunny-1 - loss__MIN","sunny-1 - loss__MAX","new - 2 - loss","new - 2 - loss__MIN","new - 2 - loss__MAX"
"0","1","1","1","","",""
"10","0.5","0.4","0.6","2","2","2"
"20","0.25","0.25","0.25","NaN","NaN","NaN"
"""  # noqa: E501 - as W&B writes it


def test_charts_of_wandb(workspace, ann, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "wandb_export_2024-05-01T12_00_00.000+02_00.csv").write_text(CHART)
    facts = bring("import_wandb", folder, tmp_path)
    assert (facts["wrong"], facts["made"]["runs"], facts["made"]["metric points"]) == ([], 2, 5)
    assert _points("sunny-1", "loss") == [(0, 1.0), (10, 0.5), (20, 0.25)]
    (first, second) = _points("new - 2", "loss")
    assert (first, second[0], math.isnan(second[1])) == ((10, 2.0), 20, True)
    tag = Run.objects.get(name="new - 2").tags.get(key="wandb.sampled_from").value
    assert tag == "wandb_export_2024-05-01T12_00_00.000+02_00.csv"
    assert {metric.key for metric in Run.objects.get(name="sunny-1").latest_metrics.all()} == {"loss"}
    again = bring("import_wandb", folder, tmp_path, full=True)
    assert (again["made"], again["changed"], again["wrong"]) == ({}, {}, [])


def test_a_chart_beside_a_table_and_a_history_beside_both(workspace, ann, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "runs.csv").write_text(
        UI_TABLE.replace('"loss"', '"loss","acc"').replace('"0.25"', '"0.25","0.9"')
    )
    bring("import_wandb", folder, tmp_path)
    assert _points("sunny-1", "loss") == [(0, 0.25)]
    (folder / "chart.csv").write_text(CHART)
    facts = bring("import_wandb", folder, tmp_path)
    assert (facts["wrong"], facts["made"]["runs"], Run.objects.count()) == ([], 1, 3)
    assert _points("sunny-1", "loss") == [(0, 1.0), (10, 0.5), (20, 0.25)]
    assert _points("sunny-1", "acc") == [(0, 0.9)]
    longer = CHART.replace('"10","0.5"', '"12","0.5"') + '"40","0.125","0.125","0.125","","",""\n'
    (folder / "chart.csv").write_text(longer)  # drawn anew when the run went on
    assert bring("import_wandb", folder, tmp_path)["wrong"] == []
    assert _points("sunny-1", "loss") == [(0, 1.0), (12, 0.5), (20, 0.25), (40, 0.125)]
    (folder / "sunny-1").mkdir()
    rows = [f"{step},{1 / (step + 1)},{1714564800 + step}" for step in range(50)]
    (folder / "sunny-1" / "history.csv").write_text("\n".join(["_step,loss,_timestamp", *rows]))
    facts = bring("import_wandb", folder, tmp_path)
    assert (facts["wrong"], facts["changed"]["sampled metrics"]) == ([], 1)
    assert _points("sunny-1", "loss") == [(step, 1 / (step + 1)) for step in range(50)]


@pytest.mark.parametrize(
    "header",
    ['"Relative Time (Process)","a - loss"', '"Step"', '"Step","loss"', '"Step"," - loss","a - "'],
    ids=["other-axis", "no-line", "no-run", "no-name"],
)
def test_what_looks_like_a_chart_and_is_none(header, workspace, ann, tmp_path):
    (tmp_path / "chart.csv").write_text(f"{header}\n1,2,3\n")
    with pytest.raises(CommandError, match="no chart"):
        bring("import_wandb", tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("command", "said"), [("import_tensorboard", "no event files"), ("import_wandb", "no runs of W&B's")]
)
def test_a_folder_of_something_else(command, said, workspace, ann, tmp_path):
    with pytest.raises(CommandError, match=said) as refused:
        bring(command, tmp_path, tmp_path)
    assert refused.value.returncode == 2
    assert not Experiment.objects.exists()
