from __future__ import annotations

import pytest
import torch

from ansa_train.models.vit import Patches, VisionTransformer


@pytest.fixture
def vit() -> VisionTransformer:
    torch.manual_seed(0)
    return VisionTransformer(patch=16, width=32, layers=2, heads=4, size=64).eval()


def test_a_photo_becomes_a_summary_and_one_token_a_patch(vit: VisionTransformer) -> None:
    tokens = vit.patches(torch.randn(2, 3, 64, 64))
    assert tokens.shape == (2, 1 + 16, 32)


def test_a_token_is_its_own_patch_in_its_own_position() -> None:
    patches = Patches(16, 8, 2)
    one, two = torch.randn(2, 1, 3, 32, 32)
    two[..., :16, 16:] = one[..., :16, 16:]  # the second patch is the same
    a, b = patches(one), patches(two)
    torch.testing.assert_close(a[0, 2], b[0, 2])
    torch.testing.assert_close(a[0, 0], b[0, 0])
    assert (a - b).abs()[0, [1, 3, 4]].amax(1).min() > 1e-3
    assert not torch.equal(a[0, 0], a[0, 1])


def test_positions_of_another_size_lie_where_they_lay() -> None:
    patches = Patches(16, 2, 4)
    rows, columns = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
    with torch.no_grad():
        patches.position[1:] = torch.stack([rows, columns], -1).view(16, 2)
    table = patches.positions(8)
    assert torch.equal(table[0], patches.position[0])
    rows = table[1:, 0].view(8, 8)
    torch.testing.assert_close(rows[3:5, 0], torch.tensor([1.25, 1.75]), atol=0.05, rtol=0)
    torch.testing.assert_close(rows[3, 3], torch.tensor(1.25), atol=0.05, rtol=0)
    torch.testing.assert_close(patches.positions(4), patches.position)


def test_settled_on_a_size_it_gives_there_what_it_gave(vit: VisionTransformer) -> None:
    pixels = torch.randn(2, 3, 96, 96)
    with torch.inference_mode():
        before = vit(pixels)
    vit.fit(96)
    with torch.inference_mode():
        torch.testing.assert_close(vit(pixels), before)
    assert vit.patches.position.shape == (1 + 36, 32)


def test_a_size_that_cuts_patches_is_refused(vit: VisionTransformer) -> None:
    with pytest.raises(ValueError, match="100 is no multiple of the patch's 16 pixels"):
        vit.fit(100)
