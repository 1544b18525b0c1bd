"""CSV, TSV and Parquet: a column of paths (Parquet: or of encoded photos), one of captions.

Rows that name the same photo give it several captions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ansa.photo.formats import SUFFIXES
from ansa_train.data.builder.readers.csv_rows import csv_rows
from ansa_train.data.builder.readers.source_paths import SourceFolder
from ansa_train.data.builder.records import FoundPhoto, PhotoLocation, Record, Refusal, said
from ansa_train.errors import TrainingError

PHOTO = ("image", "image_path", "path", "file", "file_name", "filename", "filepath", "photo")
BYTES = ("image", "image_bytes", "bytes", "jpg", "jpeg", "png", "webp", "photo")
TEXT = ("caption", "captions", "text", "texts", "sentence", "sentences", "description", "title")
LABEL = ("label", "labels", "class", "category")


def read(source: SourceFolder) -> Iterator[Record]:
    """Yields the photo and the captions of every row.

    Raises:
        TrainingError: columns are missing, or the file is no table.
    """
    if source.path.suffix.lower() == ".parquet":
        return _parquet(source)
    return _text(source)


def _text(source: SourceFolder) -> Iterator[Record]:
    def columns(header: Sequence[str]) -> tuple[str, str, str]:
        photo = _column(source, header, source.photo_column, PHOTO)
        text = _column(source, header, source.text_column, TEXT)
        label = _column(source, header, source.label_column, LABEL)
        _check(source, header, photo, text or label)
        if header.count(photo) > 1:
            raise TrainingError(f"{source.path} has two columns {photo!r}; give one another name")
        return photo, text, label

    def fits(header: Sequence[str]) -> bool:
        try:
            columns(header)
        except TrainingError:
            return False
        return True

    def is_row(header: Sequence[str], cells: Sequence[str]) -> bool:
        if len(cells) != len(header):
            return False
        return Path(cells[header.index(columns(header)[0])]).suffix.lower() in SUFFIXES

    rows = csv_rows(source.path, fits, is_row)
    first = next(rows, None)
    if first and first.problem:
        raise TrainingError(f"{source.path}: line {first.line}: {first.problem}")
    header = first.cells if first else []
    photo, text, label = columns(header)
    for row in rows:
        name = f"{source.path.name}: line {row.line}"
        if row.problem:
            yield Refusal(name, "damaged row", row.problem)
        elif len(row.cells) != len(header):
            yield Refusal(name, "damaged row", "it has more or fewer cells than columns")
        else:
            named = list(zip(header, row.cells, strict=True))
            # Columns of one name say it several times.
            values = {
                column: [cell for name, cell in named if name == column] for column in (text, label)
            }
            place = dict(named)[photo]
            yield from _row(source, values, name, place, text, label)


def _parquet(source: SourceFolder) -> Iterator[Record]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(source.path) as file:
            schema = file.schema_arrow
            holds_bytes = {
                field.name
                for field in schema
                if pa.types.is_binary(field.type)
                or pa.types.is_large_binary(field.type)
                or (pa.types.is_struct(field.type) and field.type.get_field_index("bytes") >= 0)
            }
            paths = [name for name in schema.names if name not in holds_bytes]
            given = source.photo_column
            cell = _column(source, schema.names, given, BYTES)
            cell = cell if cell in holds_bytes else ""
            photo = "" if cell else _column(source, paths, given, PHOTO)
            text = _column(source, paths, source.text_column, TEXT)
            label = _column(source, paths, source.label_column, LABEL)
            _check(source, schema.names, cell or photo, text or label)
            number = 0
            columns = [name for name in (photo, text, label) if name]
            for batch in file.iter_batches(batch_size=256, columns=columns):
                for values in batch.to_pylist():
                    name = f"{source.path.name}: row {number}"
                    place = cell and PhotoLocation(
                        str(source.path.resolve()), row=number, column=cell
                    )
                    yield from _row(source, values, name, place or values[photo], text, label)
                    number += 1
    except (pa.ArrowException, OSError) as error:
        raise TrainingError(f"{source.path} is no Parquet file, or is damaged ({error})") from error


def _row(
    source: SourceFolder,
    values: Mapping[str, Any],
    name: str,
    photo: PhotoLocation | Any,
    text: str,
    label: str,
) -> Iterator[Record]:
    if isinstance(photo, PhotoLocation):
        key, place = source.key(f"{source.path.stem}/{photo.row}"), photo
    elif not isinstance(photo, str) or not photo:
        yield Refusal(name, "no photo", "it names no photo")
        return
    else:
        named = source.place(photo)
        if isinstance(named, Refusal):
            yield named
            return
        place = named
        key = source.key(Path(place.file).relative_to(place.root).as_posix())
    yield FoundPhoto(key, place, source.name)
    captions, labels = _texts(values.get(text)), _texts(values.get(label), numbers=False)
    yield from said(key, name, captions=captions, labels=labels)


def _texts(value: Any, numbers: bool = True) -> Sequence[Any]:
    """The cell's texts; numbers that stand for classes say nothing without their names."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    return [v for v in values if numbers or isinstance(v, str)]


def _column(source: SourceFolder, names: Sequence[str], given: str, usual: Sequence[str]) -> str:
    if given:
        if given not in names:
            raise TrainingError(
                f"{source.path} has no column {given!r}; it has {', '.join(map(repr, names))}"
            )
        return given
    lower = {name.strip().lower(): name for name in reversed(names)}
    return next((lower[name] for name in usual if name in lower), "")


def _check(source: SourceFolder, names: Sequence[str], photo: str, text: str) -> None:
    for found, what, option in ((photo, "photos", "photo"), (text, "captions or labels", "text")):
        if not found:
            raise TrainingError(
                f"{source.path} has no column of {what} by a usual name, only "
                f"{', '.join(map(repr, names)) or 'nothing'}; name it with --{option}-column"
            )
