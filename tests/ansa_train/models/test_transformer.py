from __future__ import annotations

import pytest
import torch
from torch import nn

from ansa_train.models.transformer import HIDDEN, TransformerLayer


@pytest.mark.parametrize("pre_norm", [False, True])
def test_a_layer_is_that_of_torch_with_the_same_weights(pre_norm: bool) -> None:
    torch.manual_seed(0)
    ours = TransformerLayer(32, 4, pre_norm=pre_norm).eval()
    theirs = nn.TransformerEncoderLayer(
        32, 4, 128, 0.0, "gelu", ours.norm1.eps, batch_first=True, norm_first=pre_norm
    ).eval()
    attention = (ours.query, ours.key, ours.value)
    with torch.no_grad():
        theirs.self_attn.in_proj_weight.copy_(torch.cat([part.weight for part in attention]))
        theirs.self_attn.in_proj_bias.copy_(torch.cat([part.bias for part in attention]))
    for mine, other in (
        (ours.merge, theirs.self_attn.out_proj),
        (ours.norm1, theirs.norm1),
        (ours.norm2, theirs.norm2),
        (ours.widen, theirs.linear1),
        (ours.narrow, theirs.linear2),
    ):
        nn.init.normal_(mine.bias)
        other.load_state_dict(mine.state_dict())
    x = torch.randn(2, 5, 32)
    padded = torch.tensor([[False] * 5, [False, False, True, True, True]])
    bias = padded[:, None, None, :] * HIDDEN
    torch.testing.assert_close(
        ours(x, bias), theirs(x, src_key_padding_mask=padded), atol=1e-5, rtol=1e-5
    )
    torch.testing.assert_close(ours(x), theirs(x), atol=1e-5, rtol=1e-5)
