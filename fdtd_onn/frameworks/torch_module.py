"""A compiled network as a module of PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from fdtd_onn.frameworks.passage import Gradient, Output, Passage, passage
from fdtd_onn.network.network import Network


class TorchNetwork(torch.nn.Module):
    """Input fields (B, N) in √W, real or complex, to detector readings (B, K) or output fields (B, N), in float64.

    phases: its parameter, (P,) in rad, begins evenly over the circle, by PyTorch's generator; so does the noise in what
    is measured. Nothing of a passage stays on the module: modules may share a network, and one may be used many times
    in a graph. The work is done by the processor, wherever the tensors are. There are no second derivatives.
    Raises BadInput for inputs of another shape, and OutOfRange for more light than the absorbers were compiled for.
    """

    def __init__(self, network: Network, gradient: Gradient, output: Output) -> None:
        """Prepare the passage and draw the phases. Raises BadInput for another word of gradient or output."""
        super().__init__()
        self.network = network
        self.phases = torch.nn.Parameter(2.0 * torch.pi * torch.rand(network.phase_count, dtype=torch.float64))
        self._measured = gradient == "optical"
        self._passage = passage(network, gradient, output)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Readings or fields of input fields (B, N)."""
        # What is exact takes nothing from PyTorch's generator.
        seed = int(torch.randint(2**62, ())) if self._measured else 0
        fields, phases = x.to(torch.complex128), self.phases.to(x.device, torch.float64)
        return _PassLight.apply(phases, fields, self._passage, seed)


class _PassLight(torch.autograd.Function):
    """One passage; the graph's own context keeps what the way back needs."""

    @staticmethod
    def forward(ctx: Any, phases: torch.Tensor, x: torch.Tensor, through: Passage, seed: int) -> torch.Tensor:
        """Run the light forward."""
        rng = np.random.default_rng(seed)
        out, ctx.pull_back = through(phases.numpy(force=True), x.numpy(force=True), rng)
        return torch.from_numpy(np.ascontiguousarray(out)).to(x.device)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, slope: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None, None]:
        """PyTorch's derivative in a field is ∂L/∂Re E + i ∂L/∂Im E, twice the conjugate of Wirtinger's ∂L/∂E."""
        given = slope.numpy(force=True)
        in_phases, in_fields = ctx.pull_back(0.5 * given.conj() if np.iscomplexobj(given) else given)
        back = (np.ascontiguousarray(part) for part in (in_phases, 2.0 * in_fields.conj()))
        phases, fields = (torch.from_numpy(part).to(slope.device) for part in back)
        return phases, fields, None, None
