"""The shapes of /api/v1/, made from its OpenAPI document by `make client`. Do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class ActInputRequest:
    """An act of the catalogue on a subject: which alias or stage is moved is among its `params`."""

    workspace: str
    act: str
    subject_id: str
    params: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class AlertOutput:
    """The shape AlertOutput."""

    id: UUID
    workspace: str
    monitor: UUID
    monitor_name: str
    endpoint: str
    kind: str
    severity: str
    state: str
    title: str
    detail: str
    opened_at: datetime
    last_seen_at: datetime
    count: int
    run: UUID
    finding: UUID | None
    done: Any
    silenced_until: datetime | None
    note: str
    handled_by: str | None = None
    resolved_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AlertPage:
    """The shape AlertPage."""

    items: list[AlertOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class AlertSilenceInputRequest:
    """The shape AlertSilenceInputRequest."""

    until: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class AliasInputRequest:
    """The shape AliasInputRequest."""

    version: int
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class AliasIntervalOutput:
    """One interval of an alias, past or present."""

    alias: str
    version: int
    digest: str
    valid_from: datetime
    valid_to: datetime | None
    approval: UUID | None
    moved_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AliasIntervalPage:
    """The shape AliasIntervalPage."""

    items: list[AliasIntervalOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class AliasOutput:
    """The shape AliasOutput."""

    alias: str
    version: int
    digest: str
    valid_from: datetime
    valid_to: datetime | None
    approval: UUID | None
    moved_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class AliasPage:
    """The shape AliasPage."""

    items: list[AliasOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class AnsweredControlOutput:
    """The shape AnsweredControlOutput."""

    id: str
    framework: str
    ref: str
    title: str
    summary: str
    auto: str
    checked: str
    note: str
    superseded_by: str
    state: str
    needs: list[NeedOutput]


@dataclass(frozen=True, kw_only=True)
class AnyPipelineRunOutput:
    """The same in the list over all pipelines."""

    id: UUID
    workspace: str
    pipeline: UUID
    name: str
    version: int
    state: str
    reason: str
    parameters: Any
    is_cached: bool
    is_cancelling: bool
    cause: str
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AnyPipelineRunPage:
    """The shape AnyPipelineRunPage."""

    items: list[AnyPipelineRunOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ApprovalOutput:
    """The shape ApprovalOutput."""

    id: UUID
    workspace: str
    request_id: UUID
    act: str
    target_label: str
    subject_type: str
    subject_id: str
    subject_label: str
    subject_digest: str
    evidence_digest: str
    state: Literal["effective", "revoked", "lapsed", "superseded"]
    effective_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    is_break_glass: bool
    confirm_by: datetime | None
    confirmed_by: str | None = None
    confirmed_at: datetime | None
    ended_at: datetime | None
    end_reason: str


@dataclass(frozen=True, kw_only=True)
class ApprovalPage:
    """The shape ApprovalPage."""

    items: list[ApprovalOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ApprovalThenOutput:
    """The shape ApprovalThenOutput."""

    id: UUID
    request: UUID
    state: str
    effective_at: datetime
    evidence_digest: str
    is_break_glass: bool
    approved_by: list[DecisionThenOutput]


@dataclass(frozen=True, kw_only=True)
class ArchiveImportInputRequest:
    """An archive with folders of another tracker."""

    kind: Literal["tensorboard", "wandb", "mlruns"]
    experiment: str | None = None
    origin: str | None = None
    merge: bool | None = None
    with_files: bool | None = None
    archive: bytes


@dataclass(frozen=True, kw_only=True)
class AssignInputRequest:
    """The shape AssignInputRequest."""

    owner: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class AttemptOutput:
    """The shape AttemptOutput."""

    number: int
    owner: str
    started_at: datetime
    ended_at: datetime | None
    exit_code: int | None
    exit_signal: int | None
    cause: str
    tail: str
    peak_memory_bytes: int | None
    log_bytes: int
    note: str


@dataclass(frozen=True, kw_only=True)
class AttemptsOutput:
    """The shape AttemptsOutput."""

    items: list[AttemptOutput]


@dataclass(frozen=True, kw_only=True)
class AuditorGrantInputRequest:
    """The shape AuditorGrantInputRequest."""

    username: str
    workspace: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class AuditorGrantOutput:
    """The shape AuditorGrantOutput."""

    id: UUID
    username: str
    workspace: str | None = None
    reason: str
    starts_at: datetime
    ends_at: datetime
    granted_by: str | None = None
    granted_at: datetime
    revoked_by: str | None = None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class AuditorGrantPage:
    """The shape AuditorGrantPage."""

    items: list[AuditorGrantOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class BestTrialOutput:
    """The shape BestTrialOutput."""

    number: int
    params: Any
    values: list[float]


@dataclass(frozen=True, kw_only=True)
class BlastRadiusOutput:
    """The shape BlastRadiusOutput."""

    start: str
    live: list[NodeOutput]
    systems: list[NodeOutput]
    counts: dict[str, int]
    hidden: int
    hidden_live: int
    left_out: int
    coverage: CoverageOutput


@dataclass(frozen=True, kw_only=True)
class BreakGlassInputRequest:
    """An act of the catalogue on a subject: which alias or stage is moved is among its `params`."""

    workspace: str
    act: str
    subject_id: str
    params: dict[str, Any] | None = None
    password: str | None = None
    code: str | None = None
    reason: str


@dataclass(frozen=True, kw_only=True)
class CancelInputRequest:
    """The shape CancelInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class CardInputRequest:
    """The shape CardInputRequest."""

    content: Any
    shape: Literal["card", "sagemaker"] | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class CardOutput:
    """The shape CardOutput."""

    number: int
    digest: str
    content: dict[str, Any]
    sections: dict[str, bool]


