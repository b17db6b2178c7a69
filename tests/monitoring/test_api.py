"""Monitors, alerts, feedback and plans over the API, and their pages: who may, who may not, and what is refused."""

import datetime as dt

import pytest
from django.test import Client

from compliance.models import AISystem
from deployments.models import Feedback
from monitoring.models import Alert, Monitor, MonitorRun, PostMarketPlan
from portal.accounts.actor import Actor
from portal.console.posture import measured
from portal.kernel.clock import now

pytestmark = pytest.mark.django_db
DRIFT = {"endpoint": "scores", "kind": "data_drift", "name": "Drift"}


@pytest.fixture
def alert(monitor_of):
    monitor = monitor_of("data_drift")
    bins = {"labels": ["a", "b"], "reference": [0.5, 0.5], "actual": [0.9, 0.1]}
    line = {
        "name": "age",
        "kind": "label",
        "value": 0.4,
        "state": "alert",
        "missing": 0,
        "psi": 0.4,
        "js": 0.2,
        "bins": bins,
    }
    for value in (0.01, 0.4):
        run = MonitorRun.objects.create(
            monitor=monitor, due_at=now(), ends_at=now(), rows=100, state="alert", value=value, summary="age: PSI 0.4",
            body={"columns": [line], "reference": "applicants v1"}, made_at=now(),
        )  # fmt: skip
    return Alert.objects.create(
        workspace=monitor.workspace, monitor=monitor, run=run, key="k", severity="alert", title="Drift <b>",
        opened_at=now(), last_seen_at=now(), alerted_at=now(),
    )  # fmt: skip


