"""Runs a pickle without running it: every name that it would import becomes an empty stub, every call is noted.

Lists of opcodes can be fooled about what is on the stack; this has the stack. It follows joblib's files too, which
put raw arrays between the opcodes, and cuts those out, so that other scanners can read the rest.
"""

import io
import pickle
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ClassVar

_PROTO = b"\x80"
_STREAMS_AT_MOST = 10_000
_RAW_READ = 1024 * 1024


class Stub:
    """Stands for whatever a name would have been: takes anything, does nothing."""

    module, name = "", ""
    args: Any = ()
    state: Any = None

    def __new__(cls, *args: Any, **named: Any) -> "Stub":
        made = object.__new__(cls)
        made.args = args
        return made

    def __init__(self, *args: Any, **named: Any) -> None: ...

    def __setitem__(self, key: Any, value: Any) -> None: ...

    def append(self, *args: Any) -> None: ...

    def extend(self, *args: Any) -> None: ...

    def add(self, *args: Any) -> None: ...


@dataclass
class PickleFacts:
    """What a file does when it is unpickled. `cuts` are the arrays between its opcodes: raw
    bytes, or a pickle of their own where they hold objects (`nested`)."""

    globals: set[tuple[str, str]] = field(default_factory=set)
    calls: int = 0
    streams: int = 0
    consumed: int = 0
    error: str = ""
    cuts: list[tuple[int, int]] = field(default_factory=list)
    nested: list[tuple[int, int]] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.error and self.streams > 0


def pickle_facts(file: BinaryIO, size: int, start: int = 0) -> PickleFacts:
    """Follow all pickles of a file from its first byte to its last, or to the first thing that is none.

    A file of joblib means one thing to joblib, which steps over the arrays, and another to pickle, which would
    take them for opcodes. What either of the two would import counts.
    """
    facts = _streams(file, size, start, skip_arrays=True)
    if facts.cuts:
        plain = _streams(file, size, start, skip_arrays=False)
        facts.globals |= plain.globals
        facts.calls += plain.calls
    return facts


def _streams(file: BinaryIO, size: int, start: int, *, skip_arrays: bool) -> PickleFacts:
    file.seek(start)
    facts = PickleFacts()
    while facts.streams < _STREAMS_AT_MOST and file.tell() < size:
        if not _followed(file, facts, skip_arrays):
            break
    return facts


def starts_as_pickle(head: bytes) -> bool:
    """Whether the first bytes are those of protocol 2 and later."""
    return head[:1] == _PROTO and len(head) > 1 and head[1] <= pickle.HIGHEST_PROTOCOL


def opcodes_of(file: BinaryIO, facts: PickleFacts, size: int, start: int = 0) -> list[bytes]:
    """The opcodes without the arrays, and those of each array of objects: all that other scanners can read."""
    kept, position = io.BytesIO(), start
    for cut, end in [*facts.cuts, (size, size)]:
        file.seek(position)
        kept.write(file.read(cut - position))
        position = end
    found = [kept.getvalue()]
    for begin, end in facts.nested:
        file.seek(begin)
        found.append(file.read(end - begin))
    return found


def _followed(file: BinaryIO, facts: PickleFacts, skip_arrays: bool) -> bool:
    reader = _Reader(file, facts, skip_arrays)
    try:
        reader.load()
    except MemoryError:
        raise
    except Exception as error:  # whatever a malformed pickle makes the interpreter raise
        facts.error = f"{type(error).__name__}: {error}"[:200]
        return False
    facts.streams += 1
    facts.consumed = file.tell()
    return True


# The one in Python, whose steps can be replaced.
_UNPICKLER: Any = pickle._Unpickler


