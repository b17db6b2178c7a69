"""Experiments: their life, their names and tags, and the search for them."""

from typing import Any

from tests.differential.calls import Step, experiment, get, post, run

_LIFE = [
    experiment(),
    get("get", "experiments/get", {"experiment_id": "$exp"}),
    get("get by name", "experiments/get-by-name", {"experiment_name": "$sequence exp"}),
    post("rename", "experiments/update", {"experiment_id": "$exp", "new_name": "$sequence renamed"}),
    get("the old name is gone", "experiments/get-by-name", {"experiment_name": "$sequence exp"}),
    get("the new name is found", "experiments/get-by-name", {"experiment_name": "$sequence renamed"}),
    run(),
    post("delete", "experiments/delete", {"experiment_id": "$exp"}),
    post("delete again", "experiments/delete", {"experiment_id": "$exp"}),
    get("get deleted", "experiments/get", {"experiment_id": "$exp"}),
    get("get deleted by name", "experiments/get-by-name", {"experiment_name": "$sequence renamed"}),
    get("its run is deleted too", "runs/get", {"run_id": "$run"}),
    post("rename deleted", "experiments/update", {"experiment_id": "$exp", "new_name": "$sequence other"}),
    post("run in deleted", "runs/create", {"experiment_id": "$exp", "start_time": 5}),
    post(
        "tag deleted", "experiments/set-experiment-tag", {"experiment_id": "$exp", "key": "k", "value": "v"}
    ),
    post("same name as deleted", "experiments/create", {"name": "$sequence renamed"}),
    post("restore", "experiments/restore", {"experiment_id": "$exp"}),
    post("restore again", "experiments/restore", {"experiment_id": "$exp"}),
    get("get restored", "experiments/get", {"experiment_id": "$exp"}),
    get("its run is back", "runs/get", {"run_id": "$run"}),
]

_NAMES = [
    experiment(),
    experiment("second"),
    post("a name twice", "experiments/create", {"name": "$sequence exp"}),
    post(
        "rename to a taken name",
        "experiments/update",
        {"experiment_id": "$second", "new_name": "$sequence exp"},
    ),
    post(
        "rename to its own name", "experiments/update", {"experiment_id": "$exp", "new_name": "$sequence exp"}
    ),
    post("empty name", "experiments/create", {"name": ""}),
    post("no name", "experiments/create", {}),
    post("null name", "experiments/create", {"name": None}),
    post("number as name", "experiments/create", {"name": 123}),
    post("boolean as name", "experiments/create", {"name": True}),
    post("list as name", "experiments/create", {"name": ["a"]}),
    post("object as name", "experiments/create", {"name": {"a": 1}}),
    post("501 characters", "experiments/create", {"name": "n" * 501}),
    post("256 characters", "experiments/create", {"name": "n" * 256}),
    post("spaces only", "experiments/create", {"name": "   "}),
    post(
        "unicode", "experiments/create", {"name": "$sequence Größe 雪 🚀"}, save={"unicode": "experiment_id"}
    ),
    get("unicode again", "experiments/get", {"experiment_id": "$unicode"}),
    get("unicode by name", "experiments/get-by-name", {"experiment_name": "$sequence Größe 雪 🚀"}),
    post("slash in the name", "experiments/create", {"name": "$sequence a/b/../c"}),
    post("rename to nothing", "experiments/update", {"experiment_id": "$exp", "new_name": ""}),
    post("rename without a name", "experiments/update", {"experiment_id": "$exp"}),
    post("rename to 501 characters", "experiments/update", {"experiment_id": "$exp", "new_name": "n" * 501}),
    post("rename to a number", "experiments/update", {"experiment_id": "$exp", "new_name": 7}),
    post("rename the unknown", "experiments/update", {"experiment_id": "99999999", "new_name": "x"}),
]

_UNKNOWN_IDS: list[Any] = [
    "99999999",
    "2147483647",
    "9223372036854775807",
    "9223372036854775808",
    "-1",
    "abc",
    "1.5",
]
_UNKNOWN = [
    step
    for value in _UNKNOWN_IDS
    for step in (
        get(f"get {value}", "experiments/get", {"experiment_id": value}),
        post(f"delete {value}", "experiments/delete", {"experiment_id": value}),
        post(f"restore {value}", "experiments/restore", {"experiment_id": value}),
        post(
            f"tag {value}",
            "experiments/set-experiment-tag",
            {"experiment_id": value, "key": "k", "value": "v"},
        ),
        post(f"run in {value}", "runs/create", {"experiment_id": value, "start_time": 5}),
    )
] + [
    get("get without id", "experiments/get"),
    get("get with empty id", "experiments/get", {"experiment_id": ""}),
    post("delete a number", "experiments/delete", {"experiment_id": 99999999}),
    post("delete without id", "experiments/delete", {}),
    post("restore without id", "experiments/restore", {}),
    get("unknown name", "experiments/get-by-name", {"experiment_name": "$sequence nobody"}),
    get("no name", "experiments/get-by-name"),
    get("empty name", "experiments/get-by-name", {"experiment_name": ""}),
]


def _tag(note: str, **fields: Any) -> Step:
    return post(note, "experiments/set-experiment-tag", {"experiment_id": "$exp", **fields})


