"""Random changes to a bundle, as somebody would make them, and what a verifier has to say about each.

Each tamperer changes a fresh bundle and returns what must be named: the kinds that fit, and the entries. Those who
alter a payload cover their traces more or less far: not at all, in the index, or in all stored subtrees, too.
"""

import copy
import random
from collections.abc import Callable
from pathlib import Path

from compliance import verify
from portal.audit import merkle
from tests.audit.bundles import Made, bundle_make, entry_make, nodes_again

Named = tuple[set[str], set[int]]
ANYWHERE = {"altered", "removed", "inserted", "reordered", "copy", "detail", "place"}


def flip(made: Made, chance: random.Random) -> Named:
    """Alter a payload, and cover it up as far as one can without the key."""
    at = chance.randrange(made.size)
    entry = made.entries[at]
    old, new = chance.choice(
        [(b'"done"', b'"gone"'), (b'"user:', b'"uses:'), (b'"workspace":', b'"workspace":1')]
    )
    entry.payload = entry.payload.replace(old, new, 1)
    cover = chance.randrange(4)
    if cover >= 1:
        made.index[at] = (entry.uuid, merkle.leaf_hash(entry.payload))
    if cover >= 2:
        nodes_again(made)
    if cover == 3:
        facts = verify.json.loads(entry.payload)
        entry.columns |= {
            "outcome": facts["outcome"],
            "actor": facts["actor"],
            "workspace_id": facts["workspace"],
        }
    return {"altered"}, {at}


def delete(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(made.size)
    made.entries.pop(at)
    if chance.random() < 0.5:
        made.numbers = [number for number in range(made.size) if number != at]
    return {"removed"}, {at}


def insert(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(made.size + 1)
    new = copy.deepcopy(chance.choice(made.entries)) if chance.random() < 0.3 else entry_make(at, chance)
    made.entries.insert(at, new)
    # A repeated entry is the same as its neighbour: either of the two is the one too many.
    return {"inserted"}, {at - 1, at, at + 1}


def swap(made: Made, chance: random.Random) -> Named:
    one, two = chance.sample(range(made.size), 2)
    made.entries[one], made.entries[two] = made.entries[two], made.entries[one]
    return {"reordered"}, {one, two}


def redate(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(made.size)
    entry, both = made.entries[at], chance.random() < 0.5
    earlier = entry.recorded_at.replace("2026-11", "2026-10")
    if both:
        entry.payload = entry.payload.replace(entry.recorded_at.encode(), earlier.encode())
    entry.recorded_at = earlier
    return {"altered" if both else "copy"}, {at}


def truncate(made: Made, chance: random.Random) -> Named:
    """Cut the tail off the events, or off the index and the subtrees as well."""
    left = chance.randrange(1, made.size)
    made.entries = made.entries[:left]
    if chance.random() < 0.5:
        made.index = made.index[:left]
        nodes_again(made)
    return {"removed", "altered"}, {left}


def edit_copy(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(made.size)
    column = chance.choice(sorted(made.entries[at].columns))
    made.entries[at].columns[column] = f"x{chance.random()}"
    return {"copy"}, {at}


def edit_words(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(made.size)
    detail = made.entries[at].detail
    made.entries[at].detail = (
        {**detail, "body": '{"reason":"other"}'} if detail and chance.random() < 0.5 else None
    )
    return {"detail"}, {at}


def edit_checkpoint(made: Made, chance: random.Random) -> Named:
    at = chance.randrange(len(made.notes))
    note = made.notes[at]
    place = chance.randrange(len(note))
    made.notes[at] = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]
    return {"checkpoint"}, {at + 1}


TAMPERERS: list[Callable[[Made, random.Random], Named]] = [
    flip, delete, insert, swap, redate, truncate, edit_copy, edit_words, edit_checkpoint,
]  # fmt: skip


def flip_bit(path: Path, chance: random.Random) -> Named:
    """Flip one bit of the events as they lie in the file."""
    bundle = verify.Bundle(str(path))
    names = bundle.names("events/")
    name = chance.choice(names)
    place, size = bundle.members[name]
    whole = bytearray(path.read_bytes())
    at = place + chance.randrange(size)
    whole[at] ^= 1 << chance.randrange(8)
    line = int(name[7:19]) + bytes(whole[place:at]).count(b"\n")
    path.write_bytes(whole)
    return ANYWHERE, {line, line + 1}


def is_named(report: verify.Report, kinds: set[str], entries: set[int]) -> bool:
    """Whether the report has a fitting problem at one of the entries; of a checkpoint, by its number."""
    for problem in report.problems:
        if problem["kind"] not in kinds:
            continue
        if problem["kind"] == "checkpoint":
            if any(problem["said"].startswith(f"number {number}, ") for number in entries):
                return True
        elif any(problem["index"] <= entry <= (problem["last"] or problem["index"]) for entry in entries):
            return True
    return False


def tamper(count: int, folder: Path, *, size: int = 300, seed: int = 1) -> list[str]:
    """Make `count` random changes to fresh copies of a bundle; a line for each that was not found or not named."""
    chance = random.Random(seed)  # noqa: S311 - a fixed sequence of cases, not a secret
    good = bundle_make([entry_make(number, chance) for number in range(size)])
    keys, missed = verify.keys_of([good.signer.verifier]), []
    for number in range(count):
        made, path = copy.deepcopy(good), folder / "bundle.zip"
        tamperer = chance.choice([*TAMPERERS, None])
        kinds, entries = tamperer(made, chance) if tamperer else (set[str](), set[int]())
        made.write(path)
        if tamperer is None:
            kinds, entries = flip_bit(path, chance)
        report, _ = verify.verify(str(path), keys, workers=1)
        if not is_named(report, kinds, entries):
            name = tamperer.__name__ if tamperer else "flip_bit"
            missed.append(f"{number} {name} at {sorted(entries)}: {list(report.lines())[:3]}")
    return missed
