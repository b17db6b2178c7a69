"""Registered models, versions, aliases, stages and prompts: their lives, their refusals, and the search for them."""

from typing import Any

from tests.differential.calls import Step, delete, experiment, get, patch, post, run

_PROMPT = {"key": "mlflow.prompt.is_prompt", "value": "true"}


def _model(name: str = "m", **more: Any) -> Step:
    return post(f"model {name}", "registered-models/create", {"name": f"$sequence {name}", **more})


def _version(note: str, name: str = "m", **more: Any) -> Step:
    body = {"name": f"$sequence {name}", "source": "runs:/$run/model", "run_id": "$run", **more}
    return post(note, "model-versions/create", body)


def _named(name: str = "m", **more: Any) -> dict[str, Any]:
    return {"name": f"$sequence {name}", **more}


_LIFE = [
    _model(tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}], description="first"),
    _model("plain"),
    get("get", "registered-models/get", _named()),
    get("get plain", "registered-models/get", _named("plain")),
    post("again", "registered-models/create", _named()),
    post("as a prompt", "registered-models/create", _named(tags=[_PROMPT])),
    patch("describe", "registered-models/update", _named(description="second")),
    patch("describe with nothing", "registered-models/update", _named("plain")),
    post("tag", "registered-models/set-tag", _named(key="c", value="3")),
    post("tag over", "registered-models/set-tag", _named(key="a", value="x")),
    delete("untag", "registered-models/delete-tag", _named(key="b")),
    delete("untag what is not there", "registered-models/delete-tag", _named(key="nothing")),
    get("get tagged", "registered-models/get", _named()),
    post("rename", "registered-models/rename", _named(new_name="$sequence n")),
    get("the old name is gone", "registered-models/get", _named()),
    post("rename to a taken name", "registered-models/rename", _named("n", new_name="$sequence plain")),
    post("rename to nothing", "registered-models/rename", _named("n", new_name=" ")),
    post("rename to a path", "registered-models/rename", _named("n", new_name="a/b")),
    get("no latest versions", "registered-models/get-latest-versions", _named("n")),
    delete("delete", "registered-models/delete", _named("n")),
    delete("delete again", "registered-models/delete", _named("n")),
    get("get deleted", "registered-models/get", _named("n")),
    post("the name is free", "registered-models/create", _named("n")),
]
_NAMES: list[Any] = [
    "",
    " ",
    "a/b",
    "a:b",
    ".",
    "..",
    "../x",
    "a/../b",
    5,
    None,
    True,
    ["a"],
    "ünïcode $sequence",
]
_NAMING = [
    *(post(f"name {name!r}", "registered-models/create", {"name": name}) for name in _NAMES),
    *(
        get(f"get {name!r}", "registered-models/get", {"name": name})
        for name in ("a/b", ":", "..", "nobody", "")
    ),
    _model(),
    *(
        post(f"tag {key!r}", "registered-models/set-tag", _named(key=key, value="v"))
        for key in ("", "a b", "../a", "a//b", "k" * 251, "ü", "a$b", 5)
    ),
    post("tag value of 100001", "registered-models/set-tag", _named(key="k", value="v" * 100_001)),
    post("tag without a value", "registered-models/set-tag", _named(key="k")),
    post("tag of nobody", "registered-models/set-tag", _named("nobody", key="k", value="v")),
    post("no name", "registered-models/create", {}),
    patch("describe nobody", "registered-models/update", _named("nobody", description="x")),
    patch("describe by a number", "registered-models/update", _named(description=5)),
]
_VERSIONS = [
    experiment(),
    run(),
    _model(),
    _version("first", description="one", tags=[{"key": "a", "value": "1"}], run_link="http://h/x"),
    _version("second"),
    get("get", "model-versions/get", _named(version="1")),
    get("get 7", "model-versions/get", _named(version="7")),
    get("get x", "model-versions/get", _named(version="x")),
    get("get of nobody", "model-versions/get", _named("nobody", version="1")),
    get("get without a version", "model-versions/get", _named()),
    patch("describe", "model-versions/update", _named(version="1", description="new")),
    post("tag", "model-versions/set-tag", _named(version="1", key="b", value="2")),
    post("tag 7", "model-versions/set-tag", _named(version="7", key="b", value="2")),
    post("tag without a key", "model-versions/set-tag", _named(version="1", value="2")),
    delete("untag", "model-versions/delete-tag", _named(version="1", key="a")),
    delete("untag what is not there", "model-versions/delete-tag", _named(version="1", key="zz")),
    get("get tagged", "model-versions/get", _named(version="1")),
    post("alias", "registered-models/alias", _named(alias="champion", version="1")),
    post("alias two", "registered-models/alias", _named(alias="next", version="2")),
    get("by alias", "registered-models/alias", _named(alias="champion")),
    get("by latest", "registered-models/alias", _named(alias="latest")),
    get("by no alias", "registered-models/alias", _named(alias="nobody")),
    get("model with aliases", "registered-models/get", _named()),
    get("get with alias", "model-versions/get", _named(version="1")),
    post("alias moves", "registered-models/alias", _named(alias="champion", version="2")),
    get("by alias moved", "registered-models/alias", _named(alias="champion")),
    *(
        post(f"alias {alias!r}", "registered-models/alias", _named(alias=alias, version="1"))
        for alias in ("", "a b", "latest", "LATEST", "v1", "V12", "a/b", "x" * 256, 5)
    ),
    post("alias to 7", "registered-models/alias", _named(alias="c", version="7")),
    post("alias to x", "registered-models/alias", _named(alias="c", version="x")),
    delete("alias goes", "registered-models/alias", _named(alias="champion")),
    delete("alias goes again", "registered-models/alias", _named(alias="champion")),
    get("latest", "registered-models/get-latest-versions", _named()),
    post("latest by POST", "registered-models/get-latest-versions", _named(stages=["None"])),
    post("latest of a wrong stage", "registered-models/get-latest-versions", _named(stages=["Elsewhere"])),
    post("to production", "model-versions/transition-stage", _named(version="1", stage="production")),
    post(
        "archiving",
        "model-versions/transition-stage",
        _named(version="2", stage="Production", archive_existing_versions=True),
    ),
    get("archived", "model-versions/get", _named(version="1")),
    get("latest of stages", "registered-models/get", _named()),
    post("to nowhere", "model-versions/transition-stage", _named(version="1", stage="Elsewhere")),
    post(
        "archiving for None",
        "model-versions/transition-stage",
        _named(version="1", stage="None", archive_existing_versions=True),
    ),
    post("copy", "model-versions/create", _named(source="models:/$sequence m/1", run_id="$run")),
    delete("delete", "model-versions/delete", _named(version="2")),
    delete("delete again", "model-versions/delete", _named(version="2")),
    get("get deleted", "model-versions/get", _named(version="2")),
    get("its alias is gone", "registered-models/alias", _named(alias="next")),
    _version("number four"),
    delete("delete the model", "registered-models/delete", _named()),
    get("a version of a deleted model", "model-versions/get", _named(version="1")),
]
_SOURCES = [
    experiment(),
    run(),
    _model(),
    *(
        post(f"source {source!r}", "model-versions/create", _named(source=source))
        for source in (
            "", "/etc", "file:///etc", "runs:/$run/../x", "runs:/$run/%2e%2e/x", "mlflow-artifacts:/../x",
            "mlflow-artifacts:/x", "models:/", "models:/a/b/c", "runs://host/$run/x", "http://h/../x",
        )
    ),
    post("no source", "model-versions/create", _named()),
    post("another's run", "model-versions/create", _named(source="runs:/$run/model", run_id="0" * 32)),
    post("a version of nobody", "model-versions/create", _named(source="models:/nobody/1")),
    post("no such model", "model-versions/create", _named("nobody", source="runs:/$run/m", run_id="$run")),
    post("a prompt's tag", "model-versions/create", _named(source="file:///etc", tags=[_PROMPT])),
]  # fmt: skip
_PROMPTS = [
    post("prompt", "registered-models/create", _named("p", tags=[_PROMPT, {"key": "team", "value": "risk"}])),
    post("prompt again", "registered-models/create", _named("p", tags=[_PROMPT])),
    post("model of that name", "registered-models/create", _named("p")),
    _model("m"),
    post(
        "prompt version",
        "model-versions/create",
        _named(
            "p", source="dummy-source", tags=[_PROMPT, {"key": "mlflow.prompt.text", "value": "Hi {{x}}"}]
        ),
    ),
    get("get", "model-versions/get", _named("p", version="1")),
    post("alias", "registered-models/alias", _named("p", alias="live", version="1")),
    get("by alias", "registered-models/alias", _named("p", alias="live")),
    post("tag", "model-versions/set-tag", _named("p", version="1", key="k", value="v")),
    get("models only", "registered-models/search", {"filter": "name LIKE '$sequence%'"}),
    get(
        "prompts only",
        "registered-models/search",
        {"filter": "tags.`mlflow.prompt.is_prompt` = 'true' AND name LIKE '$sequence%'"},
    ),
    get(
        "no prompts, by word",
        "registered-models/search",
        {"filter": "tags.`mlflow.prompt.is_prompt` != 'true' AND name LIKE '$sequence%'"},
    ),
    get("versions only", "model-versions/search", {"filter": "name LIKE '$sequence%'"}),
    get(
        "prompt versions",
        "model-versions/search",
        {"filter": "tags.`mlflow.prompt.is_prompt` = 'true' AND name = '$sequence p'"},
    ),
    get("its source", "model-versions/get-download-uri", _named("p", version="1")),
]
_FILTERS = (
    "name = '$sequence a'", "name != '$sequence a' AND name LIKE '$sequence%'", "name ILIKE '$SEQUENCE%'",
    "name IN ('$sequence a', '$sequence b')", "name NOT IN ('$sequence a') AND name LIKE '$sequence%'",
    "tags.k = 'v1' AND name LIKE '$sequence%'", "tag.k != 'v1' AND name LIKE '$sequence%'",
    "tags.`k` LIKE 'v%' AND name LIKE '$sequence%'", "attribute.name = '$sequence a'", "name = ''",
    "name > 'a'", "color = 'red'", "name = 5", "metrics.x = '1'", "name = 'a' OR name = 'b'", "name", "name =",
    "tags.k IS NULL", "tags.k > 'a'", "tags.k IN ('a')", "name = \"$sequence a\"", "creation_timestamp > 5",
)  # fmt: skip
_MODEL_SEARCH = [
    *(_model(name, tags=[{"key": "k", "value": f"v{number}"}]) for number, name in enumerate("abc", 1)),
    *(get(f"filter {text}", "registered-models/search", {"filter": text}) for text in _FILTERS),
    *(
        get(f"order {order}", "registered-models/search", [("filter", "name LIKE '$sequence%'"), ("order_by", order)])
        for order in ("name DESC", "name", "name sideways", "color", "name ASC x")
    ),
    get(
        "order twice",
        "registered-models/search",
        [("filter", "name LIKE '$sequence%'"), ("order_by", "name"), ("order_by", "name DESC")],
    ),
    get(
        "page", "registered-models/search", {"filter": "name LIKE '$sequence%'", "max_results": 2},
        save={"token": "next_page_token"},
    ),
    get(
        "page two",
        "registered-models/search",
        {"filter": "name LIKE '$sequence%'", "max_results": 2, "page_token": "$token"},
    ),
    *(
        get(f"max_results {given}", "registered-models/search", {"filter": "name = 'nobody'", "max_results": given})
        for given in (1, 1000, 1001, "x")
    ),
    get("bad token", "registered-models/search", {"page_token": "nonsense"}),
]  # fmt: skip
_VERSION_FILTERS = (
    "run_id = '$run' AND name = '$sequence m'", "run_id IN ('$run') AND version_number > 1",
    "name = '$sequence m' AND version_number = 2", "name = '$sequence m' AND version_number != '2'",
    "source_path = 'runs:/$run/model' AND name = '$sequence m'", "source_path LIKE 'runs:/$run%'",
    "tags.k = 'v' AND name = '$sequence m'", "name = '$sequence m' AND version_number <= 1",
    "run_id != '$run' AND name = '$sequence m'", "version_number > 1.5", "version_number LIKE '1'",
    "version_number = 'x'", "run_id > 'a'", "source_path IN ('a')", "aliases = 'champion'", "run_id = 5",
)  # fmt: skip
_VERSION_SEARCH = [
    experiment(),
    run(),
    _model(),
    _version("one", tags=[{"key": "k", "value": "v"}]),
    _version("two"),
    _version("three"),
    *(
        get(
            f"filter {text}",
            "model-versions/search",
            [("filter", text), ("order_by", "version_number ASC")],
        )
        for text in _VERSION_FILTERS
    ),
    *(
        get(
            f"order {order}",
            "model-versions/search",
            [("filter", "name = '$sequence m'"), ("order_by", order)],
        )
        for order in (
            "version_number DESC",
            "name DESC",
            "creation_timestamp ASC",
            "color",
            "version_number x",
        )
    ),
    get(
        "page",
        "model-versions/search",
        [("filter", "name = '$sequence m'"), ("max_results", 2), ("order_by", "version_number ASC")],
        save={"token": "next_page_token"},
    ),
    get(
        "page two",
        "model-versions/search",
        [
            ("filter", "name = '$sequence m'"),
            ("max_results", 2),
            ("order_by", "version_number ASC"),
            ("page_token", "$token"),
        ],
    ),
    *(
        get(
            f"max_results {given}",
            "model-versions/search",
            {"filter": "name = 'nobody'", "max_results": given},
        )
        for given in (1, 200_000, 200_001, 0, -1, "x")
    ),
]

SEQUENCES = {
    "registered model life": _LIFE,
    "registered model names": _NAMING,
    "version life": _VERSIONS,
    "version sources": _SOURCES,
    "prompts": _PROMPTS,
    "registered model search": _MODEL_SEARCH,
    "version search": _VERSION_SEARCH,
}
