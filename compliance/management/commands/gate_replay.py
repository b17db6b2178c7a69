"""`manage.py gate_replay [EVALUATION …]`: evaluate stored decisions again and say whether the answer is the same."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from compliance.models import GateEvaluation
from compliance.selectors.replay import evaluation_replay
from portal.accounts.management.base import OperationCommand


class Command(OperationCommand):
    help = "Replay stored evaluations: the newest 1,000, or those named. Exit code 1 when one differs."

    def add_own_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("evaluation", nargs="*", help="ids; none means the newest")
        parser.add_argument("--limit", type=int, default=1000)

    def act(self, *, evaluation: list[str], limit: int, **_: Any) -> dict[str, Any]:
        count, differing = 0, []
        for found in _evaluations(evaluation, limit):
            count += 1
            if not evaluation_replay(found).is_equal:
                differing.append(str(found.pk))
        if differing:
            raise CommandError(f"{len(differing)} of {count} evaluations differ: {', '.join(differing[:20])}")
        return {"message": f"{count} evaluations give the same answer again.", "count": count}


def _evaluations(ids: list[str], limit: int) -> Iterator[GateEvaluation]:
    rows = GateEvaluation.objects.order_by("-id")
    if not ids:
        yield from rows[:limit]
        return
    try:
        keys = [UUID(each) for each in ids]
    except (ValueError, ValidationError) as error:
        raise CommandError(f"{error}: an evaluation is named by its id.") from error
    found = {row.pk: row for row in rows.filter(pk__in=keys)}
    missing = [str(key) for key in keys if key not in found]
    if missing:
        raise CommandError(f"There is no evaluation {missing[0]}.")
    yield from found.values()
