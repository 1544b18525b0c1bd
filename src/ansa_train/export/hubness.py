"""Reduces hubness: some photos lie near every text, and rank too high for all of them.

A photo v scores texts with a spread of sqrt(v' C v), C the covariance of texts. Rotating and
stretching the shared space by D = (C + ridge)^power, images by D and texts by its inverse, keeps
every product and divides each photo's by about that spread, as the vectors are scaled to unit
length afterwards. Hubs fall, and free text finds more; a form of the local scaling against hubness
of Conneau et al., "Word Translation Without Parallel Data" (2018), as one linear map that costs
nothing at run time. Too strong a power makes hubs of texts instead, so it is chosen on dev.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ansa_train.models.towers import Towers


@torch.no_grad()
def reduce_hubness(towers: Towers, texts: Tensor, power: float, ridge: float = 1.0) -> None:
    """Stretches the shared space, in place.

    Args:
        towers: trained.
        texts: (n, d) vectors of training texts, from these towers.
        power: how strongly; 0 changes nothing, 0.5 divides by the whole spread.
        ridge: added to the variances, as a share of their mean.
    """
    variance, axes = torch.linalg.eigh(torch.cov(texts.T.double()))
    variance = variance.clamp(min=0.0)
    scale = (variance + ridge * variance.mean()) ** power
    scale = scale / scale.log().mean().exp()
    for tower, factor in ((towers.image, scale), (towers.text, 1.0 / scale)):
        stretch = (axes * factor) @ axes.T
        for layer in tower.last():
            layer.weight.copy_(stretch @ layer.weight.double())
            if layer.bias is not None:
                layer.bias.copy_(stretch @ layer.bias.double())
