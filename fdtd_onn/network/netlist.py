"""Free circuits of compiled devices, from the netlist of a layout."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from fdtd_onn.errors import BadInput, FdtdOnnError
from fdtd_onn.network.circuit import Wiring, wire
from fdtd_onn.network.circuit_layer import CircuitLayer
from fdtd_onn.network.models import Complex, ScatteringModel
from fdtd_onn.network.phase_shifter import phase_shifter
from fdtd_onn.network.shifter_scattering import shifter_scattering
from fdtd_onn.reduce.composition import cascade
from fdtd_onn.specs.layout import NetlistLayer, NetlistNode
from fdtd_onn.specs.problems import closest


def netlist_wiring(where: str, layer: NetlistLayer, ports: Mapping[str, tuple[str, ...]]) -> Wiring:
    """Number a netlist's ports. ports: of every device, by its short name.

    Raises BadInput, with the key in `where`, for joints, inputs or outputs that name a port that does not exist, or one
    twice, and for a port that is named nowhere.
    """
    nodes = {name: ports[node.device] for name, node in layer.nodes.items()}
    try:
        wiring = wire(nodes, list(layer.joints.items()), layer.inputs, layer.outputs)
    except BadInput as error:
        raise BadInput(f"{where}.{error.where}", error.expected, error.got, error.cure) from error
    _require_all_named(where, layer, wiring)
    return wiring


def _require_all_named(where: str, layer: NetlistLayer, wiring: Wiring) -> None:
    """A port that is left open loses light: that has to be said."""
    named = {*layer.joints, *layer.joints.values(), *layer.inputs, *layer.outputs}
    for i, port in enumerate(layer.terminated):
        key = f"{where}.terminated[{i}]"
        if port not in wiring.ports:
            raise BadInput(
                key, "a port of a node", ascii(port[:60]), closest(port, wiring.ports, "Name it as node.port.")
            )
        if port in named or port in layer.terminated[:i]:
            raise BadInput(key, "a port that is named nowhere else", port, "Take it out of one place.")
    left_open = [port for port in wiring.ports if port not in {*named, *layer.terminated}]
    if left_open:
        expected = "every port in joints, inputs, outputs or terminated"
        cure = f'Join it, or say terminated = ["{left_open[0]}"]: light that leaves there is lost.'
        raise BadInput(f"{where}.joints", expected, f"none with {', '.join(left_open)}", cure)


def netlist_circuit(
    where: str, layer: NetlistLayer, wavelength_um: float, models: Mapping[str, ScatteringModel]
) -> CircuitLayer:
    """The circuit of a netlist; models: by the short names of its devices. Raises BadInput, with the key in `where`."""
    for name, node in layer.nodes.items():
        require_drivable(f"{where}.nodes.{name}", node, models[node.device].parameter)
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
    circuit = CircuitLayer(
        wiring,
        np.concatenate(entries),
        np.array(trained, dtype=np.intp),
        tuple(shifters),
        np.array(which, dtype=np.intp),
        np.ones(len(trained), dtype=complex),
    )
    _require_loss(where, circuit)
    return circuit


def _require_loss(where: str, circuit: CircuitLayer) -> None:
    """Refuse at once a loop that is resonant without any loss; one that a trained phase tunes there is told then."""
    try:
        circuit.circuit(np.zeros(circuit.phase_count)).solve()
    except FdtdOnnError as error:
        cure = "Move the wavelength, give the loop's devices their loss, or take the loop away."
        raise BadInput(f"{where}.joints", "losses in every loop", "a resonance without any", cure) from error


def require_drivable(where: str, node: NetlistNode, parameter: str | None) -> None:
    """Raise BadInput unless a node has a value where its device is tunable in `parameter`, or heat to be trained."""
    if node.trained:
        if parameter != "delta_t_k":
            got = f"one that is tunable in {parameter}" if parameter is not None else "one that is not tunable"
            raise BadInput(f"{where}.trained", "a device that is tunable in delta_t_k", got, "Name a phase shifter.")
    elif (parameter is None) != (node.value is None):
        expected = "none (the device is not tunable)" if parameter is None else f"a value of {parameter}"
        raise BadInput(f"{where}.value", expected, node.value, "Change it in the layout.")


def _scattering(where: str, node: NetlistNode, wavelength_um: float, model: ScatteringModel) -> Complex:
    """S of one node; of a trained one zeros, which its phase fills."""
    size = len(model.ports)
    if node.trained:
        return np.zeros((size, size), dtype=complex)
    if node.sections > 1 and set(model.ports) != {"o1", "o2"}:
        raise BadInput(f"{where}.sections", "1 for a device of other ports than o1, o2", node.sections, "Leave it out.")
    s = model.s_matrices(wavelength_um, None if node.value is None else [node.value])[0]
    if node.sections == 1:
        return s
    order = [model.ports.index(port) for port in ("o1", "o2")]
    return cascade(s[np.ix_(order, order)], node.sections)[np.ix_(order, order)]
