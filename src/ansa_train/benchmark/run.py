"""The whole measurement of a bundle, in one run: what stands side by side takes turns."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import onnx
from PIL import Image

from ansa.model.analyzer import Analyzer
from ansa.model.bundle import Bundle
from ansa.model.variants import FLOAT, variants_of
from ansa.processors import processor_count
from ansa_train.benchmark import roofline
from ansa_train.benchmark.budget import Budget, BudgetRow, BundlePart, StartTimes, Times
from ansa_train.benchmark.cold_start import ColdStart, empty, start
from ansa_train.benchmark.machine import interleaved, machine
from ansa_train.benchmark.model_size import Feeds, multiply_adds, parameters, zeros
from ansa_train.benchmark.variants import (
    BenchmarkVariant,
    image_bytes,
    image_network,
    in_float32,
    text_bytes,
    variant_bytes,
    whole_bytes,
)
from ansa_train.export.bundle import put_heads

QUERY = "a black dog runs along a sandy beach"
SHIPPED, FLOAT32, EACH = "as shipped", "in float32", "a network for each task"
_PHOTO = 1600, 1200

Call = Callable[[], object]
Seconds = Mapping[str, Sequence[float]]


@dataclass(frozen=True, slots=True)
class BenchmarkSettings:
    """How often and how much a benchmark measures.

    Attributes:
        rounds: turns that everything has each time it is loaded.
        repeats: how often everything is loaded anew, and how many fresh processes are started.
        burst: calls in one turn.
        tries: of every product that shows what the machine can do.
    """

    rounds: int = 10
    repeats: int = 3
    burst: int = 10
    tries: int = 12


def measure(
    bundle: Bundle,
    against: Sequence[Bundle] = (),
    settings: BenchmarkSettings | None = None,
    *,
    command: str = "ansa benchmark",
    progress: Callable[[str], object] = lambda what: None,
) -> Budget:
    """Measures a bundle, and beside it some others.

    Args:
        bundle: measured whole.
        against: older bundles, or what it was before it was compressed, for time, memory and disk;
            the first one's text network in float32 is what a query is held against.
        settings: how much is measured.
        command: that was given, for the page.
        progress: is told what comes next.
    """
    settings = settings or BenchmarkSettings()
    on = machine()
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        progress("taking the bundle apart")
        names = [name for name in bundle.manifest.heads if name != "embedding"]
        alone = put_heads(bundle, [], folder / "alone", keep=[])
        cuts = [put_heads(bundle, [], folder / f"only-{name}", keep=[name]) for name in names]
        shipped = BenchmarkVariant(SHIPPED, (bundle,), shipped=True)
        other_forms = [
            BenchmarkVariant(f"{SHIPPED}, variant {name!r}", (bundle,), name, shipped=True)
            for name in variants_of(bundle)
            if name != FLOAT
        ]
        plain = BenchmarkVariant(FLOAT32, (in_float32(bundle, folder / "float32"),))
        each = BenchmarkVariant(EACH, (alone, *cuts))
        others: list[BenchmarkVariant] = []
        plain_others: list[BenchmarkVariant] = []
        for place, other in enumerate(against):
            name = other.path.resolve().name
            if any(name == variant.name for variant in others):
                name = f"{name} {other.id[:6]}"
            others.append(BenchmarkVariant(name, (other,)))
            unpacked = in_float32(other, folder / f"other-{place}")
            plain_others.append(BenchmarkVariant(f"{name} in float32", (unpacked,)))
        images = [shipped, *other_forms, plain, each, *others]
        texts = [shipped, plain, *others, *plain_others]
        apart = [
            BenchmarkVariant(f"only {n}", (b,))
            for n, b in zip(["embedding", *names], [alone, *cuts], strict=True)
        ]

        progress("what the machine can do")
        peaks = [roofline.measure(n, settings.tries) for n in (1, processor_count())]
        progress("photos, one thread")
        look_one = _time([*images, *apart], _look, 1, settings)
        progress("photos, all threads")
        look_all = _time(images, _look, processor_count(), settings)
        progress("texts, one thread")
        read_one = _time(texts, _read, 1, settings)
        progress("texts, all threads")
        read_all = _time(texts, _read, processor_count(), settings)
        progress("what the machine can do, once more")
        one, every = (peak.best(roofline.measure(peak.threads, settings.tries)) for peak in peaks)
        progress("fresh processes")
        photo = _photo_file(folder)
        return Budget(
            command=command,
            bundle=f"{bundle.manifest.name} {bundle.id[:12]}",
            machine=on,
            query=QUERY,
            peaks=(one, every),
            images=[_image_row(v, photo, look_one, look_all, settings) for v in images],
            texts=[_text_row(v, read_one, read_all, settings) for v in texts],
            parts=list(_parts(apart, look_one)),
            image_disk=image_bytes(bundle),
            disk=whole_bytes(bundle),
            start=_start(bundle, photo, settings),
            empty=float(np.median([empty() for _ in range(settings.repeats)])),
            dense=(plain_others or [plain])[0].name,
        )


def _time(
    variants: Sequence[BenchmarkVariant],
    use: Callable[[BenchmarkVariant, int], Call],
    threads: int,
    settings: BenchmarkSettings,
) -> Seconds:
    """Seconds of every call, everything loaded anew for every repeat: where weights come to lie in
    memory changes the time of a network by up to a tenth."""
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(settings.repeats):
        calls = {variant.name: use(variant, threads) for variant in variants}
        for name, seconds in interleaved(calls, settings.rounds, settings.burst).items():
            times[name] += seconds
    return times


def _look(variant: BenchmarkVariant, threads: int) -> Call:
    """Runs the image networks on a photo of noise."""
    runs = []
    for bundle in variant.bundles:
        session = Analyzer(bundle, threads=threads, variant=variant.network)._image()
        runs.append(partial(session.run, None, _photo(bundle, noise=True)))
    return partial(_in_turn, runs)


def _read(variant: BenchmarkVariant, threads: int) -> Call:
    """Reads a text, from its letters to its vector."""
    (bundle,) = variant.bundles
    return partial(Analyzer(bundle, threads=threads).embed_text, QUERY)


def _in_turn(runs: Sequence[Call]) -> None:
    for run in runs:
        run()


def _photo(bundle: Bundle, noise: bool = False) -> Feeds:
    image = bundle.manifest.image
    shape = 1, image.size, image.size, 3
    if not noise:
        return {image.input: np.zeros(shape, np.uint8)}
    return {image.input: np.random.default_rng(0).integers(0, 256, shape, np.uint8)}


def _tokens(bundle: Bundle) -> Feeds:
    count = len(Analyzer(bundle)._tokenizer().encode(QUERY).ids)
    return dict.fromkeys(bundle.manifest.text.inputs, np.ones((1, count), np.int64))


def _image_row(
    variant: BenchmarkVariant,
    photo: Path,
    one: Seconds,
    every: Seconds,
    settings: BenchmarkSettings,
) -> BudgetRow:
    models = [image_network(bundle, variant.network) for bundle in variant.bundles]
    feeds = [_photo(bundle) for bundle in variant.bundles]
    first, *more = variant.bundles
    # What heads need beside the networks is there once.
    networks = (b.manifest.files[b.manifest.image.file].bytes for b in more)
    size = variant_bytes(first, variant.network) + sum(networks)
    began = [_began(variant, photo=photo) for _ in range(settings.repeats)]
    return _row(variant, models, feeds, size, began, one, every)


def _text_row(
    variant: BenchmarkVariant, one: Seconds, every: Seconds, settings: BenchmarkSettings
) -> BudgetRow:
    (bundle,) = variant.bundles
    models = [onnx.load_from_string(bundle.read(bundle.manifest.text.file))]
    began = [_began(variant, query=QUERY) for _ in range(settings.repeats)]
    return _row(variant, models, [_tokens(bundle)], text_bytes(bundle), began, one, every)


def _began(variant: BenchmarkVariant, *, photo: Path | None = None, query: str = "") -> ColdStart:
    paths = [bundle.path for bundle in variant.bundles]
    return start(paths, {"variant": variant.network}, look=not query, photo=photo, query=query)


def _row(
    variant: BenchmarkVariant,
    models: Sequence[onnx.ModelProto],
    feeds: Sequence[Feeds],
    size: int,
    began: Sequence[ColdStart],
    one: Seconds,
    every: Seconds,
) -> BudgetRow:
    return BudgetRow(
        name=variant.name,
        shipped=variant.shipped,
        disk=size,
        parameters=sum(map(parameters, models)),
        zeros=float(np.mean([zeros(model) for model in models])),
        multiply_adds=sum(map(multiply_adds, models, feeds)),
        peak=float(np.median([each.peak - each.runtime for each in began])),
        networks=float(np.median([each.peak - each.imported for each in began])),
        process=float(np.median([each.peak for each in began])),
        one=_times(one[variant.name]),
        every=_times(every[variant.name]),
    )


def _times(seconds: Sequence[float]) -> Times:
    return Times(float(np.median(seconds)), float(np.percentile(seconds, 95)))


def _parts(apart: Sequence[BenchmarkVariant], seconds: Seconds) -> Iterator[BundlePart]:
    """The embedding alone, then what each other head adds to it."""
    base = BundlePart("", 0, 0, 0, 0.0)
    for variant in apart:
        (bundle,) = variant.bundles
        file = bundle.manifest.image.file
        model = onnx.load_from_string(bundle.read(file))
        part = BundlePart(
            variant.name.removeprefix("only "),
            parameters(model) - base.parameters,
            multiply_adds(model, _photo(bundle)) - base.multiply_adds,
            bundle.manifest.files[file].bytes - base.disk,
            float(np.median(seconds[variant.name])) - base.seconds,
        )
        base = base if base.name else part
        yield part


def _photo_file(folder: Path) -> Path:
    wide, high = _PHOTO
    noise = np.random.default_rng(0).integers(0, 256, (high // 8, wide // 8, 3), np.uint8)
    Image.fromarray(noise).resize(_PHOTO).save(folder / "photo.jpg", quality=90)
    return folder / "photo.jpg"


def _start(bundle: Bundle, photo: Path, settings: BenchmarkSettings) -> StartTimes:
    began = [
        start([bundle.path], {"variant": FLOAT}, photo=photo, query=QUERY)
        for _ in range(max(3, settings.repeats))
    ]
    return StartTimes(
        float(np.median([each.imports for each in began])),
        float(np.median([each.photo for each in began])),
        float(np.median([each.text for each in began])),
    )
