"""A network's layout: guides, couplers, phase shifters and absorbers from the input side to the detectors."""

from __future__ import annotations

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from fdtd_onn.network.activation import AbsorberActivation
from fdtd_onn.network.circuit_layer import CircuitLayer
from fdtd_onn.network.electronic import ElectronicActivation
from fdtd_onn.network.mesh import Mesh
from fdtd_onn.network.network import Network
from fdtd_onn.network.topology import MeshTopology
from fdtd_onn.report.figures.style import FAINT, INK, MUTED, PALETTE, bare, legend_below, page_figure
from fdtd_onn.report.network import Station, layer_names

Real = NDArray[np.float64]
SHIFTER, ABSORBER, DETECTOR = PALETTE[1], "#8a74ab", PALETTE[2]
ELECTRONICS, NETLIST = "#5f8f5a", "#9a9a9a"
OTHERS = {AbsorberActivation: ABSORBER, ElectronicActivation: ELECTRONICS, CircuitLayer: NETLIST}
WORDS = {AbsorberActivation: "saturable absorber", ElectronicActivation: "electronics", CircuitLayer: "netlist"}
APART = 0.36  # how far a coupler's guides stay from the middle between them, in guide distances
LEAD = 1.0  # of free guide at both ends of a layer, in element distances


def draw_network(network: Network, budget: tuple[Station, ...]) -> Figure:
    """All layers in a row; the mean power (mW) of the budget's stations stands above their places."""
    figure = page_figure(1.0 + 0.32 * network.spec.ports)
    axes = figure.subplots()
    bare(axes)
    x = 0.0
    for i, (name, layer) in enumerate(zip(layer_names(network.layers), network.layers, strict=True)):
        _power(axes, x, network.spec.ports, i, budget[i])
        if isinstance(layer, Mesh):
            start, x = x, _draw_mesh(axes, layer.topology, x)
        else:
            start, x = x, _draw_boxes(axes, OTHERS[type(layer)], network.spec.ports, x)
        axes.text(0.5 * (start + x), -0.85, name, ha="center", va="top", color=MUTED)
    _power(axes, x, network.spec.ports, len(network.layers), budget[len(network.layers)])
    for port in range(network.spec.ports):
        axes.text(-0.15, port, str(port + 1), ha="right", va="center", color=MUTED, fontsize=7)
    read = list(network.spec.readout.ports)
    axes.plot([x + 0.25] * len(read), read, linestyle="", marker=">", color=DETECTOR, markersize=7)
    axes.set(xlim=(-0.7, x + 0.7), ylim=(-1.3, network.spec.ports + 0.85))
    legend_below(figure, _legend(network), 4)
    return figure


def _draw_boxes(axes: Axes, colour: str, ports: int, start: float) -> float:
    """One element on every guide, from x = start; where it ends."""
    end = start + 3.0 * LEAD
    for port in range(ports):
        axes.plot([start, end], [port, port], color=INK, linewidth=0.9)
        _box(axes, start + 1.5 * LEAD, port, colour, 0.6)
    return end


def _draw_mesh(axes: Axes, topology: MeshTopology, start: float) -> float:
    """One mesh from x = start; where it ends."""
    end = start + 2.0 * LEAD + 2.0 * (topology.planes - 1)
    for x, y in _guides(topology, start, end):
        axes.plot(x, y, color=INK, linewidth=0.9)
    for plane, guide in zip(topology.shifter_plane, topology.shifter_guide, strict=True):
        _box(axes, start + LEAD + 2.0 * plane, float(guide), SHIFTER, 0.9)
    return end


def _guides(topology: MeshTopology, start: float, end: float) -> list[tuple[Real, Real]]:
    """Centre lines: straight, but drawn together where a coupler follows a plane of shifters."""
    x = np.linspace(start, end, 40 * topology.planes)
    lines = []
    for guide in range(topology.ports):
        y = np.full(x.size, float(guide))
        for plane in range(topology.planes - 1):
            lower = topology.columns[plane // 2]
            if guide in lower or guide - 1 in lower:
                toward = 1.0 if guide in lower else -1.0
                middle = start + LEAD + 2.0 * plane + 1.0
                y += toward * APART * np.cos(0.5 * np.pi * np.clip(1.6 * (x - middle), -1.0, 1.0)) ** 2
        lines.append((x, y))
    return lines


def _box(axes: Axes, x: float, y: float, colour: str, width: float) -> None:
    axes.add_patch(Rectangle((x - 0.5 * width, y - 0.16), width, 0.32, facecolor=colour, edgecolor="none", zorder=3))


def _power(axes: Axes, x: float, ports: int, place: int, station: Station) -> None:
    """The power at a place; every other one stands higher, because a layer of absorbers is short."""
    top = ports - 0.4 + 0.55 * (place % 2)
    axes.plot([x, x], [-0.6, top], color=FAINT, linewidth=0.8, zorder=0)
    axes.text(x, top, f"{station.total_mw:.3g} mW", ha="center", va="bottom", fontsize=7.5)


def _legend(network: Network) -> list[Artist]:
    def patch(colour: str, label: str) -> Artist:
        return Rectangle((0.0, 0.0), 1.0, 1.0, facecolor=colour, edgecolor="none", label=label)

    used = {type(layer) for layer in network.layers}
    return [
        patch(SHIFTER, "phase shifter, trained"),
        Line2D([], [], color=INK, linewidth=0.9, label="guide; coupler where two meet"),
        *(patch(OTHERS[kind], word) for kind, word in WORDS.items() if kind in used),
        Line2D([], [], color=DETECTOR, linestyle="", marker=">", markersize=7, label="detector"),
    ]
