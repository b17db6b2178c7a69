"""MLflow's artifact endpoints: the proxy under mlflow-artifacts, the lists and files of runs and models."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from experiments.artifacts.paths import path_normalised
from experiments.artifacts.store import Entry, artifact_store
from experiments.protocol import messages
from experiments.protocol.downloads import download
from experiments.protocol.reading import values_of
from experiments.selectors.artifacts import Place, artifact_list, model_place, place_get, run_place
from experiments.selectors.logged_models import model_get
from experiments.selectors.runs import run_get
from experiments.services.artifacts import artifact_delete, artifact_put
from experiments.validation.identifiers import run_id_parse
from portal import access
from portal.api.call import Answer, Call, json_answer
from portal.api.protocol import Endpoint
from portal.kernel.errors import InvalidInput, NotFound, TooLarge
from portal.kernel.mlflow_errors import BAD_REQUEST, ProtocolError, invalid_parameter

READ, WRITE, DELETE = "experiments.artifact.read", "experiments.artifact.write", "experiments.artifact.delete"
CHUNK_BYTES = 256 * 1024
UPLOAD_BYTES = 10 * 1024 * 1024
DOWNLOAD_UNSUPPORTED = "Multipart download is not supported for the current artifact repository"


def proxy_list(call: Call) -> Answer:
    place = place_get(call.actor, path_normalised(_query(call, "path"), may_be_empty=True))
    return json_answer(_files(artifact_list(call.actor, place), lambda entry: entry.name))


def proxy_get(call: Call) -> Answer:
    place = place_of(call)
    access.require(call.actor, READ, place.owner)
    return download(call.environ, place.path)


def proxy_put(call: Call) -> Answer:
    length = call.environ.get("CONTENT_LENGTH") or ""
    size = int(length) if length.isdigit() else None
    artifact_put(actor=call.actor, place=place_of(call), chunks=_received(call, size), size=size)
    return json_answer({})


def proxy_delete(call: Call) -> Answer:
    place = place_of(call)
    artifact_delete(actor=call.actor, owner=place.owner, place=place)
    with suppress(NotFound):  # deleting what is gone is no error in MLflow: the client may repeat a lost call
        artifact_store().delete(place.path)
    return json_answer({})


def presigned(call: Call) -> Answer:
    """Signed addresses of files: the client reads them through the proxy when it sees this."""
    access.require(call.actor, READ, place_of(call).owner)
    raise ProtocolError(DOWNLOAD_UNSUPPORTED, "NOT_IMPLEMENTED")


def presigned_upload(call: Call) -> Answer:
    """MLflow's answer for artifacts that only the proxy takes, as all of ours are."""
    raise invalid_parameter(
        "Presigned upload is not supported for proxied artifact storage "
        "(artifact URI scheme: mlflow-artifacts). "
        "This endpoint requires a direct cloud storage artifact URI."
    )


def presigned_download(call: Call) -> Answer:
    """The same for reading them."""
    raise invalid_parameter(
        "Presigned download is not supported for runs with proxied artifact storage "
        "(artifact URI scheme: mlflow-artifacts). "
        "This endpoint requires a run with a direct cloud storage artifact URI."
    )


def run_list(call: Call) -> Answer:
    values = values_of(call, messages.LIST_ARTIFACTS)
    run, path = run_get(call.actor, values["run_id"]), _relative(values["path"])
    found = artifact_list(call.actor, run_place(run, path))
    return json_answer({"root_uri": run.artifact_uri, **_files(found, _below(run.artifact_uri))})


def run_file(call: Call) -> Answer:
    run_id = _query(call, "run_id") or _query(call, "run_uuid")
    path = path_normalised(_query(call, "path"))
    run_id_parse(run_id)
    return _file(call, run_place(run_get(call.actor, run_id), path))


def run_upload(call: Call) -> Answer:
    """A small file in the body of one call, as MLflow's pages send it."""
    run_id, wanted = _query(call, "run_uuid"), _query(call, "path")
    for name, value in (("run_uuid", run_id), ("path", wanted)):
        if not value:
            raise invalid_parameter(f"Request must specify {name}.")
    path = path_normalised(wanted)
    try:
        data = call.body(UPLOAD_BYTES)
    except TooLarge as error:
        raise invalid_parameter("Artifact size is too large. Max size is 10MB.") from error
    if not data:
        raise invalid_parameter("Request must specify data.")
    place = run_place(run_get(call.actor, run_id), path)
    artifact_put(actor=call.actor, place=place, chunks=[data], size=len(data))
    return Answer(b"")


