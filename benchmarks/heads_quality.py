"""How well does the quality head tell what is wrong with a photo, and which shot is the best?

    python -m benchmarks.heads_quality RECIPE [--bundle BUNDLE]

Test photos, one shot each with up to three faults beside tilt, shots with one fault alone, and
bursts of five shots of one photo, with two faults each, go through the analyzer as any photo does.
Plain measures of single faults stand beside the head. Photos by others, as they are and spoiled at
full size by other filters than those it was taught with, show what the strengths mean elsewhere.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter
from scipy import ndimage
from scipy.stats import spearmanr
from skimage import data as skimage_data
from sklearn.datasets import load_sample_image

from ansa import Analyzer
from ansa.model.heads.quality import NAMES
from ansa.scene import Pixels, Quality
from ansa_train.heads.base import HeadContext, HeadRecipe, settings_of
from ansa_train.heads.quality import SHOTS, SIGNED, DegradedPhotos, QualityHead
from benchmarks.sheet import sheet, spread

TARGET = 0.85
SHOWN = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when every target is met; the page is written in any case."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--bundle", type=Path, help="not the one that ships with ansa")
    parser.add_argument("--out", type=Path, default=Path("results"))
    parser.add_argument("--sheet", type=Path, help="a file for pictures sorted by quality")
    options = parser.parse_args(arguments)
    recipe = HeadRecipe.read(options.recipe)
    analyzer = Analyzer(options.bundle)
    image = analyzer.bundle.manifest.image
    head = QualityHead(
        HeadContext(recipe.data, recipe.cache / "quality", image.size, recipe.seed),
        settings_of(QualityHead, recipe),
    )
    pictures = head.pictures("test")
    pixels = [pictures.render(i, image.size) for i in range(len(pictures))]
    found = [look(analyzer, each) for each in pixels]
    # The head's own measure, on what the analyzer gave.
    metrics = head.measure(np.array(found, object), lambda quality: quality, "test")
    lines = [
        f"# {(__doc__ or '').partition(chr(10))[0]}",
        "",
        "`python -m benchmarks.heads_quality RECIPE [--bundle BUNDLE]`, "
        f"{datetime.now(UTC).date().isoformat()}, bundle {analyzer.bundle.manifest.name}"
        f" ({analyzer.bundle.id[:12]}).",
        "",
        *faults_table(metrics, pictures, pixels),
        "",
        *bursts_text(metrics, pictures),
        "",
        *others_table(analyzer),
    ]
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "head-quality.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    if options.sheet:
        overall = [quality.overall for quality in found]
        shown = spread(overall, SHOWN)
        page = sheet([pixels[i] for i in shown], [f"{overall[i]:.2f}" for i in shown])
        page.save(options.sheet)
    return 0 if all(metrics[f"{name}_spearman"] >= TARGET for name in NAMES) else 1


def look(analyzer: Analyzer, pixels: Pixels) -> Quality:
    """What the bundle says of a picture."""
    scene = analyzer.analyze(pixels)
    if scene.quality is None:
        raise SystemExit(f"the bundle gives no quality: {scene.missing.get('quality')}")
    return scene.quality


def faults_table(
    metrics: Mapping[str, float], pictures: DegradedPhotos, pixels: Sequence[Pixels]
) -> Iterator[str]:
    """Each fault, among the single shots that have it."""
    true = pictures.strengths[: pictures.singles]
    plain = plain_measures(pixels[: pictures.singles])
    keys = {shot.sample.key for shot in pictures.shots}
    yield (
        f"{pictures.singles} single shots of {len(keys)} test photos. Spearman's correlation and "
        "mean absolute error are of shots that have the fault, whatever else they have; absent is "
        "the mean strength claimed where it is not; sign, of shots with more than a fifth of the "
        f"strongest. Alone is the correlation over {pictures.alone} more shots with this fault and "
        "no other. Tilt is in degrees, -20 to 20, all else -1 or 0 to 1. Strengths are of the "
        "square that the network sees (docs/design.md)."
    )
    yield ""
    yield (
        "| fault | shots | Spearman | target | alone | target "
        "| a plain measure's | mean error | absent | sign |"
    )
    yield "|---|---:|---:|---|---:|---|---:|---:|---:|---:|"
    for i, name in enumerate(NAMES):
        has = true[:, i] != 0
        ranks = [metrics[f"{name}_{how}"] for how in ("spearman", "alone_spearman")]
        judged = " | ".join(
            f"{rank:.3f} | {TARGET} {'met' if rank >= TARGET else '**missed**'}" for rank in ranks
        )
        beside = ""
        if name in plain:
            measured = abs(spearmanr(plain[name][has], true[has, i]).statistic)
            beside = f"{measured:.3f}"
        sign = f"{metrics[f'{name}_sign']:.1%}" if name in SIGNED else ""
        yield (
            f"| {name} | {int(has.sum())} | {judged} | {beside} "
            f"| {metrics[f'{name}_error']:.3f} | {metrics[f'{name}_absent']:.3f} | {sign} |"
        )
    yield ""
    yield (
        "Plain measures: variance of the Laplacian (focus, motion), median of the finest wavelet "
        "(noise), jumps at multiples of 8 pixels (compression), mean brightness (exposure)."
    )


def bursts_text(metrics: Mapping[str, float], pictures: DegradedPhotos) -> Iterator[str]:
    """How bursts are ranked by ``overall``."""
    yield (
        f"{pictures.bursts} bursts of {SHOTS} shots: the least degraded one leads in "
        f"{metrics['burst_top1']:.1%} (by chance {1 / SHOTS:.0%}), pairs are in the right order in "
        f"{metrics['burst_pairs']:.1%} (by chance 50%). The true order is by the same formula of "
        "the true strengths. Over the single shots, the overall quality correlates with it at "
        f"{metrics['overall_spearman']:.3f}; its median on shots without a fault is "
        f"{metrics['overall_flawless']:.2f}. Of the clearly blurred shots "
        f"{metrics['blur_found']:.1%} are called blurred, of {len(pictures.soft)} sharp subjects "
        "before soft backgrounds "
        f"{metrics.get('soft_called_blurred', 0.0):.1%}."
    )


def others_table(analyzer: Analyzer) -> Iterator[str]:
    """Photos that come with scikit-image and scikit-learn, spoiled by Pillow at full size."""
    photos = [
        Image.fromarray(pixels)
        for pixels in (
            skimage_data.astronaut(),  # type: ignore[no-untyped-call]
            skimage_data.chelsea(),  # type: ignore[no-untyped-call]
            skimage_data.coffee(),  # type: ignore[no-untyped-call]
            skimage_data.rocket(),  # type: ignore[no-untyped-call]
            load_sample_image("china.jpg"),
            load_sample_image("flower.jpg"),
        )
    ]
    yield (
        f"Means over {len(photos)} photos that come with scikit-image and scikit-learn, 427 to 640 "
        "pixels wide, spoiled at full size."
    )
    yield ""
    yield f"| | {' | '.join(NAMES)} | overall |"
    yield "|---|" + "---:|" * (len(NAMES) + 1)
    for name in others(photos[0]):
        found = [look(analyzer, np.asarray(others(photo)[name])) for photo in photos]
        means = [np.mean([getattr(quality, each) for quality in found]) for each in NAMES]
        means.append(np.mean([quality.overall for quality in found]))
        shown = [f"{mean:.1f}" if i == 5 else f"{mean:.2f}" for i, mean in enumerate(means)]
        yield f"| {name} | {' | '.join(shown)} |"


def others(photo: Image.Image) -> dict[str, Image.Image]:
    """A photo as it is, and spoiled by other filters than those that the head was taught with."""
    noise = np.random.default_rng(0).normal(0, 40, (photo.height, photo.width, 3))
    stream = BytesIO()
    photo.save(stream, "JPEG", quality=5)
    width, height = photo.size
    cut = (width // 7, height // 7, width - width // 7, height - height // 7)
    return {
        "as it is": photo,
        "Gaussian blur, 3 px": photo.filter(ImageFilter.GaussianBlur(3)),
        "Gaussian blur, 8 px": photo.filter(ImageFilter.GaussianBlur(8)),
        "moved 25 px sideways": moved(photo, 25),
        "noise of deviation 40": Image.fromarray(
            np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8)
        ),
        "JPEG of quality 5": Image.open(stream).convert("RGB"),
        "a third as bright": ImageEnhance.Brightness(photo).enhance(0.33),
        "twice as bright": ImageEnhance.Brightness(photo).enhance(2.0),
        "turned 10 degrees clockwise": photo.rotate(-10, Image.Resampling.BICUBIC).crop(cut),
        "turned 10 degrees back": photo.rotate(10, Image.Resampling.BICUBIC).crop(cut),
    }


def moved(photo: Image.Image, trail: int) -> Image.Image:
    """As if the camera had turned while the shutter was open."""
    blurred = ndimage.uniform_filter1d(np.asarray(photo, np.float32), trail, axis=1)
    return Image.fromarray(blurred.astype(np.uint8))


def plain_measures(pixels: Sequence[Pixels]) -> dict[str, NDArray[np.float64]]:
    """What needs no learning, (pictures,) each."""
    grey = [each.astype(np.float64).mean(2) for each in pixels]
    sharp = np.array([ndimage.laplace(each).var() for each in grey])
    # The diagonal detail of the Haar wavelet, whose median is little moved by edges.
    details = [(g[::2, ::2] - g[1::2, ::2] - g[::2, 1::2] + g[1::2, 1::2]) / 2 for g in grey]
    return {
        "defocus_blur": sharp,
        "motion_blur": sharp,
        "noise": np.array([np.median(np.abs(detail)) for detail in details]),
        "compression_artifacts": np.array([blocks(each) for each in grey]),
        "exposure": np.array([each.mean() for each in grey]),
    }


def blocks(grey: NDArray[np.float64]) -> float:
    """How much the jumps between columns stand out at the offset of 8 where they do most."""
    jumps = np.abs(np.diff(grey, axis=1)).mean(0)
    by_offset = [jumps[offset::8].mean() for offset in range(8)]
    return float(max(by_offset) / (np.mean(by_offset) + 1e-9))


if __name__ == "__main__":
    sys.exit(main())
