"""Trainings side by side."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from portal.answers import PageRequest
from portal.kernel.errors import InvalidInput
from portal.routing import page
from training.models import TrainingJob
from training.selectors.comparing import training_groups, trainings_chosen
from training.work.differences import Differences, code_differences

ONLY = "differences"


@dataclass(frozen=True)
class Beside:
    """A training whose code is held against that of the first."""

    training: TrainingJob
    code: Differences | None


@page("training.job.read")
@require_GET
def comparison(request: PageRequest) -> HttpResponse:
    """Two or more trainings: parameters, metrics, packages, code, inputs and machines."""
    try:
        trainings = trainings_chosen(request.actor, request.GET.getlist("t"))
    except InvalidInput as no:
        messages.error(request, no.detail)
        return redirect("trainings")
    is_short = request.GET.get("show") == ONLY
    context = {
        "trainings": trainings, "groups": training_groups(trainings, only_differences=is_short), "is_short": is_short,
        "first": trainings[0], "others": [_beside(trainings[0], each) for each in trainings[1:]],
    }  # fmt: skip
    return render(request, "training/comparison.html", context)


def _beside(first: TrainingJob, other: TrainingJob) -> Beside:
    if first.code is None or other.code is None:
        return Beside(other, None)
    return Beside(other, code_differences(first.code, other.code))
