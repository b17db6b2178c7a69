"""MLflow's endpoints for uploads in parts.

With files in a local folder they answer that this is not supported, and the client sends one stream instead.
"""

from typing import Any

from experiments.artifacts import multipart
from experiments.artifacts.multipart import Upload
from experiments.artifacts.paths import path_joined, path_normalised
from experiments.artifacts.store import ArtifactStore, artifact_store
from experiments.protocol.artifacts import WRITE, place_of
from experiments.protocol.reading import values_of
from experiments.protocol.schema import Field, Message
from experiments.selectors.artifacts import Place, place_get
from experiments.services.artifacts import artifact_put, artifact_upload_permit
from experiments.validation.values import int64, text
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.errors import InvalidInput
from portal.kernel.mlflow_errors import ProtocolError

UNSUPPORTED = "Multipart upload is not supported for the current artifact repository"
_PATH = Field("path", text, required=True)
_ID = Field("upload_id", text)
_CREATE = Message(_PATH, Field("num_parts", int64, default=1))
_PART = Message(Field("part_number", int64), Field("etag", text), Field("url", text))
_COMPLETE = Message(_PATH, _ID, Field("parts", _PART, repeated=True, required=True, default=()))
_ABORT = Message(_PATH, _ID)


def create(call: Call) -> Answer:
    values, place, store = _begun(call, _CREATE)
    upload = multipart.upload_new(place.path, values["num_parts"])
    headers = multipart.part_headers(store)
    credentials = [
        {"url": multipart.part_address(store, upload, number), "part_number": number, "headers": headers}
        for number in range(1, upload.parts + 1)
    ]
    return json_answer({"upload_id": upload.id, "credentials": credentials})


def complete(call: Call) -> Answer:
    values, place, store = _begun(call, _COMPLETE)
    upload = multipart.upload_read(values["upload_id"] or "", place.path)
    size = multipart.parts_size(store, upload, _tags(values["parts"], upload))
    chunks = multipart.parts_joined(store, upload)
    artifact_put(actor=call.actor, place=place, chunks=chunks, size=size)
    multipart.parts_remove(store, upload)
    return json_answer({})


def abort(call: Call) -> Answer:
    values, place, store = _begun(call, _ABORT)
    multipart.parts_remove(store, multipart.upload_read(values["upload_id"] or "", place.path))
    return json_answer({})


def _begun(call: Call, message: Message) -> tuple[dict[str, Any], Place, ArtifactStore]:
    """The request, the file that it is about, and a store that can sign; raises when one is missing."""
    folder = place_of(call)
    artifact_upload_permit(actor=call.actor, place=folder)
    values = values_of(call, message)
    store = artifact_store()
    if store.is_local:
        raise ProtocolError(UNSUPPORTED, "NOT_IMPLEMENTED")
    place = place_get(call.actor, path_joined(folder.path, _file_name(values["path"])))
    return values, place, store


def _file_name(local_path: str) -> str:
    """The client sends the whole path of its own file, of which only the name counts."""
    return path_normalised(local_path.replace("\\", "/").rpartition("/")[2])


def _tags(parts: list[dict[str, Any]], upload: Upload) -> dict[int, str]:
    if len(parts) != upload.parts:
        raise InvalidInput(f"The upload has {upload.parts} parts; name each of them once.")
    return {part["part_number"] or 0: part["etag"] or "" for part in parts}


_PROXY = "2.0/mlflow-artifacts/mpu"

ENDPOINTS = [
    Endpoint("POST", f"{_PROXY}/create/{{path:path}}", create, WRITE),
    Endpoint("POST", f"{_PROXY}/complete/{{path:path}}", complete, WRITE),
    Endpoint("POST", f"{_PROXY}/abort/{{path:path}}", abort, WRITE),
]
