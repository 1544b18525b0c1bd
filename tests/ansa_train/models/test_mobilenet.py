from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812

from ansa_train.models.block_tables import ARCHITECTURES
from ansa_train.models.mobilenet import (
    MAXIMUM,
    Activation,
    Backbone,
    InvertedResidual,
    SqueezeExcite,
    conv_norm,
    fold_norms,
    normalise,
)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_every_table_halves_five_times_and_ends_in_one_vector_a_photo(name: str) -> None:
    backbone = Backbone(name).eval()
    with torch.inference_mode():
        pixels = torch.zeros(2, 3, 64, 64)
        assert backbone.trunk(pixels).shape[2:] == (2, 2)
        assert backbone(pixels).shape == (2, backbone.features)


def test_rich_features_are_means_maxima_and_the_texture_before_the_last_halving() -> None:
    backbone = Backbone("mobilenetv3").eval()
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        last = backbone.last(backbone.trunk(pixels))
        block = backbone.trunk[12]
        assert isinstance(block, InvertedResidual)
        texture = block.expand_act(block.expand(backbone.trunk[:12](pixels)))
        mean, greatest, fine = backbone(pixels).split([1280, 1280, 672], 1)
    torch.testing.assert_close(mean, last.mean((2, 3)))
    torch.testing.assert_close(greatest, MAXIMUM * last.amax((2, 3)))
    torch.testing.assert_close(fine, texture.mean((2, 3)))


def test_a_run_cannot_start_behind_the_place_where_features_branch_off() -> None:
    with pytest.raises(ValueError, match="branch off at block 12, before 13"):
        Backbone("mobilenetv3").from_block(torch.zeros(1, 192, 2, 2), 13)


@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("stride", [1, 2])
def test_padding_is_tensorflows_same(kernel: int, stride: int) -> None:
    block = conv_norm(1, 1, kernel, stride).eval()
    size = 8
    x = torch.arange(size * size, dtype=torch.float32).view(1, 1, size, size)
    conv = block[1]
    assert isinstance(conv, nn.Conv2d)
    expected = _same_conv(x, conv.weight, stride)
    torch.testing.assert_close(block[1](block[0](x)), expected)
    assert expected.shape[2:] == (size // stride, size // stride)


def _same_conv(x: Tensor, weight: Tensor, stride: int) -> Tensor:
    """As TensorFlow documents SAME: ceil(size / stride) positions, the odd pixel at the end."""
    size, kernel = x.shape[-1], weight.shape[-1]
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    before, after = total // 2, total - total // 2
    return F.conv2d(F.pad(x, (before, after, before, after)), weight, stride=stride)


def test_squeeze_excite_gates_begin_at_exactly_one() -> None:
    x = torch.randn(2, 48, 5, 5)
    assert torch.equal(SqueezeExcite(48, 8)(x), x)


def test_squeeze_excite_learns_from_its_first_step() -> None:
    gates = SqueezeExcite(8, 4)
    gates(torch.rand(2, 8, 3, 3)).square().sum().backward()
    assert gates.expand.weight.grad is not None
    assert gates.expand.weight.grad.any()


def test_activation_goes_from_relu6_to_hard_swish() -> None:
    x = torch.linspace(-8, 8, 65)
    activation = Activation(hard_swish=True)
    assert torch.equal(activation(x), F.hardswish(x))
    activation.blend = 0.0
    assert torch.equal(activation(x), F.relu6(x))
    activation.blend = 0.25
    torch.testing.assert_close(activation(x), 0.75 * F.relu6(x) + 0.25 * F.hardswish(x))


def test_the_shallow_half_keeps_relu6() -> None:
    assert torch.equal(Activation(hard_swish=False)(torch.tensor([8.0])), torch.tensor([6.0]))


def test_activations_to_anneal_are_known_at_every_blend() -> None:
    backbone = Backbone("mobilenetv3")
    every = list(backbone.activations())
    assert len(every) > 10
    for activation in every:
        activation.blend = 0.0
    assert list(backbone.activations()) == every
    assert len(copy.deepcopy(backbone).activations()) == len(every)


def test_a_backbone_without_hard_swish_has_nothing_to_anneal() -> None:
    assert list(Backbone("efficientnet-lite0").activations()) == []


def test_a_residual_is_added_only_where_shapes_agree() -> None:
    blocks = [b for b in Backbone("efficientnet-lite0").trunk if isinstance(b, InvertedResidual)]
    assert len(blocks) == 16
    assert sum(b.residual for b in blocks) == 9  # all but the first of each of the seven stages


def test_pixels_are_normalised_as_efficientnet_lite_was_trained() -> None:
    pixels = torch.tensor([255, 127, 0], dtype=torch.uint8).repeat(2, 4, 4, 1)
    normalised = normalise(pixels)
    assert normalised.shape == (2, 3, 4, 4)
    assert normalised[0, :, 0, 0].tolist() == [1.0, 0.0, -127 / 128]


def test_folded_norms_leave_the_function_as_it_was() -> None:
    torch.manual_seed(0)
    backbone = Backbone("mobilenetv3").eval()
    for module in backbone.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)  # type: ignore[arg-type]
            nn.init.uniform_(module.running_var, 0.8, 1.2)  # type: ignore[arg-type]
            nn.init.uniform_(module.bias, -0.5, 0.5)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        before = backbone(pixels)
        fold_norms(backbone)
        after = backbone(pixels)
    assert before.std() > 1e-3
    torch.testing.assert_close(after, before, atol=1e-5, rtol=1e-4)
    assert not any(isinstance(m, nn.BatchNorm2d) for m in backbone.modules())
    fold_norms(backbone)  # nothing left to do
    with torch.inference_mode():
        assert torch.equal(backbone(pixels), after)
