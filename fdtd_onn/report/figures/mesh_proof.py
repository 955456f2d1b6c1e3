"""A whole mesh in full wave beside its parts joined: the light, the transfer, the gradient."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec
from matplotlib.ticker import MaxNLocator

from fdtd_onn.api.mesh_proof import MeshProof
from fdtd_onn.report.figures.style import INK, PALETTE, page_figure

_STRETCH = 3.0  # across the mesh, which is far longer than wide


def draw_proof(proof: MeshProof) -> Figure:
    """Field above, then the transfer's amplitudes and the gradient, each by full wave and joined."""
    figure = page_figure(4.6)
    grid = GridSpec(2, 2, figure=figure, width_ratios=[1.0, 1.4], height_ratios=[1.0, 1.5])
    _field(figure.add_subplot(grid[0, :]), proof)
    _transfer(figure.add_subplot(grid[1, 0]), proof)
    _gradient(figure.add_subplot(grid[1, 1]), proof)
    return figure


def _field(axes: Axes, proof: MeshProof) -> None:
    field = proof.field
    values = field.values / np.percentile(field.values, 99.8)
    axes.imshow(values.T, origin="lower", extent=field.extent_um, cmap="magma", vmin=0.0, vmax=1.0, aspect=_STRETCH)
    axes.set(
        xlabel="x (µm)", ylabel="y (µm)", title=f"|{field.component}| of light into {field.port}, {proof.fidelity}"
    )
    axes.grid(visible=False)


def _transfer(axes: Axes, proof: MeshProof) -> None:
    """Every entry of the transfer matrix: joined over full wave, on the diagonal where they agree."""
    full, joined = (np.abs(waves.transfer[proof.middle]).ravel() for waves in (proof.full, proof.on_grid))
    axes.plot([0.0, 1.0], [0.0, 1.0], color=INK, linewidth=0.6)
    axes.plot(full, joined, linestyle="", marker="o", color=PALETTE[0])
    axes.set(xlabel="|transfer|, whole mesh", ylabel="|transfer|, parts joined", aspect="equal")


def _gradient(axes: Axes, proof: MeshProof) -> None:
    full, compiled = (proof.gradient(waves) for waves in (proof.full, proof.compiled))
    number = np.arange(full.size)
    axes.bar(number - 0.2, full, 0.4, color=PALETTE[0], label="monitors in the full wave")
    axes.bar(number + 0.2, compiled, 0.4, color=PALETTE[1], label="compiled model")
    if proof.differences:
        places, values = zip(*proof.differences.items(), strict=True)
        axes.plot(places, values, linestyle="", marker="D", color=INK, label="differences of full-wave runs")
    axes.axhline(0.0, color=INK, linewidth=0.6)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="phase", ylabel="dL/dφ")
    axes.legend()
