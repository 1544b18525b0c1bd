"""Networks in ncnn's two files for tests, written layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HALF = (0x01306B47).to_bytes(4, "little")


class Network:
    """Collects layers; each call gives the name of what it made."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.weights = b""

    def layer(
        self, kind: str, inputs: Sequence[str], outputs: Sequence[str], settings: str = ""
    ) -> str:
        counts = f"{len(inputs)} {len(outputs)}"
        name = f"{kind}_{len(self.lines)}"
        self.lines.append(" ".join([kind, name, counts, *inputs, *outputs, settings]).strip())
        return outputs[0]

    def convolution(
        self,
        entry: str,
        output: str,
        weight: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        settings: str = "",
        half: bool = True,
    ) -> str:
        """``weight`` is (channels out, channels in of a group, side, side)."""
        depthwise = " 7=" in f" {settings}"
        said = f"0={len(weight)} 1={weight.shape[-1]} 5={int(bias is not None)} 6={weight.size}"
        kind = "ConvolutionDepthWise" if depthwise else "Convolution"
        kept = weight.astype("<f2" if half else "<f4").tobytes()
        self.weights += (HALF if half else bytes(4)) + kept + bytes(-len(kept) % 4)
        if bias is not None:
            self.weights += bias.astype("<f4").tobytes()
        return self.layer(kind, [entry], [output], f"{said} {settings}")

    def save(self, param: Path) -> Path:
        param.parent.mkdir(parents=True, exist_ok=True)
        head = ["7767517", f"{len(self.lines)} {len(self.lines)}"]
        param.write_text("\n".join(head + self.lines) + "\n")
        param.with_suffix(".bin").write_bytes(self.weights)
        return param


def write_detector(param: Path, seed: int = 0) -> Path:
    """A detector with NanoDet-Plus's input and output: one random convolution for each grid."""
    rng = np.random.default_rng(seed)
    network = Network()
    photo = network.layer("Input", [], ["data"])
    grids = []
    bias = np.concatenate([np.full(80, -3.0), np.zeros(32)]).astype(np.float32)
    for stride in (8, 16, 32, 64):
        weight = rng.normal(0, 0.6, (112, 3, 1, 1)).astype(np.float32)
        seen = network.convolution(photo, f"seen{stride}", weight, bias, f"3={stride}")
        network.layer("Slice", [seen], [f"a{stride}", f"b{stride}"], "-23300=2,80,-233")
        scores = network.layer("Sigmoid", [f"a{stride}"], [f"scores{stride}"])
        both = network.layer("Concat", [scores, f"b{stride}"], [f"both{stride}"])
        grids.append(network.layer("Reshape", [both], [f"grid{stride}"], "0=-1 1=112"))
    all_ = network.layer("Concat", grids, ["all"], "0=1")
    network.layer("Permute", [all_], ["output"], "0=1")
    return network.save(param)
