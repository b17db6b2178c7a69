"""Reads tables piece by piece, so that no file is ever held, and cuts them into parts that are always the same."""

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv
import pyarrow.parquet as pq

from batch_scoring.columns import column_cast, missing_check, text_cast
from batch_scoring.problems import Problem

BATCH_ROWS, BLOCK_BYTES, PART_BYTES = 8192, 1024 * 1024, 64 * 1024 * 1024
DELIMITERS = {".csv": ",", ".tsv": "\t"}
FORMS = (*DELIMITERS, ".parquet")


def parts(paths, reader, rows_per_part):
    """Pairs of tables with as many rows as asked, or fewer where they are large: features and what is kept."""
    held, rows, size = [], 0, 0
    for path in paths:
        for features, kept in reader.read(Path(path)):
            held.append((features, kept))
            rows, size = rows + kept.num_rows, size + features.nbytes + kept.nbytes
            while rows >= rows_per_part or size >= PART_BYTES:
                whole = _joined(held)
                cut = min(rows, rows_per_part)
                yield tuple(each.slice(0, cut) for each in whole)
                left = tuple(each.slice(cut) for each in whole)
                rows -= cut
                size = int(size * rows / (rows + cut))
                held = [left] if rows else []
    if rows:
        yield _joined(held)


def _joined(held):
    return tuple(pa.concat_tables([pair[side] for pair in held]) for side in (0, 1))


class Reader:
    """What is read of each file: the columns of the signature, and those that are kept as they are: of a text file as
    text, so that a key of 007 stays one.
    """

    def __init__(self, specs, keep):
        self.specs, self.keep = specs, keep
        self.wanted = list(dict.fromkeys([*(spec.name for spec in specs), *keep]))
        self.name = ""

    def read(self, path):
        self.name, form = path.name, path.suffix.lower()
        if form not in FORMS:
            raise Problem(
                "unknown_form", f"{path.name} is no table that can be scored. Known are {', '.join(FORMS)}.",
                file=path.name,
            )  # fmt: skip
        begin, is_text = 0, form in DELIMITERS
        try:
            for batch in self._text(path, DELIMITERS[form]) if is_text else self._parquet(path):
                table = pa.Table.from_batches([batch])
                yield self._features(table, begin, is_text), self._kept(table)
                begin += batch.num_rows
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError, OSError, UnicodeDecodeError) as error:
            why = f"{path.name} cannot be read: {str(error)[:500]}"
            raise Problem("bad_table", why, file=path.name) from error

    def _text(self, path, delimiter):
        parse = pc_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True)
        block = pc_csv.ReadOptions(block_size=BLOCK_BYTES, use_threads=False)
        with pc_csv.open_csv(path, read_options=block, parse_options=parse) as file:
            names = [name for name in self._found(file.schema.names) if name in self.wanted]
        as_text = pc_csv.ConvertOptions(
            include_columns=names, column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True
        )
        with pc_csv.open_csv(path, read_options=block, parse_options=parse, convert_options=as_text) as file:
            yield from file

    def _parquet(self, path):
        with pq.ParquetFile(path, buffer_size=BLOCK_BYTES, pre_buffer=False) as file:
            names = [name for name in self._found(file.schema_arrow.names) if name in self.wanted]
            yield from file.iter_batches(batch_size=BATCH_ROWS, columns=names, use_threads=False)

    def _found(self, names):
        missing_check(self.specs, names, self.name)
        for name in self.keep:
            if name not in names:
                raise Problem(
                    "missing_column", f"The column {name} shall be kept, and {self.name} has none of that name.",
                    column=name, expected="any", found="nothing", file=self.name,
                )  # fmt: skip
        return names

    def _features(self, table, begin, is_text):
        cast = text_cast if is_text else column_cast
        made = {
            spec.name: cast(spec, table[spec.name], self.name, begin)
            for spec in self.specs
            if spec.name in table.column_names
        }
        return pa.table(made)

    def _kept(self, table):
        made = {name: table[name] for name in self.keep}
        # A table without columns has no rows; this one is dropped when the part is written.
        return pa.table({**made, "": pa.nulls(table.num_rows)})
