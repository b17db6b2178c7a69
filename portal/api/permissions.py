"""Closed by default: a view answers a method only when it declares an action for it."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from portal import access
from portal.accounts.actor import Actor


class DeclaredActions(BasePermission):
    """Passes a known caller to a declared method. Whether they may do it to this object, the operation decides."""

    message = "The portal does not allow this call."

    def has_permission(self, request: Request, view: Any) -> bool:
        method = request.method or ""
        if not isinstance(request.user, Actor):
            return False
        if not hasattr(view, method.lower()) or method.lower() not in view.http_method_names:
            raise MethodNotAllowed(method)
        return getattr(view, "actions", {}).get(method) in access.ACTIONS