def model_list(call: Call) -> Answer:
    values = values_of(call, messages.LIST_LOGGED_MODEL_ARTIFACTS)
    path = _relative(values["artifact_directory_path"])
    model = model_get(call.actor, call.arguments["model_id"], allow_deleted=False)
    found = artifact_list(call.actor, model_place(model, path))
    return json_answer(
        {"root_uri": model.artifact_location, **_files(found, _below(model.artifact_location))}
    )


def model_file(call: Call) -> Answer:
    wanted = _query(call, "artifact_file_path")
    if not wanted:
        raise ProtocolError('Request must include the "artifact_file_path" query parameter.', BAD_REQUEST)
    path = path_normalised(wanted)
    return _file(
        call, model_place(model_get(call.actor, call.arguments["model_id"], allow_deleted=False), path)
    )


def _file(call: Call, place: Place) -> Answer:
    access.require(call.actor, READ, place.owner)
    return download(call.environ, place.path)


def place_of(call: Call) -> Place:
    """The place that the rest of the address names."""
    _whole_path_check(call)
    try:
        raw = call.arguments["path"].encode("latin-1").decode("utf-8")
    except UnicodeError as error:
        raise InvalidInput("Invalid path: it is not valid UTF-8.") from error
    return place_get(call.actor, path_normalised(raw))


def _whole_path_check(call: Call) -> None:
    """Refuse a request line with a fragment or a query: what they leave is not the path that was meant."""
    if "#" in call.environ.get("RAW_URI", "") or call.environ.get("QUERY_STRING"):
        raise InvalidInput("Invalid path: it holds one of the characters # ? that is not percent-encoded.")


def _received(call: Call, size: int | None) -> Iterator[bytes]:
    """The body, chunk by chunk. One that ends before its announced length is refused."""
    source, left = call.environ["wsgi.input"], size
    while left is None or left > 0:
        chunk = source.read(CHUNK_BYTES if left is None else min(CHUNK_BYTES, left))
        if not chunk:
            break
        left = None if left is None else left - len(chunk)
        yield chunk
    if left:
        raise InvalidInput(
            "The upload ended before all of its bytes had arrived. Nothing was stored; send it again."
        )


def _query(call: Call, name: str) -> str:
    return call.query.get(name, [""])[0]


def _relative(path: str | None) -> str:
    return path_normalised(path or "", may_be_empty=True)


def _below(uri: str) -> Callable[[Entry], str]:
    """The path of an entry as MLflow shows it: relative to the root of the artifacts."""
    skipped = len(uri.removeprefix("mlflow-artifacts:/")) + 1
    return lambda entry: entry.path[skipped:]


def _files(entries: list[Entry], path_of: Callable[[Entry], str]) -> dict[str, Any]:
    """MLflow's FileInfo of each entry; an empty list is left out, as are sizes of nothing."""
    files = [_file_info(path_of(entry), entry) for entry in entries]
    return {"files": files} if files else {}


def _file_info(path: str, entry: Entry) -> dict[str, Any]:
    info: dict[str, Any] = {"path": path, "is_dir": entry.is_dir}
    return info if not entry.size else {**info, "file_size": entry.size}


_PROXY = "2.0/mlflow-artifacts"
_MODEL = "2.0/mlflow/logged-models/{model_id}/artifacts"

ENDPOINTS = [
    Endpoint("GET", f"{_PROXY}/artifacts", proxy_list, READ),
    Endpoint("GET", f"{_PROXY}/artifacts/{{path:path}}", proxy_get, READ),
    Endpoint("HEAD", f"{_PROXY}/artifacts/{{path:path}}", proxy_get, READ),
    Endpoint("PUT", f"{_PROXY}/artifacts/{{path:path}}", proxy_put, WRITE),
    Endpoint("DELETE", f"{_PROXY}/artifacts/{{path:path}}", proxy_delete, DELETE),
    Endpoint("GET", f"{_PROXY}/presigned/{{path:path}}", presigned, READ),
    Endpoint("GET", "2.0/mlflow/artifacts/list", run_list, READ),
    Endpoint("POST", "2.0/mlflow/artifacts/presigned-upload-url", presigned_upload, WRITE),
    Endpoint("POST", "2.0/mlflow/artifacts/presigned-download-url", presigned_download, READ),
    # MLflow serves this one outside /api; the composition root sends /get-artifact here.
    Endpoint("GET", "2.0/mlflow/get-artifact", run_file, READ),
    Endpoint("POST", "2.0/mlflow/upload-artifact", run_upload, WRITE),
    Endpoint("GET", f"{_MODEL}/directories", model_list, READ),
    Endpoint("GET", f"{_MODEL}/files", model_file, READ),
]
