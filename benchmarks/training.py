"""What do the switches of pretraining cost, and what do they save?

    python -m benchmarks.training

The real command trains from scratch on drawn photos, once for each setting, each in a process of
its own: photos a second over its steps, and the most memory that a process had resident.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from ansa.processors import processor_count
from ansa_train.benchmark.question_report import QuestionReport, parse

_RECIPES = Path(__file__).parents[1] / "recipes"
_RECIPE = """
data = "shards"
folder = "run"
architecture = "{image}"
text = "tiny"
warm_start = false
dim = 256
image_size = {side}
max_tokens = 32
frozen = 0
frozen_layers = 0
batch = {batch}
shuffle = 512
threads = 1
captions = 1
align_steps = 0
steps = {steps}
evaluate_every = {steps}
weight_teacher = 0.0
weight_classifier = 0.0
weight_synthetic = 0.0
weight_labels = 0.0
{switches}
"""
_EXACT = 'precision_text = "fp32"'
_HALF_TEXT = 'precision_text = "bf16"'


@dataclass(frozen=True, slots=True)
class Trained:
    """What one run took.

    Attributes:
        photos: a second, of all processes.
        peak: resident bytes of the largest process at its largest.
    """

    photos: float
    peak: int


def main(
    arguments: Sequence[str] | None = None,
    image: str = "mobilenetv3",
    some: Collection[str] | None = None,
) -> int:
    """Measures and writes the report.

    Args:
        arguments: of the command.
        image: the image network.
        some: the switches to measure; all if left out.
    """
    options = parse(__doc__, arguments, batch=96, side=160, steps=8)
    report = QuestionReport("training", __doc__, options)
    part = f"micro_batch = {max(1, options.batch // 4)}"
    again = "checkpointing = true"
    settings = {
        "everything off": _EXACT,
        "gradient checkpointing": f"{_EXACT}\n{again}",
        "accumulation, a quarter of the batch at once": f"{_EXACT}\n{part}",
        "checkpointing and accumulation": f"{_EXACT}\n{again}\n{part}",
        "bfloat16 text": _HALF_TEXT,
        "bfloat16 image and text": f'{_HALF_TEXT}\nprecision_image = "bf16"',
    }
    if some is not None:
        settings = {
            name: lines for name, lines in settings.items() if name in some or lines == _EXACT
        }

    def recipe(switches: str) -> str:
        return _RECIPE.format(image=image, switches=switches, **options.sizes)

    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        _write_shards(folder, options.batch * 2)
        runs = {
            name: _train(folder, recipe(switches), processor_count())
            for name, switches in settings.items()
        }
        plain = recipe(_EXACT)
        runs["one process, one thread"] = _train(folder, plain, 1)
        runs["two processes, one thread each"] = _train(folder, plain, 1, processes=2)
    usual = runs["everything off"]
    for name, run in runs.items():
        report.add(f"{name}: speed", run.photos, "photos/s")
        report.add(f"{name}: peak memory of a process", run.peak / 1e6, "MB")
    for name in settings:
        if runs[name] is not usual:
            report.add(f"{name} / everything off, memory", runs[name].peak / usual.peak)
            report.add(f"{name} / everything off, speed", runs[name].photos / usual.photos)
    scaled = runs["two processes, one thread each"].photos / runs["one process, one thread"].photos
    report.add("two processes / one, speed", scaled)
    report.note(
        f"{image} at {options.side} pixels and a small text network, {options.batch}"
        f" photos a step, {options.steps} steps; {processor_count()} threads unless another number"
        " is given. Memory includes the interpreter and torch, weights and the optimizer's state."
        " The batch is that of all processes."
    )
    report.note("float16 is for GPUs; this processor has no arithmetic for it.")
    return report.write()


def _write_shards(folder: Path, count: int) -> None:
    """Drawn photos with captions, as shards."""
    draw = [str(_RECIPES / "speedrun_photos.py"), "photos", "captions.csv", str(count)]
    build = ["-m", "ansa", "data", "build", "captions.csv", "--out", "shards", "--json"]
    for command in (draw, [*build, "--dedupe", "exact"]):
        subprocess.run([sys.executable, *command], cwd=folder, check=True, capture_output=True)


def _train(folder: Path, recipe: str, threads: int, processes: int = 1) -> Trained:
    """One run from its beginning."""
    (folder / "recipe.toml").write_text(recipe)
    for left in (folder / "run").glob("*"):
        left.unlink()
    command = ["-m", "ansa", "train", "pretrain", "recipe.toml", "--json"]
    if processes > 1:
        launch = ["-m", "torch.distributed.run", "--standalone"]
        command = [*launch, "--nproc-per-node", str(processes), *command]
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process.stdout as stdout:
        said = stdout.read()
    _, status, used = os.wait4(process.pid, 0)  # with what its own children used at most
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, recipe
    return Trained(json.loads(said)["photos_per_second"], used.ru_maxrss * 1024)


if __name__ == "__main__":
    sys.exit(main())
