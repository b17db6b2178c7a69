"""Where webhooks must not lead, by whatever name, number, redirect or change of mind."""

import pytest

from compliance.deliveries import door
from compliance.deliveries.addresses import AddressRefused, is_public, place_of
from compliance.deliveries.parcels import Parcel
from tests.compliance.follow_up.receivers import receiving


def post(url, **given):
    return door.post(Parcel(url, {"Content-Type": "application/json"}, b"{}"), **given)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/hook", "ftp://example.org/", "file:///etc/passwd", "https:///hook", "//example.org/",
        "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
        "https://169.254.169.254/latest/meta-data", "https://10.0.0.1/", "https://192.168.1.1/", "https://100.64.0.1/",
        "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[fd00::1]/", "https://[fe80::1]/",
        "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/", "https://0.0.0.0/", "https://localhost/",
        "https://localhost./", "https://metadata.google.internal/", "https://db.local/", "https://intranet/",
        "https://user:password@example.org/", "https://example.org@127.0.0.1/", "https://exa mple.org/",
        "https://example.org/\r\nX: y", "https://exämple.org/", "https://example.org:99999/",
        "https://example.org/" + "a" * 2000, "https://224.0.0.1/", "https://255.255.255.255/",
    ],
)  # fmt: skip
def test_it_is_refused_by_its_form(url, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    with pytest.raises(AddressRefused):
        place_of(url)
    assert post(url).status is None


def test_public_addresses_may_be_named():
    place = place_of("https://hooks.example.org/a?b=c")
    assert (place.host, place.port, place.target) == ("hooks.example.org", 443, "/a?b=c")
    assert place_of("https://1.1.1.1:8443").authority == "1.1.1.1:8443"
    assert is_public("2606:4700::1111")
    assert not is_public("::ffff:10.0.0.1")
    assert not is_public("fe80::1%eth0")
    assert not is_public("nonsense")


def test_a_name_that_leads_inside_is_refused_when_it_is_sent_to(settings):
    """The name passes by its form and means another number by then: that of a metadata service."""
    settings.WEBHOOK_ALLOWED_HOSTS = []
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["169.254.169.254"]

    answer = post("https://rebinding.example.org/", resolve=resolve)
    assert answer.status is None
    assert "not public" in answer.problem
    assert asked == ["rebinding.example.org"]


def test_one_number_inside_is_enough_to_refuse_all(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = []
    answer = post("https://example.org/", resolve=lambda *_: ["93.184.215.14", "127.0.0.1"])
    assert "not public" in answer.problem


def test_the_connected_number_is_looked_at_too(settings, monkeypatch):
    """Also where the look-up before was deceived: nothing is sent to a peer that is not public."""
    with receiving() as receiver:
        settings.WEBHOOK_ALLOWED_HOSTS = []
        monkeypatch.setattr(door, "numbers_of", lambda *_: ["127.0.0.1"])
        answer = post(f"https://example.org:{receiver.port}/")
        assert "not public" in answer.problem
        assert receiver.taken == []


def test_it_is_resolved_once(receiver, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["hooks.example.org"]
    asked = []

    def resolve(host, port):
        asked.append(host)
        return ["127.0.0.1"]

    assert post(f"http://hooks.example.org:{receiver.port}/x", resolve=resolve).is_taken
    assert asked == ["hooks.example.org"]
    assert receiver.taken[0].headers["Host"] == f"hooks.example.org:{receiver.port}"


def test_a_redirect_is_not_followed(receiver):
    with receiving() as inside:
        receiver.status, receiver.location = 307, inside.url
        answer = post(receiver.url)
        assert (answer.status, answer.is_taken, inside.taken) == (307, False, [])
        assert "not followed" in answer.words


def test_a_slow_answer_ends(receiver):
    receiver.pause = 30
    answer = post(receiver.url, seconds=0.3)
    assert answer.problem == "No answer within 0 seconds."


def test_an_answer_that_drips_ends(receiver):
    receiver.drip = True
    assert post(receiver.url, seconds=0.4).status is None


def test_nothing_of_the_answer_is_returned(receiver):
    receiver.status = 400
    assert "secret" not in repr(post(receiver.url))


def test_a_refused_connection_is_an_answer(settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    assert post("http://127.0.0.1:9/").problem == "The connection was refused."


def test_the_listing_of_one_port_lists_no_other(receiver, settings):
    with receiving() as inside:
        assert not post(inside.url).is_taken
        assert inside.taken == []


def test_a_proxy_of_the_environment_is_not_used(receiver, monkeypatch):
    with receiving() as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        assert post(receiver.url).is_taken
        assert proxy.taken == []


def test_tls_is_checked_against_the_name(receiver, settings):
    settings.WEBHOOK_ALLOWED_HOSTS = ["127.0.0.1"]
    assert post(f"https://127.0.0.1:{receiver.port}/").status is None
