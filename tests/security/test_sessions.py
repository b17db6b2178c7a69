"""Sessions end with the account, and a mail server that is down tells nobody who has one."""

from portal.accounts.services.users import UserChanges, user_update

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def test_activating_an_account_again_brings_no_session_back(client, acting, olga, ann):
    client.force_login(ann, backend=BACKEND)
    for is_active in (False, True):
        user_update(actor=acting(olga), user=ann, changes=UserChanges(is_active=is_active))
    assert client.get("/tokens").status_code == 302


def test_a_reset_answers_alike_without_a_mail_server(client, settings, fresh_cache, ann):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answers = [
        client.post("/accounts/password/reset/", {"email": email})
        for email in (ann.email, "nobody@example.org")
    ]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert len({answer.headers["Location"] for answer in answers}) == 1
