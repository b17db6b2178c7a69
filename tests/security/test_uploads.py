"""Pages take no files: a stranger's upload is kept nowhere."""

from django.core.files.uploadedfile import SimpleUploadedFile


def test_a_file_in_a_form_is_read_past(client, db):
    answer = client.post(
        "/accounts/login/", {"login": "a", "password": "b", "file": SimpleUploadedFile("f", b"x" * 100_000)}
    )
    assert answer.status_code == 200
    assert not answer.wsgi_request.FILES
    assert answer.wsgi_request.POST["login"] == "a"
