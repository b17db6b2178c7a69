"""The globals that a serialised model may name. What is on no list is not clean, whoever wrote it.

A pickle calls what it names. The two scanners list what is known to be dangerous; this lists what was looked at
and does nothing but build estimators, arrays and plain values. Names with a dot are never allowed: they reach
through a module into what it imported.
"""

import hashlib
import re
from collections.abc import Iterable

RULES_EDITION = "2026-11"
CAMEL = r"_?[A-Z][A-Za-z0-9_]*"
_PLAIN = "set|frozenset|list|dict|tuple|int|float|complex|bool|str|bytes|bytearray|slice|range|object"
_NUMPY_TYPES = (
    "dtype|ndarray|bool_?|str_|bytes_|object_|void|u?int(8|16|32|64)|float(16|32|64|128)|complex(64|128|256)"
)
_UFUNCS = "log|log1p|log2|log10|exp|expm1|sqrt|cbrt|abs|absolute|square|sign|reciprocal|nan_to_num"
_STORAGES = "(Long|Float|Half|Double|BFloat16|Bool|Char|Short|Int|Byte|ComplexFloat|ComplexDouble)Storage"
# (module, name), each a pattern that must match all of it.
ALLOWED: tuple[tuple[str, str], ...] = (
    (r"builtins|__builtin__", _PLAIN),
    (r"copyreg|copy_reg", "_reconstructor"),
    (r"collections", "OrderedDict|defaultdict|Counter|deque"),
    (r"_codecs", "encode"),
    (r"datetime", "datetime|date|time|timedelta|timezone"),
    (r"decimal", "Decimal"),
    (r"fractions", "Fraction"),
    (r"pathlib", "(Pure)?(Posix|Windows)?Path"),
    (r"numpy", f"{_NUMPY_TYPES}|{_UFUNCS}"),
    (r"numpy\.dtypes", r"[A-Z]\w*DType"),
    (r"numpy\._?core\.multiarray", "_reconstruct|scalar"),
    (r"numpy\._?core\.numeric", "_frombuffer"),
    (r"numpy\.ma", "MaskedArray"),
    (r"numpy\.random\.(mtrand|_generator)", "RandomState|Generator"),
    (r"numpy\.ma\.core", "_mareconstruct|MaskedArray"),
    (r"numpy\.random\._pickle", "__randomstate_ctor|__bit_generator_ctor|__generator_ctor"),
    (r"numpy\.random\._(mt19937|pcg64|philox|sfc64)", "MT19937|PCG64(DXSM)?|Philox|SFC64"),
    (r"numpy\.random\.bit_generator", "SeedSequence|__pyx_unpickle_SeedSequence"),
    (r"scipy\.sparse(\._(csr|csc|coo|bsr|dia|dok|lil))?", "(csr|csc|coo|bsr|dia|dok|lil)_(matrix|array)"),
    (r"scipy\.(interpolate|spatial)\._\w+", f"{CAMEL}|interp1d"),
    (r"joblib\.numpy_pickle", "NumpyArrayWrapper"),
    # Estimators and their parts; what Cython compiled comes with makers of a fixed name.
    (r"sklearn(\.(?!(tests|datasets|externals|experimental|conftest|callback)\b)\w+)*", CAMEL),
    (r"sklearn(\.(?!(tests|datasets|externals)\b)\w+)*", r"__pyx_unpickle_\w+|newObj"),
    (r"sklearn\.preprocessing\._function_transformer", "_identity"),
    (r"sklearn\.(base|utils\._set_output)", "_identity"),
    (r"xgboost\.(core|sklearn)", CAMEL),
    (r"lightgbm\.(basic|sklearn)", CAMEL),
    (r"catboost\.core", CAMEL),
    (r"pandas", "DataFrame|Series|(Range|Multi)?Index|Timestamp|Timedelta|Categorical(Dtype)?|StringDtype"),
    (r"pandas\.arrays", CAMEL),
    (r"pyarrow\.lib", "_restore_array|py_buffer|type_for_alias"),
    (r"pandas\.core\.(frame|series)", "DataFrame|Series"),
    (r"pandas\.core\.indexes\.\w+", f"{CAMEL}|_new_Index"),
    (r"pandas\.core\.internals\.(managers|blocks)", f"{CAMEL}|new_block"),
    (r"pandas\.core\.(arrays|dtypes)(\.\w+)*", CAMEL),
    (r"pandas\._libs\.internals", "_unpickle_block|BlockPlacement"),
    (r"pandas\._libs\.arrays", "__pyx_unpickle_NDArrayBacked|NDArrayBacked"),
    (r"torch", f"{_STORAGES}|Size|device|dtype|float(16|32|64)|bfloat16|int(8|16|32|64)|uint8|bool"),
    (r"torch\._utils", "_rebuild_(tensor|tensor_v2|parameter|parameter_with_state|qtensor)"),
    (r"torch\.storage", "UntypedStorage|TypedStorage"),
    (r"torch\.nn\.modules\.\w+", CAMEL),
    (r"torch\.nn\.parameter", "Parameter|Buffer"),
)
_IDENTIFIERS = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Rules:
    """The list above and what the operators of this portal added, as `module:name` patterns."""

    def __init__(self, more: Iterable[str] = ()) -> None:
        added = [tuple(each.split(":", 1)) for each in more if ":" in each]
        self.pairs = [*ALLOWED, *[(module, name) for module, name in added]]
        self._compiled = [(re.compile(module), re.compile(name)) for module, name in self.pairs]

    def allow(self, module: str, name: str) -> bool:
        """Whether a pickle may name this and still be clean."""
        if "." in name:
            return False
        return any(m.fullmatch(module) and n.fullmatch(name) for m, n in self._compiled)

    @property
    def version(self) -> str:
        """Names the rules as they are, so that evidence says by which it was decided."""
        digest = hashlib.sha256(repr(self.pairs).encode()).hexdigest()
        return f"{RULES_EDITION}+{digest[:12]}"


def is_importable(module: str, name: str) -> bool:
    """Whether Python could import a module of this name at all; prose that happens to parse could not."""
    return bool(_IDENTIFIERS.fullmatch(module)) and bool(_IDENTIFIERS.fullmatch(name))
