from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from ansa_train.models import narrow_types
from ansa_train.models.minilm import MiniLM
from ansa_train.models.presets import build_image
from ansa_train.train.precision import MixedPrecisionEncoder, Precision, scaler

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _bfloat16(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processors without bfloat16 imitate it here, which is slow but right."""
    monkeypatch.setattr(narrow_types, "has_bfloat16", lambda device: True)


def _inputs() -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    ids = torch.randint(3, 50, (3, 7))
    mask = torch.ones_like(ids)
    mask[0, 4:] = 0
    return torch.randn(2, 3, 64, 64), ids, mask


def _encode(image: Precision, text: Precision, *, recompute: bool = False) -> MixedPrecisionEncoder:
    torch.manual_seed(1)
    backbone = build_image("tiny")
    tower = MiniLM(8, vocabulary=60, width=24, layers=2, heads=2, positions=16)
    backbone.recompute = tower.recompute = recompute
    return MixedPrecisionEncoder(backbone, tower, 0, image, text)


def test_each_side_computes_in_its_own_precision_and_gives_float32() -> None:
    encode = _encode("fp32", "bf16")
    kinds: dict[str, torch.dtype] = {}
    conv = next(m for m in encode.image.modules() if isinstance(m, nn.Conv2d))
    conv.register_forward_hook(lambda *call: kinds.update(image=call[2].dtype))
    layer = encode.text.layers[0].get_submodule("query")  # type: ignore[union-attr]
    layer.register_forward_hook(lambda *call: kinds.update(text=call[2].dtype))
    features, texts = encode(*_inputs())
    assert kinds == {"image": torch.float32, "text": torch.bfloat16}
    assert features.dtype == texts.dtype == torch.float32


def test_bfloat16_stays_close_to_float32() -> None:
    exact, rounded = _encode("fp32", "fp32")(*_inputs()), _encode("bf16", "bf16")(*_inputs())
    for one, other in zip(exact, rounded, strict=True):
        assert torch.cosine_similarity(one, other).min() > 0.995
        assert not torch.equal(one, other)


def test_computing_activations_again_gives_the_same_gradients() -> None:
    gradients = []
    for recompute in (False, True):
        encode = _encode("fp32", "fp32", recompute=recompute)
        features, texts = encode(*_inputs())
        (features.square().sum() + (texts @ texts.T).sum()).backward()
        gradients.append({name: p.grad for name, p in encode.named_parameters()})
    torch.testing.assert_close(gradients[1], gradients[0])


def test_no_texts_at_all_still_have_gradients_to_share() -> None:
    encode = _encode("fp32", "bf16")
    none = torch.zeros(0, 1, dtype=torch.int64)
    features, texts = encode(_inputs()[0], none, none)
    assert texts.shape == (0, 8)
    (features.sum() + texts.sum()).backward()
    assert all(p.grad is not None for p in encode.parameters())


def test_a_float16_step_that_overflows_is_skipped_and_the_scale_lowered() -> None:
    weight = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([weight], lr=0.5)
    scale = scaler(CPU, "fp32", "fp16")
    before = scale.get_scale()
    for bad in (True, False):
        optimizer.zero_grad()
        loss = (weight * (float("inf") if bad else 1.0)).sum()
        scale.scale(loss).backward()  # type: ignore[no-untyped-call]
        scale.step(optimizer)
        scale.update()
        assert weight.tolist() == ([1.0, 1.0] if bad else [0.5, 0.5])
    assert scale.get_scale() < before
    assert not scaler(CPU, "fp32", "bf16").is_enabled()
