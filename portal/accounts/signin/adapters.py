"""What django-allauth asks us while a person signs in."""

import time
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.accounts.models import User
from portal.accounts.signin import events
from portal.accounts.signin.grants import grants_apply, grants_of, groups_of
from portal.accounts.signin.newcomers import newcomer_create

log = structlog.get_logger("signin")
SIGNED_IN_AT = "signed_in_at"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-in with a password: nobody signs up, and every try leaves an event."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **hooks: Any) -> HttpResponse | None:
        """Stops the deactivated, as the library does, and service accounts, however they came by a password."""
        if user.is_service_account:
            return self.respond_user_inactive(request, user)
        answer: HttpResponse | None = super().pre_login(request, user, **hooks)
        return answer

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Only for people who sign in with a password; the page tells everybody the same."""
        if not user.has_usable_password() or user.is_service_account:
            return
        try:
            super().send_password_reset_mail(user, email, context)
        except OSError as error:  # a failure would tell that there is such an account
            log.error("password reset mail not sent", error=type(error).__name__)

    def login(self, request: HttpRequest, user: Any) -> None:
        super().login(request, user)
        request.session[SIGNED_IN_AT] = time.time()
        events.succeeded(request, user, events.SIGN_IN)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            events.succeeded(request, request.user, events.SIGN_OUT)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        claimed = credentials.get("email") or credentials.get("username") or ""
        user = (
            User.objects.filter(Q(username__iexact=claimed) | Q(email__iexact=claimed)).first()
            if claimed
            else None
        )
        events.failed(request, events.SIGN_IN, "wrong password or unknown name", user=user)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        why = (
            "a service account does not sign in" if user.is_service_account else "the account is deactivated"
        )
        events.failed(request, events.SIGN_IN, why, user=user)
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Sign-in through the identity provider: its groups decide who may come in and what they may do."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bring the grants in line before the session begins; turn away whom no group admits."""
        groups = groups_of(sociallogin.account.extra_data)
        if not sociallogin.is_existing:
            if not grants_of(groups):
                self._refuse(request, "no group of the identity provider grants anything here")
            if _is_known(sociallogin.user):
                self._refuse(
                    request, "another account has this e-mail address, and the provider does not vouch for it"
                )
            return
        user = sociallogin.user
        if user.is_service_account:
            self._refuse(request, "a service account does not sign in", user=user)
        if user.is_active:
            grants_apply(user, groups, request_id=getattr(request, "request_id", ""))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """A person whom a group admits and whom we have not seen before."""
        request_id = getattr(request, "request_id", "")
        user = newcomer_create(sociallogin.user, sociallogin.account.extra_data, request_id=request_id)
        sociallogin.user = user
        sociallogin.save(request)
        grants_apply(user, groups_of(sociallogin.account.extra_data), request_id=request_id)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Any = None,
        extra_context: Any = None,
    ) -> None:
        events.failed(request, events.SIGN_IN, f"single sign-on failed ({str(error or 'unknown')[:80]})")

    def _refuse(self, request: HttpRequest, why: str, *, user: User | None = None) -> None:
        events.failed(request, events.SIGN_IN, f"single sign-on refused: {why}", user=user)
        raise ImmediateHttpResponse(render(request, "account/signup_closed.html", {"why": why}, status=403))


def _is_known(user: Any) -> bool:
    return bool(user.email) and User.objects.filter(email__iexact=user.email).exists()