@dataclass(frozen=True, kw_only=True)
class CardStateDetail:
    """The shape CardStateDetail."""

    id: UUID
    number: int
    digest: str
    reason: str
    created_by: str | None = None
    created_at: datetime
    content: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class CardStateOutput:
    """The shape CardStateOutput."""

    id: UUID
    number: int
    digest: str
    reason: str
    created_by: str | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CardStatePage:
    """The shape CardStatePage."""

    items: list[CardStateOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class CardThenOutput:
    """The shape CardThenOutput."""

    number: int
    digest: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CatalogueOutput:
    """The shape CatalogueOutput."""

    schema: str
    digest: str
    caveats: list[str]
    frameworks: dict[str, int]
    evidence_kinds: dict[str, str]
    checked_marks: dict[str, str]
    controls: list[ControlOutput]


@dataclass(frozen=True, kw_only=True)
class CheckOutput:
    """The shape CheckOutput."""

    policy: str
    policy_digest: str
    rule: str
    title: str
    outcome: Literal["pass", "fail", "error", "waived"]
    message: str
    severity: str
    waivable: bool
    waiver: str | None


@dataclass(frozen=True, kw_only=True)
class CheckpointOutput:
    """The shape CheckpointOutput."""

    size: int
    root_hash: str
    note: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CheckpointPage:
    """The shape CheckpointPage."""

    items: list[CheckpointOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ClaimInputRequest:
    """The shape ClaimInputRequest."""

    claim: str


@dataclass(frozen=True, kw_only=True)
class CloneInputRequest:
    """The shape CloneInputRequest."""

    changes: Any = None


@dataclass(frozen=True, kw_only=True)
class ClosureInputRequest:
    """The shape ClosureInputRequest."""

    closure: str


@dataclass(frozen=True, kw_only=True)
class CodeDetailOutput:
    """The shape CodeDetailOutput."""

    id: UUID
    workspace: str
    source: str
    digest: str
    size_bytes: int
    file_count: int
    git_url: str
    git_ref: str
    git_commit: str
    is_dirty: bool
    created_by: str | None = None
    created_at: datetime
    diff: str


@dataclass(frozen=True, kw_only=True)
class CodeInputRequest:
    """The shape CodeInputRequest."""

    workspace: str
    archive: bytes
    git_url: str | None = None
    git_commit: str | None = None
    diff: str | None = None


@dataclass(frozen=True, kw_only=True)
class CodeOutput:
    """The shape CodeOutput."""

    id: UUID
    workspace: str
    source: str
    digest: str
    size_bytes: int
    file_count: int
    git_url: str
    git_ref: str
    git_commit: str
    is_dirty: bool
    created_by: str | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class CodePage:
    """The shape CodePage."""

    items: list[CodeOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class CollectedOutput:
    """A run, or files that no row knows: what was done, and why."""

    kind: str
    subject: str
    name: str
    experiment_id: int | None
    act: str
    state: str
    reason: str
    files: int
    bytes: int
    points: int
    digest: str


@dataclass(frozen=True, kw_only=True)
class CollectedPage:
    """The shape CollectedPage."""

    items: list[CollectedOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class CollectionInputRequest:
    """The shape CollectionInputRequest."""

    workspace: str
    is_dry_run: bool | None = None


@dataclass(frozen=True, kw_only=True)
class CollectionOutput:
    """The shape CollectionOutput."""

    id: UUID
    workspace: str
    is_dry_run: bool
    state: str
    job_id: UUID | None
    created_by: str | None = None
    created_at: datetime
    finished_at: datetime | None
    totals: list[CollectionTotalOutput] | None


@dataclass(frozen=True, kw_only=True)
class CollectionPage:
    """The shape CollectionPage."""

    items: list[CollectionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class CollectionTotalOutput:
    """The shape CollectionTotalOutput."""

    experiment: int | None
    name: str
    act: str
    state: str
    things: int
    files: int
    bytes: int
    points: int


@dataclass(frozen=True, kw_only=True)
class ColumnChangeOutput:
    """The shape ColumnChangeOutput."""

    name: str
    before: ColumnOutput
    after: ColumnOutput


@dataclass(frozen=True, kw_only=True)
class ColumnOutput:
    """The shape ColumnOutput."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True, kw_only=True)
class ComparisonOutput:
    """What became of the columns from this version to the other."""

    is_same: bool
    added: list[ColumnOutput]
    removed: list[ColumnOutput]
    changed: list[ColumnChangeOutput]
    is_reordered: bool


@dataclass(frozen=True, kw_only=True)
class CompletionInputRequest:
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password: str | None = None
    code: str | None = None
    outcome: Literal["renewed", "revoked"]
    statement: str


@dataclass(frozen=True, kw_only=True)
class ConfirmInputRequest:
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password: str | None = None
    code: str | None = None
    verdict: Literal["approve", "reject"]
    reason: str | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class ConsistencyOutput:
    """The shape ConsistencyOutput."""

    old: int
    new: int
    old_root: str
    new_root: str
    path: list[str]


@dataclass(frozen=True, kw_only=True)
class ControlOutput:
    """The shape ControlOutput."""

    id: str
    framework: str
    ref: str
    title: str
    summary: str
    auto: str
    checked: str
    note: str
    superseded_by: str


@dataclass(frozen=True, kw_only=True)
class ControlStatementInputRequest:
    """The shape ControlStatementInputRequest."""

    summary: str
    outcome: Literal["pass", "fail", "info"] | None = None
    reference: str | None = None


@dataclass(frozen=True, kw_only=True)
class CoverageOutput:
    """The shape CoverageOutput."""

    is_complete: bool
    unknown: int
    hidden: int
    statement: str
    gaps: list[GapOutput]


@dataclass(frozen=True, kw_only=True)
class DataCheckInputRequest:
    """The shape DataCheckInputRequest."""

    rules: dict[str, Any]
    reference_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class DataCheckOutput:
    """The shape DataCheckOutput."""

    id: UUID
    dataset: str
    version: int
    reference_version: int | None = None
    state: str
    outcome: str
    summary: str
    rules: Any
    results: Any
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DataCheckPage:
    """The shape DataCheckPage."""

    items: list[DataCheckOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DatasetFileOutput:
    """The shape DatasetFileOutput."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DatasetOutput:
    """The shape DatasetOutput."""

    id: UUID
    workspace: str
    name: str
    newest_version: int | None
    newest_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class DatasetPage:
    """The shape DatasetPage."""

    items: list[DatasetOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DatasetThenOutput:
    """The shape DatasetThenOutput."""

    id: UUID
    name: str
    digest: str
    source_type: str
    context: str | None


@dataclass(frozen=True, kw_only=True)
class DatasetVersionDetailOutput:
    """The shape DatasetVersionDetailOutput."""

    id: UUID
    workspace: str
    dataset: str
    version: int
    digest: str
    mlflow_digest: str
    logged_digest: str
    source_uri: str
    is_held: bool
    size_bytes: int | None
    row_count: int | None
    role: str
    classification: str
    licence: str
    description: str
    made_by_run: str | None = None
    made_by_training: UUID | None
    created_by: str | None = None
    created_at: datetime
    read_at: datetime | None
    problem: str
    files: list[DatasetFileOutput]
    schema: list[ColumnOutput] | None
    datasheet: str


@dataclass(frozen=True, kw_only=True)
class DatasetVersionInputRequest:
    """Files as multipart/form-data, or a `source_uri` with its `digest`."""

    files: bytes | None = None
    source_uri: str | None = None
    digest: str | None = None
    mlflow_digest: str | None = None
    size_bytes: int | None = None
    row_count: int | None = None
    schema: Any = None
    role: Literal["train", "validation", "test", "reference", "complete", ""] | None = None
    classification: Literal["public", "internal", "confidential", "restricted", ""] | None = None
    licence: str | None = None
    description: str | None = None
    datasheet: str | None = None


@dataclass(frozen=True, kw_only=True)
class DatasetVersionOutput:
    """The shape DatasetVersionOutput."""

    id: UUID
    workspace: str
    dataset: str
    version: int
    digest: str
    mlflow_digest: str
    logged_digest: str
    source_uri: str
    is_held: bool
    size_bytes: int | None
    row_count: int | None
    role: str
    classification: str
    licence: str
    description: str
    made_by_run: str | None = None
    made_by_training: UUID | None
    created_by: str | None = None
    created_at: datetime
    read_at: datetime | None
    problem: str


@dataclass(frozen=True, kw_only=True)
class DatasetVersionPage:
    """The shape DatasetVersionPage."""

    items: list[DatasetVersionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DecisionInputRequest:
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password: str | None = None
    code: str | None = None
    verdict: Literal["approve", "reject", "ask_changes"]
    evidence_digest: str
    reason: str | None = None
    on_behalf_of: str | None = None


@dataclass(frozen=True, kw_only=True)
class DecisionOutput:
    """The shape DecisionOutput."""

    id: UUID
    request_id: UUID
    round: int
    person: str
    on_behalf_of: str | None = None
    role: str
    verdict: Literal["approve", "reject", "ask_changes"]
    reason: str
    subject_digest: str
    evidence_digest: str
    reauthenticated_at: datetime
    decided_at: datetime


@dataclass(frozen=True, kw_only=True)
class DecisionPage:
    """The shape DecisionPage."""

    items: list[DecisionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DecisionThenOutput:
    """The shape DecisionThenOutput."""

    person: str
    on_behalf_of: str | None = None
    role: str
    decided_at: datetime
    reauthenticated_at: datetime
    reason: str
    subject_digest: str
    evidence_digest: str


@dataclass(frozen=True, kw_only=True)
class DelegationInputRequest:
    """The shape DelegationInputRequest."""

    workspace: str
    to_user: str
    role: Literal["approver", "maintainer"] | None = None
    starts_at: datetime
    ends_at: datetime
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class DelegationOutput:
    """The shape DelegationOutput."""

    id: UUID
    workspace: str
    from_user: str
    to_user: str
    role: str
    reason: str
    starts_at: datetime
    ends_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class DelegationPage:
    """The shape DelegationPage."""

    items: list[DelegationOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DeliveryOutput:
    """The shape DeliveryOutput."""

    id: UUID
    notice: UUID
    topic: str
    title: str
    webhook: str | None = None
    user: str | None = None
    state: str
    attempts: int
    next_try_at: datetime
    sent_at: datetime | None
    answer: str


@dataclass(frozen=True, kw_only=True)
class DeliveryPage:
    """The shape DeliveryPage."""

    items: list[DeliveryOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class DeploymentCheckOutput:
    """The shape DeploymentCheckOutput."""

    policy: str
    rule: str
    title: str
    holds: bool
    message: str


@dataclass(frozen=True, kw_only=True)
class DifferenceOutput:
    """The shape DifferenceOutput."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, kw_only=True)
class DifferencesOutput:
    """The shape DifferencesOutput."""

    items: list[DifferenceOutput]


@dataclass(frozen=True, kw_only=True)
class DocumentKeysOutput:
    """The shape DocumentKeysOutput."""

    verifiers: list[str]


@dataclass(frozen=True, kw_only=True)
class DrillOutput:
    """The shape DrillOutput."""

    id: UUID
    started_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    gateways: int
    outcome: str
    started_by: str


@dataclass(frozen=True, kw_only=True)
class DrillPage:
    """The shape DrillPage."""

    items: list[DrillOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EdgeOutput:
    """The shape EdgeOutput."""

    source: str
    target: str
    verb: str


@dataclass(frozen=True, kw_only=True)
class EndpointInputRequest:
    """The shape EndpointInputRequest."""

    workspace: str
    name: str
    environment: Literal["dev", "staging", "prod"]
    target: str | None = None
    description: str | None = None
    settings: Any = None


@dataclass(frozen=True, kw_only=True)
class EndpointOutput:
    """The shape EndpointOutput."""

    id: UUID
    workspace: str
    name: str
    environment: str
    target: str
    description: str
    settings: Any
    is_stopped: bool
    stop_reason: str
    stopped_at: datetime | None
    traffic: list[ShareOutput]
    invocations_url: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class EndpointPage:
    """The shape EndpointPage."""

    items: list[EndpointOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EndpointReasonInputRequest:
    """The shape EndpointReasonInputRequest."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class EnvelopeOutput:
    """The shape EnvelopeOutput."""

    payloadType: str
    payload: str
    signatures: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class EraseInputRequest:
    """The shape EraseInputRequest."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class EvaluationInputRequest:
    """The shape EvaluationInputRequest."""

    workspace: str
    model: str
    version: int
    dataset: str
    dataset_version: int | None = None
    target: str
    task: Literal["auto", "classification", "regression"] | None = None
    slices: list[str] | None = None
    sensitive: list[str] | None = None
    explain: bool | None = None
    against_champion: bool | None = None
    thresholds: list[dict[str, Any]] | None = None


@dataclass(frozen=True, kw_only=True)
class EvaluationOutput:
    """The shape EvaluationOutput."""

    facts: dict[str, Any]
    id: UUID
    workspace: str
    act: str
    subject_type: str
    subject_id: str
    subject_label: str
    facts_digest: str
    policy_digests: list[str]
    checks: list[CheckOutput]
    approvals_needed: list[NeededOutput]
    passed: bool
    actor: str
    evaluated_at: datetime


@dataclass(frozen=True, kw_only=True)
class EvaluationPage:
    """The shape EvaluationPage."""

    items: list[EvaluationOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EventField:
    """The shape EventField."""

    entity: Literal[
        "budget_policy",
        "model_version",
        "model_version_alias",
        "model_version_tag",
        "prompt",
        "prompt_alias",
        "prompt_tag",
        "prompt_version",
        "prompt_version_tag",
        "registered_model",
    ]
    action: str


@dataclass(frozen=True, kw_only=True)
class EventFieldRequest:
    """The shape EventFieldRequest."""

    entity: Literal[
        "budget_policy",
        "model_version",
        "model_version_alias",
        "model_version_tag",
        "prompt",
        "prompt_alias",
        "prompt_tag",
        "prompt_version",
        "prompt_version_tag",
        "registered_model",
    ]
    action: str


@dataclass(frozen=True, kw_only=True)
class EventOutput:
    """The shape EventOutput."""

    id: int
    uuid: UUID
    at: datetime
    actor: str
    actor_name: str
    action: str
    outcome: str
    object_type: str
    object_id: str
    object_name: str
    changes: dict[str, list[Any]]
    detail: str
    reason: str
    request_id: str


@dataclass(frozen=True, kw_only=True)
class EventPage:
    """The shape EventPage."""

    items: list[EventOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EvidenceItemOutput:
    """The shape EvidenceItemOutput."""

    kind: str
    label: str
    at: datetime | None
    digest: str
    outcome: str
    url: str
    audit_event: UUID | None
    state: str


@dataclass(frozen=True, kw_only=True)
class EvidenceOutput:
    """The shape EvidenceOutput."""

    id: UUID
    subject_type: str
    subject_id: str
    subject: str
    subject_digest: str
    kind: str
    outcome: Literal["pass", "fail", "info"]
    summary: str
    body: dict[str, Any]
    digest: str
    source: str
    actor: str
    recorded_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class EvidencePage:
    """The shape EvidencePage."""

    items: list[EvidenceOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class EvidenceThenOutput:
    """The shape EvidenceThenOutput."""

    id: UUID
    kind: str
    outcome: str
    summary: str
    digest: str
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ExperimentStorageOutput:
    """The shape ExperimentStorageOutput."""

    experiment_id: int
    experiment: str
    files: int
    bytes: int
    points: int
    runs: int
    counted_at: datetime


@dataclass(frozen=True, kw_only=True)
class ExperimentStoragePage:
    """The shape ExperimentStoragePage."""

    items: list[ExperimentStorageOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class FeedbackInputRequest:
    """The shape FeedbackInputRequest."""

    items: list[TruthInputRequest]


@dataclass(frozen=True, kw_only=True)
class FeedbackOutput:
    """The shape FeedbackOutput."""

    written: int


@dataclass(frozen=True, kw_only=True)
class FileOutput:
    """The shape FileOutput."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class FindingInputRequest:
    """The shape FindingInputRequest."""

    workspace: str
    key: str
    subject_type: str
    subject_id: str
    subject_label: str
    title: str
    description: str | None = None
    severity: Literal["low", "medium", "high", "critical"]
    due_days: int
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class FindingOutput:
    """The shape FindingOutput."""

    id: UUID
    workspace: str
    key: str
    subject_type: str
    subject_id: str
    subject_label: str
    title: str
    description: str
    severity: Literal["low", "medium", "high", "critical"]
    source: str
    owner: str | None = None
    due_at: datetime
    is_open: bool
    opened_at: datetime
    closed_by: str | None = None
    closed_at: datetime | None
    closure: str


@dataclass(frozen=True, kw_only=True)
class FindingPage:
    """The shape FindingPage."""

    items: list[FindingOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class GapOutput:
    """The shape GapOutput."""

    kind: str
    total: int
    unknown: int


@dataclass(frozen=True, kw_only=True)
class GateOutput:
    """What the gate would say to this deployment now."""

    allows: bool
    passed: bool
    needed: list[dict[str, Any]]
    checks: list[DeploymentCheckOutput]


@dataclass(frozen=True, kw_only=True)
class GrantOutput:
    """The shape GrantOutput."""

    username: str
    role: str
    since: str
    granted_by: str
    event: str
    flags: list[str]
    decision: str
    decided_by: str
    decided_at: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class GraphOutput:
    """The shape GraphOutput."""

    start: str
    direction: Literal["both", "down", "up"]
    depth: int
    nodes: list[NodeOutput]
    edges: list[EdgeOutput]
    hidden: int
    left_out: int
    is_cut: bool
    coverage: CoverageOutput


@dataclass(frozen=True, kw_only=True)
class GuardsInputRequest:
    """What takes a roll-out back by itself."""

    max_error_rate: float | None = None
    max_p95_ms: float | None = None
    min_requests: int | None = None
    window_seconds: int | None = None
    on_drift: bool | None = None


@dataclass(frozen=True, kw_only=True)
class HeldOutput:
    """The shape HeldOutput."""

    interval: IntervalOutput
    version_id: UUID
    run_id: str | None = None
    approval: ApprovalThenOutput | None
    datasets: list[DatasetThenOutput]
    evidence: list[EvidenceThenOutput]
    card: CardThenOutput | None
    systems: list[SystemThenOutput]
    deployed: list[PlacementOutput] | None
    unknown: list[str]


@dataclass(frozen=True, kw_only=True)
class HistoryOutput:
    """The shape HistoryOutput."""

    workspace: str
    model: str
    kind: str
    name: str
    at: datetime
    held: list[HeldOutput]
    intervals: list[IntervalOutput]


@dataclass(frozen=True, kw_only=True)
class HoldInputRequest:
    """The shape HoldInputRequest."""

    workspace: str
    subject_type: Literal[
        "workspace",
        "registeredmodel",
        "modelversion",
        "experiment",
        "run",
        "loggedmodel",
        "datasetversion",
        "aisystem",
        "auditevent",
    ]
    subject_id: str
    subject_label: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldOutput:
    """The shape HoldOutput."""

    id: UUID
    workspace: str
    subject_type: str
    subject_id: str
    subject_label: str
    reason: str
    placed_by: str
    placed_at: datetime
    released_by: str | None = None
    released_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class HoldPage:
    """The shape HoldPage."""

    items: list[HoldOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ImportInputRequest:
    """A tracking server to read."""

    uri: str
    experiment: str | None = None
    username: str | None = None
    secret: str | None = None
    merge: bool | None = None
    with_files: bool | None = None
    with_registry: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ImportOutput:
    """An import: the job that does it, and when it has ended its report."""

    id: UUID
    workspace: str
    kind: str
    source: str
    experiment: str
    state: str
    reason: str
    created_by: str | None = None
    created_at: datetime
    finished_at: datetime | None
    report: Any


@dataclass(frozen=True, kw_only=True)
class ImportPage:
    """The shape ImportPage."""

    items: list[ImportOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class InboxItemOutput:
    """The shape InboxItemOutput."""

    kind: str
    label: str
    asked: str
    workspace: str
    url: str
    due_at: datetime | None
    since: datetime
    is_overdue: bool


@dataclass(frozen=True, kw_only=True)
class InboxOutput:
    """The shape InboxOutput."""

    count: int
    items: list[InboxItemOutput]


@dataclass(frozen=True, kw_only=True)
class InclusionOutput:
    """The shape InclusionOutput."""

    index: int
    leaf_hash: str
    path: list[str]
    checkpoint: CheckpointOutput


@dataclass(frozen=True, kw_only=True)
class IntervalOutput:
    """The shape IntervalOutput."""

    version: int
    digest: str
    valid_from: datetime
    valid_to: datetime | None
    moved_by: str
    moved_by_name: str
    reason: str
    approval: UUID | None


@dataclass(frozen=True, kw_only=True)
class IssuedTokenOutput:
    """The shape IssuedTokenOutput."""

    secret: str
    token: TokenOutput


@dataclass(frozen=True, kw_only=True)
class JobAskedOutput:
    """The shape JobAskedOutput."""

    job: UUID
    kind: str
    state: str


@dataclass(frozen=True, kw_only=True)
class JobDetailOutput:
    """The shape JobDetailOutput."""

    id: UUID
    kind: str
    key: str
    workspace: str | None
    args: dict[str, Any]
    queue: str
    priority: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    attempt: int
    max_attempts: int
    handed_back: int
    retry_of: UUID | None
    owner: str
    reason: str
    result: Any
    created_by: str
    request_id: str
    created_at: datetime
    not_before: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    lease_until: datetime | None
    deadline: datetime | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None
    events: list[JobEventOutput]


@dataclass(frozen=True, kw_only=True)
class JobEventOutput:
    """The shape JobEventOutput."""

    at: datetime
    name: str
    attempt: int
    actor: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class JobOutput:
    """The shape JobOutput."""

    id: UUID
    kind: str
    key: str
    workspace: str | None
    args: dict[str, Any]
    queue: str
    priority: int
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    attempt: int
    max_attempts: int
    handed_back: int
    retry_of: UUID | None
    owner: str
    reason: str
    result: Any
    created_by: str
    request_id: str
    created_at: datetime
    not_before: datetime
    started_at: datetime | None
    heartbeat_at: datetime | None
    lease_until: datetime | None
    deadline: datetime | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class JobPage:
    """The shape JobPage."""

    items: list[JobOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class KeyOutput:
    """The shape KeyOutput."""

    fingerprint: str
    algorithm: str
    is_current: bool
    pem: str


@dataclass(frozen=True, kw_only=True)
class KeysOutput:
    """The shape KeysOutput."""

    items: list[KeyOutput]


@dataclass(frozen=True, kw_only=True)
class LinkInputRequest:
    """The shape LinkInputRequest."""

    model: str
    alias: str | None = None
    version: int | None = None


@dataclass(frozen=True, kw_only=True)
class LinkOutput:
    """The shape LinkOutput."""

    id: UUID
    system: UUID
    model: str
    alias: str
    version: int | None = None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, kw_only=True)
class LinkPage:
    """The shape LinkPage."""

    items: list[LinkOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class LogOutput:
    """The shape LogOutput."""

    origin: str
    size: int
    verifiers: list[str]
    latest: CheckpointOutput | None
    oldest_waiting_seconds: float
    witnesses: list[WitnessOutput]
    troubles: list[TroubleOutput]


@dataclass(frozen=True, kw_only=True)
class LookOutput:
    """The shape LookOutput."""

    job: UUID
    kind: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MeasureOutput:
    """The shape MeasureOutput."""

    job: UUID


@dataclass(frozen=True, kw_only=True)
class MemberInputRequest:
    """The shape MemberInputRequest."""

    username: str
    role: Literal["viewer", "contributor", "maintainer", "approver"]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class MemberOutput:
    """The shape MemberOutput."""

    username: str
    name: str
    is_service_account: bool
    role: Literal["viewer", "contributor", "maintainer", "approver"]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class MemberPage:
    """The shape MemberPage."""

    items: list[MemberOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ModelEvaluationDetailOutput:
    """The shape ModelEvaluationDetailOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    dataset: str
    dataset_version: int
    champion_version: int | None = None
    state: str
    reason: str
    training: UUID
    run_id: str | None = None
    outcome: str
    summary: str
    evidence: UUID | None
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    asked: Any
    report: Any


@dataclass(frozen=True, kw_only=True)
class ModelEvaluationOutput:
    """The shape ModelEvaluationOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    dataset: str
    dataset_version: int
    champion_version: int | None = None
    state: str
    reason: str
    training: UUID
    run_id: str | None = None
    outcome: str
    summary: str
    evidence: UUID | None
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ModelEvaluationPage:
    """The shape ModelEvaluationPage."""

    items: list[ModelEvaluationOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ModelInputRequest:
    """The shape ModelInputRequest."""

    workspace: str
    name: str
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class ModelOutput:
    """The shape ModelOutput."""

    id: UUID
    workspace: str
    name: str
    description: str
    is_prompt: bool
    last_version: int
    tags: dict[str, str]
    creation_timestamp: int
    last_updated_timestamp: int


@dataclass(frozen=True, kw_only=True)
class ModelPage:
    """The shape ModelPage."""

    items: list[ModelOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class MonitorInputRequest:
    """The shape MonitorInputRequest."""

    endpoint: str
    kind: Literal[
        "data_quality",
        "data_drift",
        "prediction_drift",
        "performance",
        "fairness",
        "latency",
        "errors",
        "volume",
        "cost",
    ]
    name: str
    settings: Any = None
    every_seconds: int | None = None
    owner: str | None = None


@dataclass(frozen=True, kw_only=True)
class MonitorListOutput:
    """The shape MonitorListOutput."""

    items: list[MonitorOutput]


@dataclass(frozen=True, kw_only=True)
class MonitorOutput:
    """The shape MonitorOutput."""

    id: UUID
    workspace: str
    endpoint: str
    kind: str
    name: str
    settings: Any
    every_seconds: int
    owner: str | None = None
    is_paused: bool
    silenced_until: datetime | None
    silence_reason: str
    due_at: datetime
    alert_subject: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class MonitorPage:
    """The shape MonitorPage."""

    items: list[MonitorOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class NeedOutput:
    """The shape NeedOutput."""

    kind: str
    title: str
    is_required: bool
    state: str
    fresh_days: int | None
    who: str
    what: str
    items: list[EvidenceItemOutput]
    count: int


@dataclass(frozen=True, kw_only=True)
class NeededOutput:
    """The shape NeededOutput."""

    role: str
    quorum: int


@dataclass(frozen=True, kw_only=True)
class NodeOutput:
    """The shape NodeOutput."""

    id: str
    kind: str
    label: str
    depth: int
    is_unknown: bool
    is_live: bool
    same: list[str]
    facts: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class NoteInputRequest:
    """The shape NoteInputRequest."""

    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeOutput:
    """The shape NoticeOutput."""

    id: UUID
    workspace: str | None = None
    topic: str
    title: str
    url: str
    data: dict[str, Any]
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class NoticePage:
    """The shape NoticePage."""

    items: list[NoticeOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class OrderOutput:
    """The shape OrderOutput."""

    id: UUID
    key: str
    session: str
    work_sha256: str
    command: Any
    secrets: Any
    environment: Any


@dataclass(frozen=True, kw_only=True)
class PatchedDescriptionChangeRequest:
    """The shape PatchedDescriptionChangeRequest."""

    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedEndpointChangeRequest:
    """The shape PatchedEndpointChangeRequest."""

    description: str | None = None
    settings: Any = None


@dataclass(frozen=True, kw_only=True)
class PatchedMonitorChangeRequest:
    """The shape PatchedMonitorChangeRequest."""

    name: str | None = None
    settings: Any = None
    every_seconds: int | None = None
    owner: str | None = None
    is_paused: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedPauseInputRequest:
    """The shape PatchedPauseInputRequest."""

    is_paused: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedQueueUpdateRequest:
    """The shape PatchedQueueUpdateRequest."""

    description: str | None = None
    priority: int | None = None
    max_running: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedSystemChangeRequest:
    """The shape PatchedSystemChangeRequest."""

    name: str | None = None
    intended_purpose: str | None = None
    owner: str | None = None
    role: Literal["provider", "deployer"] | None = None
    description: str | None = None
    risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"] | None = None
    risk_rationale: str | None = None
    details: dict[str, Any] | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedUserChangeRequest:
    """The shape PatchedUserChangeRequest."""

    name: str | None = None
    email: str | None = None
    is_active: bool | None = None
    is_operator: bool | None = None
    is_auditor: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedWebhookChangeRequest:
    """The shape PatchedWebhookChangeRequest."""

    name: str | None = None
    url: str | None = None
    events: list[EventFieldRequest] | None = None
    topics: list[str] | None = None
    description: str | None = None
    style: Literal["mlflow", "cloudevents", "slack"] | None = None
    status: Literal["ACTIVE", "DISABLED"] | None = None
    secret: str | None = None


@dataclass(frozen=True, kw_only=True)
class PatchedWorkspaceChangeRequest:
    """The shape PatchedWorkspaceChangeRequest."""

    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class PipelineInputRequest:
    """The shape PipelineInputRequest."""

    workspace: str
    name: str
    document: Any


@dataclass(frozen=True, kw_only=True)
class PipelineOutput:
    """The shape PipelineOutput."""

    id: UUID
    workspace: str
    name: str
    newest_version: int | None
    last_run: UUID | None
    last_state: str | None
    created_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PipelinePage:
    """The shape PipelinePage."""

    items: list[PipelineOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PipelineRunDetailOutput:
    """The shape PipelineRunDetailOutput."""

    id: UUID
    workspace: str
    pipeline: UUID
    name: str
    version: int
    state: str
    reason: str
    parameters: Any
    is_cached: bool
    is_cancelling: bool
    cause: str
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    steps: list[StepOutput]


@dataclass(frozen=True, kw_only=True)
class PipelineRunInputRequest:
    """The shape PipelineRunInputRequest."""

    parameters: Any = None
    version: int | None = None
    is_cached: bool | None = None


@dataclass(frozen=True, kw_only=True)
class PipelineRunOutput:
    """The shape PipelineRunOutput."""

    id: UUID
    workspace: str
    pipeline: UUID
    name: str
    version: int
    state: str
    reason: str
    parameters: Any
    is_cached: bool
    is_cancelling: bool
    cause: str
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PipelineRunPage:
    """The shape PipelineRunPage."""

    items: list[PipelineRunOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PipelineVersionOutput:
    """The shape PipelineVersionOutput."""

    pipeline: UUID
    number: int
    digest: str
    document: Any
    created_by: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlacementOutput:
    """The shape PlacementOutput."""

    environment: str
    target: str
    since: datetime
    until: datetime | None
    url: str


@dataclass(frozen=True, kw_only=True)
class PlanInputRequest:
    """The shape PlanInputRequest."""

    watched: str
    review_every_days: int
    reviewer: str


@dataclass(frozen=True, kw_only=True)
class PlanOutput:
    """The shape PlanOutput."""

    id: UUID
    system: UUID
    watched: str
    review_every_days: int
    reviewer: str
    next_due_at: datetime


@dataclass(frozen=True, kw_only=True)
class PlanReviewInputRequest:
    """The shape PlanReviewInputRequest."""

    statement: str


@dataclass(frozen=True, kw_only=True)
class PlanReviewOutput:
    """The shape PlanReviewOutput."""

    id: UUID
    statement: str
    due_at: datetime
    reviewed_at: datetime
    reviewed_by: str


@dataclass(frozen=True, kw_only=True)
class PlanReviewPage:
    """The shape PlanReviewPage."""

    items: list[PlanReviewOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PolicyInputRequest:
    """The shape PolicyInputRequest."""

    workspace: str | None = None
    source: str
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PolicyOutput:
    """The shape PolicyOutput."""

    id: UUID
    name: str
    workspace: str | None = None
    current_number: int | None = None
    current_digest: str | None = None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class PolicyPage:
    """The shape PolicyPage."""

    items: list[PolicyOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PolicyVersionOutput:
    """The shape PolicyVersionOutput."""

    document: dict[str, Any]
    id: UUID
    policy_id: UUID
    policy: str
    workspace: str | None = None
    number: int
    source: str
    digest: str
    state: Literal["proposed", "published", "rejected"]
    reason: str
    proposed_by: str | None = None
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class PolicyVersionPage:
    """The shape PolicyVersionPage."""

    items: list[PolicyVersionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PossibleReasonInputRequest:
    """The shape PossibleReasonInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class PreviewOutput:
    """What the gate would say now; nothing is stored."""

    facts: dict[str, Any]
    passed: bool
    checks: list[CheckOutput]
    approvals_needed: list[NeededOutput]
    evidence_digest: str


@dataclass(frozen=True, kw_only=True)
class PriorityInputRequest:
    """The shape PriorityInputRequest."""

    priority: int
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Problem:
    """The shape Problem."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProgressInputRequest:
    """The shape ProgressInputRequest."""

    name: str | None = None
    done: float
    total: float | None = None
    unit: str | None = None


@dataclass(frozen=True, kw_only=True)
class ProgressListOutput:
    """The shape ProgressListOutput."""

    items: list[ProgressOutput]
    job_state: Literal["queued", "running", "done", "failed", "cancelled"]


@dataclass(frozen=True, kw_only=True)
class ProgressOutput:
    """The shape ProgressOutput."""

    name: str
    done: float
    total: float | None
    unit: str
    fraction: float | None
    eta_seconds: float | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class PublicationInputRequest:
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password: str | None = None
    code: str | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class QueueHeldOutput:
    """The shape QueueHeldOutput."""

    id: UUID
    kind: str
    workspace: str | None
    started_at: datetime


@dataclass(frozen=True, kw_only=True)
class QueueInputRequest:
    """The shape QueueInputRequest."""

    name: str
    description: str | None = None
    priority: int | None = None
    max_running: int | None = None


@dataclass(frozen=True, kw_only=True)
class QueueOutput:
    """The shape QueueOutput."""

    name: str
    description: str
    priority: int
    max_running: int | None
    is_paused: bool
    paused_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class QueueReasonInputRequest:
    """The shape QueueReasonInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class QuotaInputRequest:
    """The shape QuotaInputRequest."""

    max_running: int | None = None
    max_queued: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class QuotaOutput:
    """The shape QuotaOutput."""

    workspace: str
    queue: str | None
    max_running: int | None
    max_queued: int | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class QuotaPage:
    """The shape QuotaPage."""

    items: list[QuotaOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ReasonInputRequest:
    """The shape ReasonInputRequest."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReasonNeededRequest:
    """The shape ReasonNeededRequest."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ReasonOrNoneInputRequest:
    """The shape ReasonOrNoneInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptDetailOutput:
    """The shape ReceiptDetailOutput."""

    salt: str
    body: str


@dataclass(frozen=True, kw_only=True)
class ReceiptOutput:
    """The shape ReceiptOutput."""

    format: str
    origin: str
    uuid: str
    payload: str
    detail: ReceiptDetailOutput | None
    index: int
    size: int
    path: list[str]
    checkpoint: str


@dataclass(frozen=True, kw_only=True)
class RecertificationOutput:
    """The shape RecertificationOutput."""

    id: UUID
    workspace: str
    approval: UUID | None
    request: UUID | None = None
    subject_type: str
    subject_id: str
    subject_label: str
    trigger: Literal["planned", "evidence", "finding", "policy"]
    detail: str
    due_at: datetime
    outcome: str
    statement: str
    completed_by: str | None = None
    completed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RecertificationPage:
    """The shape RecertificationPage."""

    items: list[RecertificationOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ReclassifyInputRequest:
    """The shape ReclassifyInputRequest."""

    risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"]
    risk_rationale: str


@dataclass(frozen=True, kw_only=True)
class RegistrationInputRequest:
    """The shape RegistrationInputRequest."""

    model: str
    trial: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReplayOutput:
    """The shape ReplayOutput."""

    is_equal: bool
    facts_hold: bool
    policies_hold: bool
    checks: list[CheckOutput]
    approvals_needed: list[NeededOutput]
    passed: bool


@dataclass(frozen=True, kw_only=True)
class ReportOutput:
    """The shape ReportOutput."""

    id: UUID
    due_at: datetime
    begins_at: datetime | None
    ends_at: datetime
    rows: int
    state: str
    value: float | None
    summary: str
    made_at: datetime
    body: Any


@dataclass(frozen=True, kw_only=True)
class ReportRestoreInputRequest:
    """The shape ReportRestoreInputRequest."""

    number: int
    expected_number: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReportWriteInputRequest:
    """The shape ReportWriteInputRequest."""

    title: str
    body: str | None = None
    expected_number: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReproductionInputRequest:
    """The shape ReproductionInputRequest."""

    tolerance: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class ReproductionOutput:
    """The shape ReproductionOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    training: UUID | None
    state: str | None = None
    verdict: str
    why: str
    tolerance: Any
    comparison: Any
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ReproductionPage:
    """The shape ReproductionPage."""

    items: list[ReproductionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RequestDetailOutput:
    """The shape RequestDetailOutput."""

    params: dict[str, Any]
    id: UUID
    workspace: str
    act: str
    subject_type: str
    subject_id: str
    subject_label: str
    subject_digest: str
    target_label: str
    evidence_digest: str
    evaluation_id: UUID
    approvals_needed: list[NeededOutput]
    excluded: list[int]
    risk_tier: str
    state: Literal[
        "draft", "open", "changes_requested", "approved", "rejected", "withdrawn", "expired", "invalidated"
    ]
    round: int
    apply_on_approval: bool
    is_break_glass: bool
    reason: str
    requested_by: str
    created_at: datetime
    opened_at: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    checks: list[CheckOutput]


@dataclass(frozen=True, kw_only=True)
class RequestInputRequest:
    """An act of the catalogue on a subject: which alias or stage is moved is among its `params`."""

    workspace: str
    act: str
    subject_id: str
    params: dict[str, Any] | None = None
    reason: str | None = None
    apply_on_approval: bool | None = None


@dataclass(frozen=True, kw_only=True)
class RequestOutput:
    """The shape RequestOutput."""

    params: dict[str, Any]
    id: UUID
    workspace: str
    act: str
    subject_type: str
    subject_id: str
    subject_label: str
    subject_digest: str
    target_label: str
    evidence_digest: str
    evaluation_id: UUID
    approvals_needed: list[NeededOutput]
    excluded: list[int]
    risk_tier: str
    state: Literal[
        "draft", "open", "changes_requested", "approved", "rejected", "withdrawn", "expired", "invalidated"
    ]
    round: int
    apply_on_approval: bool
    is_break_glass: bool
    reason: str
    requested_by: str
    created_at: datetime
    opened_at: datetime | None
    expires_at: datetime | None
    closed_at: datetime | None
    close_reason: str


@dataclass(frozen=True, kw_only=True)
class RequestPage:
    """The shape RequestPage."""

    items: list[RequestOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RescheduleInputRequest:
    """The shape RescheduleInputRequest."""

    due_at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True)
class ResolveInputRequest:
    """The shape ResolveInputRequest."""

    note: str


@dataclass(frozen=True, kw_only=True)
class RetentionListOutput:
    """The shape RetentionListOutput."""

    items: list[RetentionOutput]


@dataclass(frozen=True, kw_only=True)
class RetentionOutput:
    """The shape RetentionOutput."""

    name: str
    title: str
    holds: str
    days: int | None
    basis: str
    ends_by: str


@dataclass(frozen=True, kw_only=True)
class RetentionRuleInputRequest:
    """The shape RetentionRuleInputRequest."""

    experiment_id: int | None = None
    purge_after_days: int
    delete_after_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class RetentionRuleOutput:
    """The shape RetentionRuleOutput."""

    id: UUID
    experiment_id: int | None
    experiment: str | None = None
    purge_after_days: int
    delete_after_days: int | None
    changed_by: str | None = None
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class RetentionRulePage:
    """The shape RetentionRulePage."""

    items: list[RetentionRuleOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RetireInputRequest:
    """The shape RetireInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RetryInputRequest:
    """The shape RetryInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewCompletionInputRequest:
    """The shape ReviewCompletionInputRequest."""

    statement: str


@dataclass(frozen=True, kw_only=True)
class ReviewDecisionInputRequest:
    """The shape ReviewDecisionInputRequest."""

    username: str
    role: str
    decision: Literal["keep", "remove"]
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ReviewInputRequest:
    """The shape ReviewInputRequest."""

    workspace: str


@dataclass(frozen=True, kw_only=True)
class ReviewOutput:
    """The shape ReviewOutput."""

    id: UUID
    workspace: str
    entries: list[GrantOutput]
    started_by: str
    started_at: datetime
    completed_by: str | None = None
    completed_at: datetime | None
    statement: str


@dataclass(frozen=True, kw_only=True)
class ReviewPage:
    """The shape ReviewPage."""

    items: list[ReviewOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RevisionInputRequest:
    """The shape RevisionInputRequest."""

    model: str
    version: int
    rollout: RolloutInputRequest | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RevisionOutput:
    """The shape RevisionOutput."""

    id: UUID
    endpoint: str
    number: int
    model: str
    version: int
    digest: str
    approval: UUID | None
    reason: str
    made_by: str
    created_at: datetime
    desired_state: str
    observed_state: str
    observed_detail: str
    observed_at: datetime | None
    ready_at: datetime | None
    stopped_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RevisionPage:
    """The shape RevisionPage."""

    items: list[RevisionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RevocationInputRequest:
    """The shape RevocationInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class RollbackInputRequest:
    """The shape RollbackInputRequest."""

    revision: int | None = None
    reason: str


@dataclass(frozen=True, kw_only=True)
class RolloutInputRequest:
    """The shape RolloutInputRequest."""

    strategy: Literal["blue_green", "canary", "ab", "shadow"] | None = None
    steps: list[StepInputRequest] | None = None
    guards: GuardsInputRequest | None = None


@dataclass(frozen=True, kw_only=True)
class RolloutOutput:
    """The shape RolloutOutput."""

    id: UUID
    revision: int
    strategy: str
    steps: Any
    guards: Any
    before: Any
    state: str
    step: int
    step_began_at: datetime | None
    outcome: str
    started_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RolloutPage:
    """The shape RolloutPage."""

    items: list[RolloutOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RunOutput:
    """The shape RunOutput."""

    id: UUID
    due_at: datetime
    begins_at: datetime | None
    ends_at: datetime
    rows: int
    state: str
    value: float | None
    summary: str
    made_at: datetime


@dataclass(frozen=True, kw_only=True)
class RunPage:
    """The shape RunPage."""

    items: list[RunOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RunsReportInputRequest:
    """The shape RunsReportInputRequest."""

    workspace: str
    title: str
    body: str | None = None


@dataclass(frozen=True, kw_only=True)
class RunsReportOutput:
    """The shape RunsReportOutput."""

    id: UUID
    workspace: str
    title: str
    number: int
    is_deleted: bool
    created_by: str | None = None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class RunsReportPage:
    """The shape RunsReportPage."""

    items: list[RunsReportOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class RunsReportVersionOutput:
    """The shape RunsReportVersionOutput."""

    number: int
    title: str
    body: str
    written_by: str | None = None
    written_at: datetime


@dataclass(frozen=True, kw_only=True)
class RunsReportVersionPage:
    """The shape RunsReportVersionPage."""

    items: list[RunsReportVersionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class ScheduleInputRequest:
    """The shape ScheduleInputRequest."""

    version: int | None = None
    cron: str
    time_zone: str | None = None
    parameters: Any = None
    missed: Literal["skip", "once"] | None = None
    overlaps: bool | None = None


@dataclass(frozen=True, kw_only=True)
class ScheduleOutput:
    """The shape ScheduleOutput."""

    id: UUID
    pipeline: UUID
    version: int
    parameters: Any
    is_paused: bool
    note: str
    created_by: str
    created_at: datetime
    cron: str
    time_zone: str
    missed: str
    overlaps: bool
    next_at: datetime


@dataclass(frozen=True, kw_only=True)
class SchedulePage:
    """The shape SchedulePage."""

    items: list[ScheduleOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SchemaOutput:
    """The shape SchemaOutput."""

    json_schema: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ScoringAgainInputRequest:
    """The shape ScoringAgainInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScoringInputRequest:
    """A version of a model in an environment, or the one that an endpoint serves most requests with now."""

    workspace: str
    model: str | None = None
    version: int | None = None
    environment: Literal["dev", "staging", "prod"] | None = None
    endpoint: str | None = None
    dataset: str
    dataset_version: int | None = None
    output: str | None = None
    prediction: str | None = None
    keep: list[str] | None = None
    rows_per_part: int | None = None
    memory_mb: int | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class ScoringOutput:
    """The shape ScoringOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    digest: str
    environment: str
    endpoint: str | None = None
    approval: UUID | None
    dataset: str
    dataset_version: int
    asked: Any
    job: UUID
    state: str
    job_reason: str
    result: str | None = None
    result_version: int | None = None
    result_digest: str | None = None
    seen: Any
    problem: Any
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ScoringPage:
    """The shape ScoringPage."""

    items: list[ScoringOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SecretInputRequest:
    """A short value would be found, and masked, all over a log."""

    value: str


@dataclass(frozen=True, kw_only=True)
class SecretOutput:
    """The shape SecretOutput."""

    name: str
    set_at: datetime
    set_by: str | None = None


@dataclass(frozen=True, kw_only=True)
class SecretPage:
    """The shape SecretPage."""

    items: list[SecretOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SelfOutput:
    """The shape SelfOutput."""

    username: str
    kind: str
    is_operator: bool
    is_auditor: bool
    can_write: bool
    workspaces: dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class ShareOutput:
    """The shape ShareOutput."""

    revision: int
    model: str
    version: int
    role: str
    percent: int
    since: datetime


@dataclass(frozen=True, kw_only=True)
class SilenceInputRequest:
    """The shape SilenceInputRequest."""

    until: datetime | None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class StandingOutput:
    """The shape StandingOutput."""

    name: str
    description: str
    priority: int
    max_running: int | None
    is_paused: bool
    queued: int
    running: int
    oldest_due_seconds: float
    workers: int


@dataclass(frozen=True, kw_only=True)
class StandingPage:
    """The shape StandingPage."""

    items: list[StandingOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class StatementInputRequest:
    """The shape StatementInputRequest."""

    kind: str
    outcome: Literal["pass", "fail", "info"]
    summary: str
    body: dict[str, Any] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class StatementOutput:
    """The shape StatementOutput."""

    id: UUID
    kind: str
    outcome: str
    summary: str
    digest: str
    body: dict[str, Any]
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class StepInputRequest:
    """The shape StepInputRequest."""

    percent: int
    seconds: int | None = None


@dataclass(frozen=True, kw_only=True)
class StepOutput:
    """The shape StepOutput."""

    name: str
    item: int
    value: Any
    state: str
    reason: str
    training: UUID | None
    tries: int
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StopInputRequest:
    """The shape StopInputRequest."""

    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class StorageOutput:
    """Sums over the experiments of a workspace; `counted_at` is when the one that was counted longest ago was."""

    files: int
    bytes: int
    points: int
    runs: int
    counted_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SweepDetailOutput:
    """The shape SweepDetailOutput."""

    id: UUID
    workspace: str
    name: str
    experiment: str
    state: str
    ended_by: str
    reason: str
    best: BestTrialOutput | None
    parent_run_id: UUID
    requested_by: str
    created_at: datetime
    ended_at: datetime | None
    spec: Any
    spec_digest: str
    price_per_hour: float
    trials: dict[str, int]
    seconds: float
    cost: float
    importance: Any
    importance_trials: int


@dataclass(frozen=True, kw_only=True)
class SweepInputRequest:
    """The shape SweepInputRequest."""

    workspace: str
    spec: Any


@dataclass(frozen=True, kw_only=True)
class SweepOutput:
    """The shape SweepOutput."""

    id: UUID
    workspace: str
    name: str
    experiment: str
    state: str
    ended_by: str
    reason: str
    best: BestTrialOutput | None
    parent_run_id: UUID
    requested_by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SweepPage:
    """The shape SweepPage."""

    items: list[SweepOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SweepTrialOutput:
    """The shape SweepTrialOutput."""

    number: int
    state: str
    params: Any
    values: list[float]
    pruned_step: int | None
    seconds: float
    reason: str
    training: UUID
    run_id: UUID | None = None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SweepTrialPage:
    """The shape SweepTrialPage."""

    items: list[SweepTrialOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SystemCoverageOutput:
    """The shape SystemCoverageOutput."""

    system: UUID
    framework: str
    as_of: datetime
    schema: str
    catalogue_digest: str
    counts: dict[str, int]
    statement: str
    controls: list[AnsweredControlOutput]


@dataclass(frozen=True, kw_only=True)
class SystemInputRequest:
    """The shape SystemInputRequest."""

    workspace: str
    name: str
    intended_purpose: str
    owner: str
    role: Literal["provider", "deployer"]
    description: str | None = None
    risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"] | None = None
    risk_rationale: str | None = None
    details: dict[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class SystemOutput:
    """The shape SystemOutput."""

    id: UUID
    workspace: str
    name: str
    intended_purpose: str
    description: str
    owner: str
    role: Literal["provider", "deployer"]
    risk_tier: Literal["unclassified", "minimal", "limited", "high", "prohibited"]
    risk_rationale: str
    details: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    retired_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class SystemPage:
    """The shape SystemPage."""

    items: list[SystemOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class SystemThenOutput:
    """The shape SystemThenOutput."""

    id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class TechnicalFileJob:
    """The shape TechnicalFileJob."""

    job: UUID
    state: str


@dataclass(frozen=True, kw_only=True)
class TechnicalFileOutput:
    """The shape TechnicalFileOutput."""

    id: UUID
    recorded_at: datetime
    summary: str
    digest: str
    size: int
    verifier: str
    facts: int
    gaps: int
    required_gaps: int


@dataclass(frozen=True, kw_only=True)
class TechnicalFilePage:
    """The shape TechnicalFilePage."""

    items: list[TechnicalFileOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TokenInputRequest:
    """The shape TokenInputRequest."""

    name: str
    scope: Literal["read", "write"]
    workspaces: list[str] | None = None
    ttl_days: int | None = None
    username: str | None = None


@dataclass(frozen=True, kw_only=True)
class TokenOutput:
    """The shape TokenOutput."""

    id: UUID
    username: str
    name: str
    prefix: str
    scope: Literal["read", "write"]
    workspaces: list[str]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TokenPage:
    """The shape TokenPage."""

    items: list[TokenOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TrafficOutput:
    """The shape TrafficOutput."""

    revision: int
    model: str
    version: int
    role: str
    percent: int
    since: datetime
    until: datetime | None
    moved_by: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class TrafficPage:
    """The shape TrafficPage."""

    items: list[TrafficOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TrainingDetailOutput:
    """The shape TrainingDetailOutput."""

    id: UUID
    workspace: str
    name: str
    purpose: str
    experiment: str
    executor: str
    state: str
    reason: str
    job: UUID
    run_id: str | None = None
    code: UUID | None
    environment_digest: str | None = None
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    spec: Any
    spec_digest: str
    seen: Any
    cloned_from: UUID | None


@dataclass(frozen=True, kw_only=True)
class TrainingInputRequest:
    """The shape TrainingInputRequest."""

    workspace: str
    spec: Any


@dataclass(frozen=True, kw_only=True)
class TrainingOutput:
    """The shape TrainingOutput."""

    id: UUID
    workspace: str
    name: str
    purpose: str
    experiment: str
    executor: str
    state: str
    reason: str
    job: UUID
    run_id: str | None = None
    code: UUID | None
    environment_digest: str | None = None
    requested_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class TrainingPage:
    """The shape TrainingPage."""

    items: list[TrainingOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TrialInputRequest:
    """The shape TrialInputRequest."""

    topic: str | None = None


@dataclass(frozen=True, kw_only=True)
class TrialOutput:
    """The shape TrialOutput."""

    success: bool
    response_status: int | None
    answer: str


@dataclass(frozen=True, kw_only=True)
class TriggerInputRequest:
    """The shape TriggerInputRequest."""

    version: int | None = None
    kind: Literal["dataset", "alias", "alert"]
    subject: str
    parameters: Any = None


@dataclass(frozen=True, kw_only=True)
class TriggerOutput:
    """The shape TriggerOutput."""

    id: UUID
    pipeline: UUID
    version: int
    parameters: Any
    is_paused: bool
    note: str
    created_by: str
    created_at: datetime
    kind: str
    subject: str


@dataclass(frozen=True, kw_only=True)
class TriggerPage:
    """The shape TriggerPage."""

    items: list[TriggerOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class TroubleOutput:
    """The shape TroubleOutput."""

    key: str
    said: str
    since: datetime
    closed_at: datetime | None
    closure: str


@dataclass(frozen=True, kw_only=True)
class TruthInputRequest:
    """The shape TruthInputRequest."""

    request_id: str
    row: int | None = None
    kind: Literal["truth", "feedback"] | None = None
    value: Any


@dataclass(frozen=True, kw_only=True)
class UserInputRequest:
    """The shape UserInputRequest."""

    username: str
    email: str | None = None
    name: str | None = None
    password: str | None = None
    is_service_account: bool | None = None
    is_operator: bool | None = None
    is_auditor: bool | None = None


@dataclass(frozen=True, kw_only=True)
class UserOutput:
    """The shape UserOutput."""

    id: int
    username: str
    name: str
    email: str
    is_active: bool
    is_service_account: bool
    is_operator: bool
    is_auditor: bool


@dataclass(frozen=True, kw_only=True)
class UserPage:
    """The shape UserPage."""

    items: list[UserOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class VersionDetailOutput:
    """The shape VersionDetailOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    description: str
    status: Literal["PENDING_REGISTRATION", "READY", "FAILED_REGISTRATION"]
    status_message: str
    current_stage: Literal["None", "Staging", "Production", "Archived"]
    source: str
    run_id: UUID | None
    model_id: str | None
    digest: str
    registered_by: str
    tags: dict[str, str]
    creation_timestamp: int
    last_updated_timestamp: int
    ready_at: datetime | None
    manifest: list[FileOutput] | None


@dataclass(frozen=True, kw_only=True)
class VersionInputRequest:
    """The shape VersionInputRequest."""

    source: str
    run_id: str | None = None
    model_id: str | None = None
    description: str | None = None
    tags: dict[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class VersionOutput:
    """The shape VersionOutput."""

    id: UUID
    workspace: str
    model: str
    version: int
    description: str
    status: Literal["PENDING_REGISTRATION", "READY", "FAILED_REGISTRATION"]
    status_message: str
    current_stage: Literal["None", "Staging", "Production", "Archived"]
    source: str
    run_id: UUID | None
    model_id: str | None
    digest: str
    registered_by: str
    tags: dict[str, str]
    creation_timestamp: int
    last_updated_timestamp: int
    ready_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class VersionPage:
    """The shape VersionPage."""

    items: list[VersionOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class WaiverDecisionInputRequest:
    """Who decides proves again who they are: by `code` where they have a second factor, else by `password`."""

    password: str | None = None
    code: str | None = None
    grants: bool
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class WaiverInputRequest:
    """An act of the catalogue on a subject: which alias or stage is moved is among its `params`."""

    workspace: str
    act: str
    subject_id: str
    params: dict[str, Any] | None = None
    policy: str
    rule: str
    reason: str
    compensating_control: str | None = None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class WaiverOutput:
    """The shape WaiverOutput."""

    id: UUID
    workspace: str
    policy: str
    rule: str
    subject_type: str
    subject_id: str
    subject_label: str
    subject_digest: str
    reason: str
    compensating_control: str
    state: Literal["requested", "granted", "refused", "ended"]
    requested_by: str
    requested_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None
    expires_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class WaiverPage:
    """The shape WaiverPage."""

    items: list[WaiverOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class WebhookInputRequest:
    """The shape WebhookInputRequest."""

    name: str
    url: str
    events: list[EventFieldRequest] | None = None
    topics: list[str] | None = None
    description: str | None = None
    style: Literal["mlflow", "cloudevents", "slack"] | None = None
    status: Literal["ACTIVE", "DISABLED"] | None = None
    secret: str | None = None
    workspace: str


@dataclass(frozen=True, kw_only=True)
class WebhookOutput:
    """The shape WebhookOutput."""

    id: UUID
    workspace: str
    name: str
    url: str
    events: list[EventField]
    topics: list[str]
    description: str
    style: Literal["mlflow", "cloudevents", "slack"]
    status: Literal["ACTIVE", "DISABLED"]
    has_secret: bool


@dataclass(frozen=True, kw_only=True)
class WebhookPage:
    """The shape WebhookPage."""

    items: list[WebhookOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class WitnessOutput:
    """The shape WitnessOutput."""

    name: str
    size: int
    delivered_at: datetime | None
    problem: str
    problem_since: datetime | None


@dataclass(frozen=True, kw_only=True)
class WorkerOutput:
    """The shape WorkerOutput."""

    id: UUID
    name: str
    host: str
    pid: int
    queues: list[str]
    slots: int
    version: str
    state: Literal["alive", "leaving", "silent", "stopped"]
    started_at: datetime
    heartbeat_at: datetime
    jobs: list[QueueHeldOutput]


@dataclass(frozen=True, kw_only=True)
class WorkerPage:
    """The shape WorkerPage."""

    items: list[WorkerOutput]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class WorkspaceInputRequest:
    """The shape WorkspaceInputRequest."""

    name: str
    description: str | None = None


@dataclass(frozen=True, kw_only=True)
class WorkspaceOutput:
    """The shape WorkspaceOutput."""

    id: int
    name: str
    description: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class WorkspacePage:
    """The shape WorkspacePage."""

    items: list[WorkspaceOutput]
    next_cursor: str | None
