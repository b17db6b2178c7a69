"""What a person states for one control about one AI system: an attestation that names the control."""

from compliance.controls.catalogue import Control, catalogue
from compliance.controls.own_providers import SYSTEM_TYPE
from compliance.gates import Subject
from compliance.models import AISystem
from compliance.services.evidence import Statement
from portal.kernel.errors import NotFound


def control_get(control_id: str) -> Control:
    """A control by its id. Raises NotFound."""
    found = catalogue().get(control_id)
    if found is None:
        raise NotFound(f"The catalogue has no control {control_id[:40]}.")
    return found


def system_subject(system: AISystem) -> Subject:
    """How evidence names a system as a whole."""
    return Subject(SYSTEM_TYPE, system.pk.hex, system.name, system.workspace_id, "")


def control_statement(control: Control, *, summary: str, outcome: str, reference: str = "") -> Statement:
    """The statement for a control, for `evidence_attest`; it says which text of the catalogue it answers."""
    body = {
        "control": control.id, "framework": control.framework, "ref": control.ref, "asked": control.summary,
        "catalogue": catalogue().digest, "reference": reference,
    }  # fmt: skip
    return Statement("attestation", outcome, summary, body)