def test_life_of_a_monitor(api, scores, cora, ann, bob):
    client = api(cora)
    made = client.post(
        "monitors", DRIFT | {"settings": {"window": {"rows": 500}, "on_alert": {"finding": {"owner": "ann"}}}}
    )
    assert made.status_code == 201, made.json()
    one = f"monitors/{made.json()['id']}"
    assert made.json()["settings"]["thresholds"] == {"warn": 0.1, "alert": 0.25}
    assert (made.json()["owner"], made.json()["alert_subject"]) == ("cora", "scores/Drift")
    assert api(bob).get(one).status_code == 200
    assert api(bob).patch(one, {"is_paused": True}).status_code == 403
    changed = client.patch(
        one, {"is_paused": True, "owner": "ann", "settings": {"thresholds": {"alert": 1}}}
    ).json()
    assert (changed["is_paused"], changed["owner"], changed["settings"]["thresholds"]) == (
        True,
        "ann",
        {"alert": 1},
    )
    until = (now() + dt.timedelta(days=2)).isoformat()
    assert (
        client.post(f"{one}/silences", {"until": until, "reason": "known"}).json()["silence_reason"]
        == "known"
    )
    assert client.post(f"{one}/silences", {"until": None}).json()["silenced_until"] is None
    assert client.post(f"{one}/measurements", {}).status_code == 202
    assert client.get(f"{one}/runs").json()["items"] == []
    usual = client.post("endpoints/scores/default-monitors", {})
    assert [each["name"] for each in usual.json()["items"]] == ["Data drift", "Errors", "Latency", "Volume"]
    assert client.post("endpoints/scores/default-monitors", {}).json()["items"] == []
    assert len(client.get("monitors", {"endpoint": "scores"}).json()["items"]) == 5
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"kind": "data_drift", "settings": []}, "invalid_settings"),
        ({"kind": "data_drift", "settings": {"window": {"rows": 5}}}, "invalid_settings"),
        ({"kind": "data_drift", "settings": {"window": {"rows": 50, "seconds": 60}}}, "invalid_settings"),
        ({"kind": "data_drift", "settings": {"reference": {"kind": "dataset"}}}, "invalid_settings"),
        ({"kind": "data_drift", "settings": {"thresholds": {"warn": 2, "alert": 1}}}, "invalid_settings"),
        ({"kind": "prediction_drift"}, "invalid_settings"),
        ({"kind": "performance"}, "invalid_settings"),
        ({"kind": "performance", "settings": {"thresholds": {"warn": 0.5, "alert": 0.9}}}, "invalid_settings"),
        ({"kind": "fairness", "settings": {"slices": ["sex"]}}, "invalid_settings"),
        ({"kind": "latency", "settings": {"window": {"rows": 50}}}, "invalid_settings"),
        ({"kind": "latency", "settings": {"metric": "psi"}}, "invalid_settings"),
        ({"kind": "errors", "settings": {"on_alert": {"finding": {"owner": "cleo"}}}}, "not_a_member"),
        ({"kind": "errors", "settings": {"on_alert": {"explode": True}}}, "invalid_settings"),
        ({"kind": "errors", "name": "\u200b"}, "invalid_settings"),
        ({"kind": "errors", "owner": "cleo"}, "not_found"),
        ({"kind": "weather"}, "invalid_input"), ({"kind": "errors", "every_seconds": 1}, "invalid_input"),
    ],
)  # fmt: skip
def test_bad_settings_are_refused(api, scores, cora, wish, code):
    refused = api(cora).post("monitors", DRIFT | wish)
    assert (refused.json().get("code"), refused.status_code // 100) == (code, 4), refused.json()
    assert not Monitor.objects.exists()


def test_alerts_and_feedback(api, alert, cora, bob):
    client, one = api(cora), f"alerts/{alert.pk}"
    assert [
        each["id"] for each in client.get("alerts", {"endpoint": "scores", "state": "open"}).json()["items"]
    ] == [str(alert.pk)]
    assert client.post(f"{one}/acknowledgements", {"note": "on it"}).json()["handled_by"] == "cora"
    assert api(bob).post(f"{one}/resolutions", {"note": "x"}).status_code == 403
    assert (
        client.post(f"{one}/silences", {"until": now().isoformat(), "reason": "x"}).json()["code"]
        == "invalid_silence"
    )
    assert client.post(f"{one}/resolutions", {"note": "fine"}).json()["state"] == "resolved"
    assert client.post(f"{one}/resolutions", {"note": "fine"}).status_code == 409
    items = [
        {"request_id": "r1", "value": 1},
        {"request_id": "r1", "value": 0},
        {"request_id": "r1", "row": 1, "value": {}},
    ]
    assert client.post("endpoints/scores/feedback", {"items": items}).json() == {"written": 2}
    assert Feedback.objects.get(row=0).value == 0
    assert (
        client.post(
            "endpoints/scores/feedback", {"items": [{"request_id": "r1", "row": -1, "value": 1}]}
        ).status_code
        == 400
    )
    assert api(bob).post("endpoints/scores/feedback", {"items": items}).status_code == 403


def test_outsiders_see_nothing(api, alert, cleo):
    monitor, client = f"monitors/{alert.monitor_id}", api(cleo)
    for path in (monitor, f"{monitor}/runs", f"{monitor}/runs/{alert.run_id}", f"alerts/{alert.pk}"):
        assert client.get(path).status_code == 404, path
    for path in (f"{monitor}/silences", f"alerts/{alert.pk}/acknowledgements", "endpoints/scores/feedback"):
        body = (
            {"until": None}
            if "silences" in path
            else {"items": [{"request_id": "r", "value": 1}]}
            if "feed" in path
            else {}
        )
        assert client.post(path, body).status_code == 404, path
    assert client.get("monitors").json()["items"] == client.get("alerts").json()["items"] == []
    pages = Client()
    pages.force_login(cleo)
    for path in (f"/{monitor}", f"/{monitor}/edit", f"/alerts/{alert.pk}", "/monitors?endpoint=scores"):
        assert pages.get(path).status_code == 404, path


def test_a_plan_is_reviewed_by_its_reviewer_and_overdue_on_the_posture_page(
    api, workspace, ann, bob, cleo, aude
):
    system = AISystem.objects.create(
        workspace=workspace,
        name="Scoring",
        intended_purpose="x",
        owner=ann,
        role="provider",
        risk_tier="high",
    )
    path, plan = (
        f"ai-systems/{system.pk}/post-market-plan",
        {"watched": "drift", "review_every_days": 30, "reviewer": "bob"},
    )
    assert api(ann).get(path).status_code == 404
    assert api(bob).put(path, plan).status_code == 403
    assert api(ann).put(path, plan | {"reviewer": "cleo"}).status_code == 404
    assert api(ann).put(path, plan).json()["reviewer"] == "bob"
    assert api(cleo).get(path).status_code == 404
    actor = Actor.of_user(aude)
    assert measured(actor, "plans").items == []
    PostMarketPlan.objects.update(next_due_at=now() - dt.timedelta(days=1))
    assert [each.label for each in measured(actor, "plans").items] == ["Scoring"]
    assert api(ann).post(f"{path}/reviews", {"statement": "fine"}).json()["code"] == "not_reviewer"
    assert api(bob).post(f"{path}/reviews", {"statement": "fine"}).status_code == 201
    assert measured(actor, "plans").items == []
    assert api(bob).get(f"{path}/reviews").json()["items"][0]["statement"] == "fine"
    pages = Client()
    pages.force_login(bob)
    assert "fine" in pages.get(f"/systems/{system.pk}/plan").content.decode()


def test_pages(alert, cora):
    pages, monitor = Client(), alert.monitor
    pages.force_login(cora)
    for path in (
        "/monitors",
        "/monitors?endpoint=scores",
        "/endpoints/scores/monitors/new",
        f"/monitors/{monitor.pk}/edit",
    ):
        assert pages.get(path).status_code == 200, path
    report = pages.get(f"/monitors/{monitor.pk}").content.decode()
    assert report.count('class="before"') == 2
    assert "a: reference 50.0%, now 90.0%" in report
    assert 'class="trend"' in report
    shown = pages.get(f"/alerts/{alert.pk}").content.decode()
    assert "Drift &lt;b&gt;" in shown
    assert "Drift <b>" not in shown


def test_forms_and_figures(alert, cora, aude, olga, api):
    pages = Client()
    pages.force_login(cora)
    form = {
        "kind": "errors",
        "name": "Wrong",
        "every_seconds": 60,
        "alert": "0.2",
        "owner": "cora",
        "finding": "on",
        "settings": "{}",
    }
    assert pages.post("/endpoints/scores/monitors/new", form).status_code == 302
    made = Monitor.objects.get(name="Wrong")
    assert (made.settings["thresholds"], made.settings["on_alert"]) == ({"alert": 0.2}, {"finding": {}})
    assert (
        b"settings/window"
        in pages.post(
            "/endpoints/scores/monitors/new", form | {"name": "x", "settings": '{"window": 1}'}
        ).content
    )
    edited = {**form, "name": "Wrong", "warn": "0.1", "finding": ""}
    assert pages.post(f"/monitors/{made.pk}/edit", edited).status_code == 302
    made.refresh_from_db()
    assert (made.settings["thresholds"], made.settings["on_alert"]) == ({"warn": 0.1, "alert": 0.2}, {})
    pages.post("/endpoints/scores/monitors/default")
    assert Monitor.objects.count() == 6
    pages.post(
        f"/monitors/{made.pk}/silence", {"until": f"{now() + dt.timedelta(days=3):%Y-%m-%d}", "reason": "x"}
    )
    pages.post(f"/monitors/{made.pk}/pause", {"paused": "yes"})
    made.refresh_from_db()
    assert (made.silence_reason, made.is_paused) == ("x", True)
    pages.post(f"/alerts/{alert.pk}/resolve", {"note": "fine"})
    assert Alert.objects.get().state == "resolved"
    assert [each.label for each in measured(Actor.of_user(aude), "drifting").items] == []
    assert api(cora).get("metrics").status_code == 403
    figures = api(olga).get("metrics")
    assert figures.status_code == 200
    assert 'portal_monitors{kind="errors",paused="true"} 1.0' in figures.content.decode()
