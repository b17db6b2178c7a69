"""The admin site of the console. Who comes in is decided by the portal's actor, never by `is_staff` or `is_superuser`.

Of Django's own routes only the lists and the single records are there: no sign-in, no password change, no adding,
no changing, no deleting. Every view is wrapped by `admin_view`, which declares its action and lets nothing but
reading through.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, cast

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, URLResolver, include, path, re_path

from portal import access
from portal.accounts.actor import Actor
from portal.answers import PageRequest
from portal.operations import permit

READ = "console.page.read"
_READING = ("GET", "HEAD")
View = Callable[..., Any]


def is_admitted(actor: Actor) -> bool:
    """Auditors, for a time or for good, in all workspaces or in one; and operators."""
    return bool(actor.audited) or access.allows(actor, READ)


def console_page(action: str = READ, *, posts: bool = False) -> Callable[[View], View]:
    """Make a view a page of the console: for whom it lets in, with its action declared, reading only unless said."""

    def wrap(view: View) -> View:
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = cast(PageRequest, request).actor
            if not actor.audited:
                permit(actor=actor, action=READ)
            if request.method not in _READING and not posts:
                return HttpResponseNotAllowed(_READING)
            return cast(HttpResponse, view(request, *args, **kwargs))

        inner.portal_action = action  # type: ignore[attr-defined]
        return update_wrapper(inner, view)

    return wrap


class ConsoleSite(AdminSite):
    """The lists of records. Own pages of the console stand beside it, in `portal.console.urls`."""

    site_header = site_title = "Console"
    index_title = "Records"
    index_template = app_index_template = "console/index.html"
    site_url = None
    enable_nav_sidebar = False
    empty_value_display = "–"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_admitted(cast(PageRequest, request).actor)

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        """Django's own wrapper asks `is_staff` and offers a sign-in of its own; this one asks the portal."""
        return console_page()(view)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The index of records, one of each app, and the pages of each model."""
        models = [
            path(f"{model._meta.app_label}/{model._meta.model_name}/", include(cast(Any, admin).urls))
            for model, admin in self._registry.items()
        ]
        labels = "|".join(sorted({model._meta.app_label for model in self._registry}))
        return [
            path("", self.admin_view(self.index), name="index"),
            *models,
            re_path(rf"^(?P<app_label>{labels})/$", self.admin_view(self.app_index), name="app_list"),
        ]

    def register_all(self, admins: dict[Any, Any]) -> None:
        for model, admin in admins.items():
            self.register(model, admin)


console_site = ConsoleSite(name="console")
