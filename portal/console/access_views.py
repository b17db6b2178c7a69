"""Access: who may do what, reviews of it, and the grants to audit that operators give and end."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from compliance.selectors.access_reviews import access_review_list
from portal import access as permissions
from portal.accounts.models import AuditorGrant, Workspace
from portal.accounts.selectors import user_named
from portal.accounts.services.auditor_grants import auditor_grant_give, auditor_grant_revoke
from portal.answers import PageRequest, act
from portal.console.exports import Sheet, format_of, sheet_answer
from portal.console.forms import AuditorGrantForm
from portal.console.grants import Right, auditor_grants, rights_held
from portal.console.reads import noted
from portal.console.site import console_page
from portal.kernel.errors import NotFound

GIVE, REVOKE = "accounts.auditor_grant.give", "accounts.auditor_grant.revoke"
_COLUMNS = ("person", "role", "workspace", "since", "until", "granted by", "event", "reason", "flags")
_REVIEWS = 20


@console_page()
def access(request: PageRequest) -> HttpResponse:
    """Everybody's rights, those that clash first in the reader's eye."""
    return render(request, "console/access.html", _context(request, AuditorGrantForm()))


@console_page("console.record.export")
def access_export(request: PageRequest) -> HttpResponseBase:
    """The rights as a file, for a review."""
    kind = format_of(request.GET.get("format", ""))
    noted(request.actor, "console.record.export", detail=f"access rights as {kind}")
    rows = [
        (each.person, each.role, each.workspace or "everywhere", each.since, each.until, each.granted_by, each.event,
         each.reason, ", ".join(each.flags))
        for each in _shown(request)
    ]  # fmt: skip
    return sheet_answer(Sheet("access", "Access rights", _COLUMNS, rows), kind)


@console_page(GIVE, posts=True)
def grant_give(request: PageRequest) -> HttpResponse:
    """Let somebody audit for a time. The operation decides who may."""
    form = AuditorGrantForm(request.POST)
    permissions.require(request.actor, GIVE)
    if request.method != "POST" or not form.is_valid():
        return render(request, "console/access.html", _context(request, form), status=400)
    given = form.cleaned_data
    workspace = Workspace.objects.filter(name=given["workspace"]).first() if given["workspace"] else None
    if given["workspace"] and workspace is None:
        form.add_error("workspace", "There is no such workspace.")
        return render(request, "console/access.html", _context(request, form), status=400)

    def change() -> None:
        auditor_grant_give(
            actor=request.actor, user=user_named(given["username"]), ends_at=given["ends_at"], reason=given["reason"],
            workspace=workspace,
        )  # fmt: skip

    return act(
        request,
        change,
        said=f"{given['username']} audits until {given['ends_at']:%d %B %Y}.",
        then="console-access",
    )


@console_page(REVOKE, posts=True)
def grant_revoke(request: PageRequest, key: UUID) -> HttpResponse:
    """End a grant to audit at once."""
    permissions.require(request.actor, REVOKE)
    grant = AuditorGrant.objects.filter(pk=key).first()
    if grant is None or request.method != "POST":
        raise NotFound("There is no such grant.")
    return act(
        request,
        lambda: auditor_grant_revoke(actor=request.actor, grant=grant, reason=request.POST.get("reason", "")),
        said="The grant has ended.",
        then="console-access",
    )


def _shown(request: PageRequest) -> list[Right]:
    """The rights, perhaps only of one person, or only those that clash."""
    text, only = request.GET.get("q", "").strip().lower()[:200], request.GET.get("only", "")
    return [
        each
        for each in rights_held(request.actor)
        if (not text or text in each.person.lower() or text in each.workspace)
        and (only != "flagged" or each.flags)
    ]


def _context(request: PageRequest, form: AuditorGrantForm) -> dict[str, Any]:
    rights = _shown(request)
    return {
        "rights": rights, "flagged": sum(1 for each in rights if each.flags), "form": form, "tab": "access",
        "reviews": access_review_list(request.actor)[:_REVIEWS], "auditing": auditor_grants(request.actor),
        "may_give": permissions.allows(request.actor, GIVE),
        "text": request.GET.get("q", ""), "only": request.GET.get("only", ""),
    }  # fmt: skip
