"""Computes in bfloat16 where a device has instructions for it.

A processor without them imitates bfloat16, more than ten times slower than float32.
"""

from __future__ import annotations

import torch


def has_bfloat16(device: torch.device) -> bool:
    """Whether a device computes in bfloat16 by instructions of its own."""
    return device.type != "cpu" or bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def fast_type(device: torch.device) -> torch.dtype:
    """bfloat16 where a device has it, else float32."""
    return torch.bfloat16 if has_bfloat16(device) else torch.float32


def autocast(device: torch.device, kind: torch.dtype = torch.bfloat16) -> torch.autocast:
    """Arithmetic in a type; in float32 if that is asked for, or if the device lacks bfloat16."""
    enabled = kind != torch.float32 and (kind != torch.bfloat16 or has_bfloat16(device))
    return torch.autocast(device.type, kind if enabled else torch.bfloat16, enabled=enabled)
