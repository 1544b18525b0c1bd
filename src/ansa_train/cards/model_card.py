"""The model card of a bundle, from its manifest and its measured slices.

Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansa.model.bundle import Bundle
from ansa.names import printable
from ansa_train.errors import TrainingError

TEMPLATE = """\
# Model card: {name}

{details}

## Meant for

Say here what the model is meant for, and what it is not meant for.

## Heads

{heads}

## Under which conditions it is worse

{slices}

## Training data

{data}

## Compared with its predecessor

{comparison}

## Licences

{licences}

## Limits

Say here what the figures do not show.
"""
"""A new card: the headings of the paper, generated parts, and room for people's paragraphs."""

_WORST = 15


def model_parts(bundle: Bundle, slices: Mapping[str, Any] | None) -> dict[str, str]:
    """The generated parts of a card by name.

    Args:
        bundle: the model.
        slices: what ``ansa evaluate --slices --out`` wrote as JSON, or None.

    Raises:
        TrainingError: the slices are of another bundle, or no such JSON.
    """
    return {
        "details": _details(bundle),
        "heads": "\n".join(_heads(bundle)),
        "slices": "\n".join(_slices(bundle, slices)) if slices else "Slices were not measured.",
        "data": "\n".join(_training(bundle)),
        "comparison": "\n".join(_comparison(bundle)),
        "licences": "\n".join(_licences(bundle)),
    }


def _details(bundle: Bundle) -> str:
    manifest = bundle.manifest
    size = sum(entry.bytes for entry in manifest.files.values())
    forms = ", ".join(["float", *manifest.image.forms])
    return "\n".join(
        [
            "| | |",
            "|---|---|",
            f"| name | {_plain(manifest.name)} |",
            f"| id | `{bundle.id[:12]}` |",
            f"| made | {_plain(manifest.created)} |",
            f"| size | {size / 1e6:.1f} MB in {len(manifest.files)} files |",
            f"| photos | resized to {manifest.image.size} x {manifest.image.size} pixels |",
            f"| variants of the image network | {_plain(forms)} |",
            f"| texts | up to {manifest.text.max_tokens} tokens |",
            f"| vectors | {manifest.heads['embedding'].shape[0]} numbers |",
        ]
    )


def _heads(bundle: Bundle) -> Iterator[str]:
    yield "| signal | version | output | measured on `dev` photos |"
    yield "|---|---|---|---|"
    for name, head in sorted(bundle.manifest.heads.items()):
        metrics = bundle.manifest.metrics.get(name, {})
        numbers = {k: v for k, v in metrics.items() if isinstance(v, (int, float))}
        told = ", ".join(f"{_plain(k)} {v:.3g}" for k, v in list(numbers.items())[:8])
        shape = " x ".join(map(str, head.shape))
        yield f"| {_plain(name)} | {head.version} | {shape} | {told} |"


def _slices(bundle: Bundle, slices: Mapping[str, Any]) -> Iterator[str]:
    try:
        if bundle.id[:12] not in slices["bundle"]:
            raise TrainingError(
                f"the slices are of {slices['bundle']!a}, not of {bundle.id[:12]}; measure them "
                "again with `ansa evaluate --slices`"
            )
        rows = [
            (figure["gap"]["high"], each["name"], metric, figure)
            for each in slices["slices"]
            for metric, figure in each["figures"].items()
            if figure["behind"]
        ]
        yield f"Percent on {slices['photos']:,} photos of the `{slices['split']}` split, made by"
        yield ""
        yield f"    {_plain(slices['command'])}"
        yield ""
        yield "| metric | all photos |"
        yield "|---|---|"
        for metric, figure in slices["overall"].items():
            yield f"| {_plain(metric)} | {_interval(figure)} |"
        yield ""
        yield "The surest losses beside other photos of the same sources:"
        yield ""
        yield "| slice | metric | photos | slice | other photos |"
        yield "|---|---|---|---|---|"
        for _, name, metric, figure in sorted(rows, key=lambda row: row[:3])[:_WORST]:
            cells = (_interval(figure["slice"]), _interval(figure["rest"]))
            about = f"{_plain(name)} | {_plain(metric)} | {figure['photos']:,}"
            yield f"| {about} | {' | '.join(cells)} |"
        empty = [each["name"] for each in slices["slices"] if not each["figures"]]
        if empty:
            yield ""
            yield f"Of these there were too few photos: {_plain(', '.join(empty))}."
    except (KeyError, TypeError, AttributeError) as error:
        raise TrainingError(
            f"the slices are not what `ansa evaluate --slices --out` writes ({error!r})"
        ) from error


def _training(bundle: Bundle) -> Iterator[str]:
    training = bundle.manifest.training
    photos = training.get("photos")
    if not isinstance(photos, Mapping) or not photos:
        yield "The bundle does not say what it was trained on."
        return
    if "recipe" in training:
        steps = training.get("steps")
        yield f"By the recipe `{_plain(str(training['recipe']))}`" + (
            f", in {steps:,} steps." if isinstance(steps, int) else "."
        )
        yield ""
    yield "| source | photos |"
    yield "|---|---|"
    for source, number in sorted(photos.items()):
        yield f"| {_plain(str(source))} | {int(number):,} |"


def _comparison(bundle: Bundle) -> Iterator[str]:
    compared = bundle.manifest.training.get("compared")
    if not isinstance(compared, Mapping):
        yield "It was not compared with a predecessor."
        return
    losses: Sequence[Mapping[str, Any]] = compared.get("losses", [])
    yield (
        f"Compared with {_plain(str(compared.get('predecessor')))} in {compared.get('figures')} "
        f"figures and {compared.get('cases')} cases: {len(losses)} losses, all accepted."
    )
    for loss in losses:
        told = ": ".join(str(loss.get(name)) for name in ("name", "said", "accepted"))
        yield f"- {_plain(told)}"


def _licences(bundle: Bundle) -> Iterator[str]:
    found = {str(k): str(v) for k, v in bundle.manifest.licences.items()}
    if not found:
        yield "The bundle names no licences."
        return
    yield "| part | licence |"
    yield "|---|---|"
    for part, licence in sorted(found.items()):
        yield f"| `{_plain(part)}` | {_plain(licence)} |"


def _interval(figure: Mapping[str, Any]) -> str:
    if figure["value"] is None:
        return ""
    return f"{figure['value']:.1f} ({figure['low']:.1f} to {figure['high']:.1f})"


def _plain(text: str) -> str:
    return printable(text).replace("|", r"\|").replace("<", "&lt;")
