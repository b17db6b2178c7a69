"""A training job: a specification, and what became of it."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from experiments.models import Experiment, Run
from jobs.models import JobRun
from portal.accounts.models import User, Workspace
from portal.kernel.ids import uuid7
from training.models.code import CodeSnapshot
from training.models.environments import RuntimeEnvironment

TRAINING, EVALUATION, REPRODUCTION = "training", "evaluation", "reproduction"
PURPOSES = (TRAINING, EVALUATION, REPRODUCTION)


class TrainingJob(models.Model):
    """One requested execution of somebody's code. Its state is that of `job`, its results are those of `run`.

    `spec` is normal (`training.spec`), `spec_digest` the SHA-256 over its canonical JSON. `code`, `environment` and
    `run` are null until the job has found them. `seen` holds the facts of the execution, such as the hardware, and of
    every input and output by name its digest. `run` is made once for all attempts.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="+", db_index=False)
    experiment = models.ForeignKey(Experiment, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=250)
    purpose = models.CharField(max_length=12, default=TRAINING)
    spec = models.JSONField()
    spec_digest = models.CharField(max_length=64)
    executor = models.CharField(max_length=20)
    job = models.OneToOneField(JobRun, on_delete=models.PROTECT, related_name="training")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, null=True, related_name="training")
    code = models.ForeignKey(CodeSnapshot, on_delete=models.PROTECT, null=True, related_name="+")
    environment = models.ForeignKey(RuntimeEnvironment, on_delete=models.PROTECT, null=True, related_name="+")
    seen = models.JSONField(default=dict)
    cloned_from = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="clones")
    requested_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["workspace", "-id"], name="training_by_workspace"),
        ]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(purpose__in=PURPOSES), name="training_purpose_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def workspace_name(self) -> str:
        return self.workspace.name