class _Reader(_UNPICKLER):
    """The unpickler of the standard library with nothing real behind it."""

    dispatch: ClassVar[dict[int, Any]] = dict(_UNPICKLER.dispatch)

    def __init__(self, file: BinaryIO, facts: PickleFacts, skip_arrays: bool) -> None:
        super().__init__(file, fix_imports=False, encoding="latin-1")
        self.raw, self.facts, self.skip_arrays = file, facts, skip_arrays
        self.classes: dict[tuple[str, str], type[Stub]] = {}

    def find_class(self, module: str, name: str) -> Any:
        self.facts.globals.add((str(module), str(name)))
        made = self.classes.get((module, name))
        if made is None:
            made = self.classes[(module, name)] = type("Stub", (Stub,), {"module": module, "name": name})
        return made

    def persistent_load(self, pid: Any) -> Any:
        return Stub()

    def get_extension(self, code: int) -> None:
        """A number that stands for a name which only the reading process knows."""
        self.facts.globals.add(("unknown", f"extension_{code}"))
        self.append(Stub)

    def load_reduce(self) -> None:
        args, target = self.stack.pop(), self.stack[-1]
        self.facts.calls += 1
        self.stack[-1] = _called(target, args)

    def load_newobj(self) -> None:
        args, target = self.stack.pop(), self.stack.pop()
        self.facts.calls += 1
        self.append(_called(target, args))

    def load_newobj_ex(self) -> None:
        self.stack.pop()
        self.load_newobj()

    def _instantiate(self, klass: Any, args: Any) -> None:
        self.facts.calls += 1
        self.append(_called(klass, args))

    def load_build(self) -> None:
        state, target = self.stack.pop(), self.stack[-1]
        if not isinstance(target, Stub):
            raise pickle.UnpicklingError("state for what has none")
        target.state = state
        self.facts.calls += 1
        if self.skip_arrays and (target.module, target.name) == ("joblib.numpy_pickle", "NumpyArrayWrapper"):
            self._array_skip(state)

    def load_next_buffer(self) -> None:
        self.append(Stub())

    def load_readonly_buffer(self) -> None: ...

    def _array_skip(self, state: Any) -> None:
        """joblib writes the array itself right after the object that describes it."""
        frame = self._unframer.current_frame
        if frame is not None and frame.read(1):
            raise pickle.UnpicklingError("an array inside of a frame")
        self._unframer.current_frame = None
        start = self.raw.tell()
        if _has_objects(state["dtype"]):
            inner = PickleFacts()
            _followed(self.raw, inner, skip_arrays=False)
            self.facts.globals |= inner.globals
            self.facts.calls += inner.calls
            if inner.error:
                raise pickle.UnpicklingError(f"an array of objects: {inner.error}")
            self.facts.nested.append((start, self.raw.tell()))
            self.facts.cuts.append((start, self.raw.tell()))
            return
        if state.get("numpy_array_alignment_bytes") is not None:
            self._raw_skip(int.from_bytes(self.raw.read(1), "little"))
        count = 1
        for length in state["shape"]:
            count *= length
        self._raw_skip(count * _item_bytes(state["dtype"]))
        self.facts.cuts.append((start, self.raw.tell()))

    def _raw_skip(self, length: int) -> None:
        while length > 0:
            got = len(self.raw.read(min(length, _RAW_READ)))
            if not got:
                raise EOFError("an array is cut short")
            length -= got

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.NEWOBJ[0]] = load_newobj
    dispatch[pickle.NEWOBJ_EX[0]] = load_newobj_ex
    dispatch[pickle.BUILD[0]] = load_build
    dispatch[pickle.NEXT_BUFFER[0]] = load_next_buffer
    dispatch[pickle.READONLY_BUFFER[0]] = load_readonly_buffer


def _called(target: Any, args: Any) -> Stub:
    """What a call gives; only stubs are ever called, and nothing happens when they are."""
    if not (isinstance(target, Stub) or (isinstance(target, type) and issubclass(target, Stub))):
        raise pickle.UnpicklingError("a call of what is no name")
    kind = target if isinstance(target, type) else type(target)
    made = object.__new__(kind)
    made.args = tuple(args) if isinstance(args, (list, tuple)) else ()
    return made


def _item_bytes(dtype: Any) -> int:
    """The bytes of one item, from the short text that dtypes are made of: `f8`, `V64`, `U10`."""
    text = str(dtype.args[0])
    width = int(text.lstrip("|<>=")[1:] or 1)
    return width * 4 if text.lstrip("|<>=")[0] == "U" else width


def _has_objects(dtype: Any) -> bool:
    if not isinstance(dtype, Stub) or not dtype.args:
        raise pickle.UnpicklingError("an array of an unclear type")
    if str(dtype.args[0]).lstrip("|<>=").startswith("O"):
        return True
    inner = dtype.state[2] if isinstance(dtype.state, tuple) and len(dtype.state) > 4 else None
    if isinstance(inner, tuple) and inner and _has_objects(inner[0]):
        return True
    fields = dtype.state[4] if isinstance(dtype.state, tuple) and len(dtype.state) > 4 else None
    return any(_has_objects(each[0]) for each in fields.values()) if isinstance(fields, dict) else False