_TAGS = [
    experiment(tags=[{"key": "team", "value": "risk"}, {"key": "empty", "value": ""}]),
    get("with its tags", "experiments/get", {"experiment_id": "$exp"}),
    _tag("set", key="stage", value="dev"),
    _tag("overwrite", key="stage", value="prod"),
    _tag("empty value", key="nothing", value=""),
    _tag("no value", key="absent"),
    _tag("number as value", key="number", value=5),
    _tag("no key", value="v"),
    _tag("empty key", key="", value="v"),
    _tag("key of 250", key="k" * 250, value="v"),
    _tag("key of 251", key="k" * 251, value="v"),
    _tag("value of 5001", key="long", value="v" * 5001),
    _tag("value of 20001", key="longer", value="v" * 20001),
    _tag("key with a bad character", key="a$b", value="v"),
    _tag("key with a path", key="a/../b", value="v"),
    _tag("key with spaces and dots", key="a b.c-d/e", value="v"),
    get("all tags", "experiments/get", {"experiment_id": "$exp"}),
    post("delete a tag", "experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": "stage"}),
    post("delete it again", "experiments/delete-experiment-tag", {"experiment_id": "$exp", "key": "stage"}),
    post("delete without key", "experiments/delete-experiment-tag", {"experiment_id": "$exp"}),
    get("after deleting", "experiments/get", {"experiment_id": "$exp"}),
    post("tags as text", "experiments/create", {"name": "$sequence t1", "tags": "5"}),
    post("tags of text", "experiments/create", {"name": "$sequence t2", "tags": ["a"]}),
    post("tag without key", "experiments/create", {"name": "$sequence t3", "tags": [{"value": "v"}]}),
    post(
        "a tag twice",
        "experiments/create",
        {"name": "$sequence t4", "tags": [{"key": "a", "value": "1"}] * 2},
    ),
]

_SORTED = [{"key": "group", "value": "$sequence"}]


def _search(note: str, filter_: str = "", **more: Any) -> Step:
    own = "tags.group = '$sequence'"
    return post(note, "experiments/search", {"max_results": 100, "filter": f"{own}{filter_}", **more})


_SEARCH = [
    *[experiment(name, tags=[*_SORTED, {"key": "n", "value": name}]) for name in ("alpha", "beta", "gamma")],
    post("delete one", "experiments/delete", {"experiment_id": "$gamma"}),
    _search("active", order_by=["name"]),
    _search("deleted", view_type="DELETED_ONLY"),
    _search("all", view_type="ALL", order_by=["name DESC"]),
    _search("by number of the view", view_type=3, order_by=["name ASC"]),
    _search("unknown view", view_type="NONE"),
    _search("name equals", " AND name = '$sequence alpha'"),
    _search("name differs", " AND name != '$sequence alpha'"),
    _search("name like", " AND name LIKE '%alpha'"),
    _search("name ilike", " AND name ILIKE '%ALPHA'"),
    _search("name like with an escape", " AND name LIKE '%\\_alpha'"),
    _search("attribute prefix", " AND attribute.name LIKE '%beta'"),
    _search("another tag", " AND tags.n = 'beta'"),
    _search("tag differs", " AND tags.n != 'beta'", order_by=["name"]),
    _search("tag like", " AND tags.n LIKE 'b%'"),
    _search("tag in back ticks", " AND tags.`n` = 'beta'"),
    _search("creation time", " AND creation_time > 0", order_by=["creation_time ASC", "name ASC"]),
    _search("last update time", " AND last_update_time >= 0", order_by=["last_update_time DESC", "name"]),
    _search("time as text", " AND creation_time > 'a'"),
    _search("unknown attribute", " AND stage = 'a'"),
    _search("or", " OR name = 'a'"),
    _search("unclosed quote", " AND name = 'a"),
    _search("no value", " AND name ="),
    _search("operator that names have not", " AND name > 'a'"),
    _search("order by unknown", order_by=["artifact_location"]),
    _search("order by nonsense", order_by=["name sideways"]),
    _search("order by text", order_by="name"),
    _search("first page", max_results=1, view_type="ALL", order_by=["name"]),
    *[
        _search(f"max_results {value!r}", max_results=value)
        for value in (0, -1, 50_001, "2", "x", 1.5, 2**31, 2**63, None, True)
    ],
    _search("bad token", page_token="no token"),
    get(
        "by GET",
        "experiments/search",
        {"max_results": 5, "filter": "tags.group = '$sequence' AND tags.n = 'beta'"},
    ),
    get("by GET without max_results", "experiments/search", {"filter": "tags.group = '$sequence'"}),
]

_PAGES = [
    *[experiment(name, tags=_SORTED) for name in ("p1", "p2", "p3", "p4", "p5")],
    post(
        "page 1", "experiments/search",
        {"max_results": 2, "filter": "tags.group = '$sequence'", "order_by": ["name"]},
        save={"token": "next_page_token"},
    ),
    post(
        "page 2", "experiments/search",
        {"max_results": 2, "filter": "tags.group = '$sequence'", "order_by": ["name"], "page_token": "$token"},
        save={"token2": "next_page_token"},
    ),
    post(
        "page 3", "experiments/search",
        {"max_results": 2, "filter": "tags.group = '$sequence'", "order_by": ["name"], "page_token": "$token2"},
    ),
]  # fmt: skip

SEQUENCES: dict[str, list[Step]] = {
    "experiment life": _LIFE,
    "experiment names": _NAMES,
    "experiment unknown": _UNKNOWN,
    "experiment tags": _TAGS,
    "experiment search": _SEARCH,
    "experiment pages": _PAGES,
}
