"""Free circuits of compiled devices, from the netlist of a layout."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fdtd_onn.errors import BadInput
from fdtd_onn.network.circuit import Wiring, wire
from fdtd_onn.network.circuit_layer import CircuitLayer
from fdtd_onn.network.models import Complex, ScatteringModel
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.shifter_scattering import shifter_scattering
from fdtd_onn.reduce.composition import cascade
from fdtd_onn.specs.layout import NetlistLayer, NetlistNode


def netlist_wiring(where: str, layer: NetlistLayer, ports: Mapping[str, tuple[str, ...]]) -> Wiring:
    """Number a netlist's ports. ports: of every device, by its short name.

    Raises BadInput, with the key in `where`, for joints, inputs or outputs that name a port that does not exist, or one
    twice.
    """
    nodes = {name: ports[node.device] for name, node in layer.nodes.items()}
    try:
        return wire(nodes, list(layer.joints.items()), layer.inputs, layer.outputs)
    except BadInput as error:
        raise BadInput(f"{where}: {error.where}", error.expected, error.got, error.cure) from error


def netlist_circuit(
    where: str, layer: NetlistLayer, wavelength_um: float, models: Mapping[str, ScatteringModel]
) -> CircuitLayer:
    """The circuit of a netlist; models: by the short names of its devices. Raises BadInput, with the key in `where`."""
    wiring = netlist_wiring(where, layer, {short: model.ports for short, model in models.items()})
    trained = [number for number, node in enumerate(layer.nodes.values()) if node.trained]
    kinds = list(dict.fromkeys((n.device, n.sections) for n in layer.nodes.values() if n.trained))
    shifters = []
    for device, sections in kinds:
        driven = phase_shifter(models[device], wavelength_um, sections)
        shifters.append(shifter_scattering(models[device], driven, wavelength_um, sections))
    which = [kinds.index((node.device, node.sections)) for node in layer.nodes.values() if node.trained]
    entries = [
        _scattering(f"{where}.nodes.{name}", node, wavelength_um, models[node.device]).ravel()
        for name, node in layer.nodes.items()
    ]
    return CircuitLayer(
        wiring,
        np.concatenate(entries),
        np.array(trained, dtype=np.intp),
        tuple(shifters),
        np.array(which, dtype=np.intp),
        np.ones(len(trained), dtype=complex),
    )


def _scattering(where: str, node: NetlistNode, wavelength_um: float, model: ScatteringModel) -> Complex:
    """S of one node; of a trained one zeros, which its phase fills."""
    size = len(model.ports)
    if node.trained:
        return np.zeros((size, size), dtype=complex)
    if (model.parameter is None) != (node.value is None):
        expected = "none (the device is not tunable)" if model.parameter is None else f"a value of {model.parameter}"
        raise BadInput(f"{where}.value", expected, node.value, "Change it in the layout.")
    if node.sections > 1 and set(model.ports) != {"o1", "o2"}:
        raise BadInput(f"{where}.sections", "1 for a device of other ports than o1, o2", node.sections, "Leave it out.")
    s = model.s_matrices(wavelength_um, None if node.value is None else [node.value])[0]
    if node.sections == 1:
        return s
    order = [model.ports.index(port) for port in ("o1", "o2")]
    return cascade(s[np.ix_(order, order)], node.sections)[np.ix_(order, order)]
