"""What every list of records is built on: it shows, and has no way to change anything."""

from typing import Any, cast

from django.contrib.admin import ModelAdmin
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property

from portal.answers import PageRequest
from portal.console.site import is_admitted
from portal.kernel.errors import NotFound

COUNTED_AT_MOST = 10_000
_FILTERED_BY = ("", "exact", "id__exact", "isnull")


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than a person pages, so that a list of millions costs what one of thousands does."""

    @cached_property
    def count(self) -> int:
        return cast(QuerySet[Model], self.object_list)[:COUNTED_AT_MOST].count()


class ReadOnlyAdmin(ModelAdmin):  # type: ignore[type-arg]
    """A list of records and a page for each.

    `scope` is the lookup of the workspace that a row belongs to; without one, only those see the rows who see
    everything. `shown` names the fields of the single record; secrets are named by nobody.
    """

    scope: str | None = "workspace"
    shown: tuple[str, ...] = ()
    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    paginator = CappedPaginator
    view_on_site = False
    change_form_template = "console/record.html"
    change_list_template = "console/records.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        actor = cast(PageRequest, request).actor
        return is_admitted(actor) and (self.scope is not None or actor.sees_everything)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = super().get_queryset(request)
        seen = cast(PageRequest, request).actor.workspace_ids
        return rows if seen is None else rows.filter(**{f"{self.scope}__in": seen})

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only the filters that are offered. Django lets any column be asked, a password hash, too."""
        name, _, how = lookup.partition("__")
        return name in self.list_filter and how in _FILTERED_BY

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.shown or self.list_display  # type: ignore[return-value]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.get_fields(request, obj)

    def save_model(self, *_: Any, **__: Any) -> None:
        """Raises TypeError: a change is an operation, and nothing else."""
        raise TypeError("The console changes nothing.")

    delete_model = delete_queryset = save_related = save_formset = save_model
    log_addition = log_change = log_deletions = save_model  # type: ignore[assignment]

    def get_urls(self) -> list[URLPattern]:
        """The list, the record, and its history in the audit log; Django's other routes are not there."""
        names = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("", wrap(self.changelist_view), name=f"{names}_changelist"),
            path("<path:object_id>/history/", wrap(self.history_view), name=f"{names}_history"),
            path("<path:object_id>/change/", wrap(self.change_view), name=f"{names}_change"),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit log of the record: Django's own log of the admin stays empty and says nothing."""
        row = self._row(request, object_id)
        key = row.pk.hex if hasattr(row.pk, "hex") else row.pk
        return redirect(f"{reverse('console-audit')}?object={self.opts.model_name}:{key}")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """The record. Raises NotFound where Django would go elsewhere with a message."""
        self.looked_at(request, self._row(request, object_id))
        return super().change_view(request, object_id, *args, **kwargs)

    def looked_at(self, request: HttpRequest, row: Model) -> None:
        """What is sensitive leaves an event when an auditor reads it."""

    def _row(self, request: HttpRequest, object_id: str) -> Model:
        found = self.get_object(request, unquote(object_id))
        if found is None:
            raise NotFound(f"There is no such {self.opts.verbose_name}, or you may not see it.")
        return cast(Model, found)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> None:
        """No form has a field here."""
