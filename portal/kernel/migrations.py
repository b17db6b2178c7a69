"""Operations of migrations that belong to no app."""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class Together(Operation):
    """Operations between which Django need not make the classes of the models anew.

    By itself it does so after each one, for the model and all that are related to it, here nearly all of them: 35 of
    the 40 seconds of a first migration. Now they are made once, as the last operation leaves them. So no operation
    may need what is between: what a model is made with belongs into its CreateModel.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        made = {each.name_lower for each in operations if isinstance(each, CreateModel)}
        changed = made & {getattr(each, "model_name_lower", "") for each in operations}
        if changed:
            raise ValueError(
                f"Together makes and changes {', '.join(sorted(changed))}. Change their CreateModel."
            )

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        state.__dict__.pop("apps", None)  # a cached property: made again for the first who asks
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)
