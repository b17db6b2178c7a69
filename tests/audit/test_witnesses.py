"""Every checkpoint gets to every witness, in order, once it answers; and none is replaced there."""

import datetime as dt
import http.server
import ipaddress
import ssl
import threading
from pathlib import Path

import boto3
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from moto.server import ThreadedMotoServer

from portal.audit.log import log_state
from portal.audit.models import AuditCheckpoint, AuditWitness
from portal.audit.notes import key_make
from portal.audit.witnesses import NotDelivered, Witness, Witnesses
from portal.settings.audit import witnesses as witnesses_read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def signed(happen, sequencer):
    happen(20)
    sequencer.run()
    return {f"{each.size:020d}.note": each.note for each in AuditCheckpoint.objects.all()}


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes notes; `status` is what it answers."""

    status, taken = 200, []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.status == 200:
            self.taken.append((int(self.headers["X-Audit-Size"]), body, self.headers.get("Authorization")))
        self.send_response(self.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *arguments):
        """Nothing on the terminal."""


@pytest.fixture
def receiver(tmp_path, monkeypatch):
    """An https server with a certificate that this process trusts; its handler class and its address."""
    handler = type("Ours", (Receiver,), {"status": 200, "taken": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = certificate_make(tmp_path)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield handler, f"https://127.0.0.1:{server.server_port}/notes?team=audit"
    server.shutdown()


def certificate_make(folder: Path) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - dt.timedelta(days=1)).not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / "certificate.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_a_folder_gets_every_checkpoint_once(signed, tmp_path, happen, sequencer):
    folder = tmp_path / "witness"
    witness = Witness.of(f"file://{folder}")
    assert [witness.catch_up(), witness.catch_up()] == [3, 0]
    assert {path.name: path.read_text() for path in folder.iterdir()} == signed
    happen(1)
    sequencer.run()
    assert witness.catch_up() == 1
    assert AuditWitness.objects.get().size == 21


def test_another_checkpoint_of_the_same_size_is_told_and_not_replaced(signed, tmp_path, acting, aude, bob):
    folder = tmp_path / "witness"
    witness = Witness.of(f"file://{folder}")
    (folder / f"{14:020d}.note").write_text("another past")
    with pytest.raises(NotDelivered, match="another checkpoint"):
        witness.catch_up()
    assert (folder / f"{14:020d}.note").read_text() == "another past"
    assert log_state(acting(bob)).witnesses == []
    state = log_state(acting(aude)).witnesses[0]
    assert (state.size, state.problem_since is not None) == (7, True)
    assert "not genuine" in state.problem


def test_a_web_address_gets_what_it_missed(signed, receiver, settings):
    settings.AUDIT_WITNESS_TOKEN = "a-token"
    handler, address = receiver
    witness = Witness.of(address)
    assert "team" not in witness.name
    handler.status = 503
    with pytest.raises(NotDelivered, match="503"):
        witness.catch_up()
    since = AuditWitness.objects.get().problem_since
    with pytest.raises(NotDelivered):
        witness.catch_up()
    assert AuditWitness.objects.get().problem_since == since
    handler.status = 200
    assert witness.catch_up() == 3
    assert handler.taken == [
        (int(name[:20]), note, "Bearer a-token") for name, note in sorted(signed.items())
    ]
    row = AuditWitness.objects.get()
    assert (row.size, row.problem, row.problem_since) == (20, "", None)


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_only_a_plain_yes_counts_and_no_redirect_is_followed(signed, receiver, status):
    handler, address = receiver
    handler.status = status
    with pytest.raises(NotDelivered, match=str(status)):
        Witness.of(address).catch_up()
    assert AuditWitness.objects.get().size == 0
    assert handler.taken == []


def test_a_certificate_that_nobody_trusts_is_refused(signed, receiver, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotDelivered, match="SSL"):
        Witness.of(receiver[1]).catch_up()


def test_a_bucket_gets_every_checkpoint_once(signed, monkeypatch):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        endpoint = f"http://127.0.0.1:{server.get_host_and_port()[1]}"
        for name, value in {
            "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        client = boto3.client("s3", endpoint_url=endpoint, region_name="eu-west-1")
        client.create_bucket(Bucket="notes", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        assert Witness.of("s3://notes/log").catch_up() == 3
        held = client.list_objects_v2(Bucket="notes")["Contents"]
        assert [each["Key"] for each in held] == [f"log/{name}" for name in sorted(signed)]
        body = client.get_object(Bucket="notes", Key=held[0]["Key"])["Body"].read().decode()
        assert body == signed[f"{7:020d}.note"]
    finally:
        server.stop()


def test_in_the_background_a_dead_witness_holds_up_no_other(signed, receiver, tmp_path):
    handler, address = receiver
    handler.status = 500
    folder = tmp_path / "witness"
    stop = threading.Event()
    all_of_them = Witnesses([Witness.of(address), Witness.of(f"file://{folder}")])
    with all_of_them.at_work(stop):
        deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20)
        while len(list(folder.iterdir())) < 3 and dt.datetime.now(dt.UTC) < deadline:
            stop.wait(0.05)
        handler.status = 200
        while len(handler.taken) < 3 and dt.datetime.now(dt.UTC) < deadline:
            stop.wait(0.05)
        stop.set()
    assert len(list(folder.iterdir())) == len(handler.taken) == 3


def test_the_command_delivers_on_its_one_pass(happen, tmp_path, settings, capsys):
    settings.AUDIT_SIGNING_KEY_FILE = str(tmp_path / "key")
    settings.AUDIT_WITNESSES = [f"file://{tmp_path / 'witness'}"]
    key_make(tmp_path / "key")
    happen(2)
    call_command("audit_sequencer", "--once")
    assert [path.name for path in (tmp_path / "witness").iterdir()] == [f"{2:020d}.note"]
    assert "2 events placed" in capsys.readouterr().out


@pytest.mark.parametrize("value", ["http://plain", "ftp://x/y", "file://relative/x", "/folder", "https://"])
def test_an_address_that_is_none_stops_the_boot(monkeypatch, value):
    monkeypatch.setenv("AUDIT_WITNESSES", value)
    with pytest.raises(ImproperlyConfigured, match="AUDIT_WITNESSES"):
        witnesses_read()
