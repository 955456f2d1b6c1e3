"""A small experiment made from formulas, as a run of a layout would give it, but in a second and without an engine."""

from dataclasses import replace
from functools import cache

import numpy as np

from fdtd_onn.api.experiment import Experiment
from fdtd_onn.network.build import build_network
from fdtd_onn.reduce import compile_model
from fdtd_onn.reduce.absorption import Absorption, transit
from fdtd_onn.responses.field_map import FieldMap
from fdtd_onn.specs.layout import Layout
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from tests.reduce.synthetic import coupler_response, guide_profile, saturation_response, shifter_response, with_noise

SATURATION_MW = 0.5
TRUTH = Absorption(1.0, 0.05, 1e-3 * SATURATION_MW, 0.1, 0.4, 0.4)
POWERS = np.array([0.03, 0.1, 0.3, 1.0, 3.0, 6.0, 12.0, 25.0, 50.0])  # over the saturation power
GAP_UM = 0.18
MESH = {"kind": "mesh", "coupler_value": GAP_UM, "sections": 2}
LAYOUT = {
    "name": "small",
    "summary": "Two meshes & an absorber <from formulas>",
    "devices": {"coupler": "test_coupler", "phase_shifter": "test_phase_shifter", "absorber": "test_absorber"},
    "network": {
        "ports": 3,
        "wavelength_um": 1.55,
        "input": {"power_mw": 2.0, "reference": 1.5},
        "layers": [MESH, {"kind": "absorber", "sections": 2}, MESH],
        "readout": {"kind": "homodyne", "ports": [0, 1]},
    },
    "experiment": {
        "fidelity": "standard",
        "dataset": "rings",
        "rules": ["digital-bp", "optical-bp"],
        "seeds": [0, 1],
        "epochs": 2,
        "batch_size": 100,
        "learning_rate": 0.03,
    },
}


def absorber_response(noise=3e-4):
    log = transit(guide_profile(), TRUTH, POWERS * TRUTH.saturation_power_w)
    pump, probe = (with_noise(np.exp(x), noise, seed) for seed, x in enumerate((log.pump, log.coherent)))
    return saturation_response(POWERS, SATURATION_MW, pump, probe, guide_profile())


def field_map(device_length_um):
    x, y = np.linspace(-1.0, 1.0, 60), np.linspace(-1.0, 1.0, 40)
    values = np.exp(-8.0 * y**2) * np.ones_like(x)[:, None]
    half = 0.5 * device_length_um + 1.0
    return FieldMap(values, (-half, half, -3.0, 3.0), "Hz", "o1", 1.55)


@cache
def small_experiment():
    layout = Layout.model_validate(LAYOUT, strict=False)
    responses = {
        "coupler": [coupler_response(gap) for gap in (0.17, GAP_UM, 0.19)],
        "phase_shifter": [shifter_response(heating) for heating in (0.0, 75.0, 150.0)],
        "absorber": [absorber_response()],
    }
    models = {short: compile_model(family) for short, family in responses.items()}
    fields = {"coupler": field_map(22.0), "phase_shifter": field_map(30.0)}
    network = build_network(layout.network, models)
    spec = layout.experiment
    runs = tuple(
        train(network, make_dataset(spec.dataset, seed), rule, seed, spec.epochs, spec.batch_size, spec.learning_rate)
        for rule in spec.rules
        for seed in spec.seeds
    )
    return Experiment(layout, responses, fields, models, network, runs)


SECTION = {"device": "phase_shifter", "trained": True, "sections": 2}
BENCH = (
    {**MESH, "topology": "reck", "spread": {"seed": 0, "phase_sigma_rad": 0.2}, "drive": {"bits": 8}},
    {"kind": "electronic"},
    {
        "kind": "netlist",
        "nodes": {"c": {"device": "coupler", "value": GAP_UM}, "s": SECTION, "t": SECTION},
        "joints": {"s.o2": "c.o1"},
        "inputs": ("s.o1", "c.o2", "t.o1"),
        "outputs": ("c.o4", "c.o3", "t.o2"),
    },
)


@cache
def bench_experiment():
    """The same devices with errors, electronics in the place of absorbers, and a netlist behind them."""
    small, spec = small_experiment(), LAYOUT["experiment"]
    network_spec = {**LAYOUT["network"], "layers": BENCH}
    layout = Layout.model_validate({**LAYOUT, "network": network_spec}, strict=False)
    network = build_network(layout.network, small.models)
    run = train(network, make_dataset("rings", 0), "digital-bp", 0, spec["epochs"], 100, spec["learning_rate"])
    return replace(small, layout=layout, network=network, runs=(run,))


def without_reflection(experiment):
    """The same with an absorber that reflects nothing at all, −∞ dB."""
    (response,) = experiment.responses["absorber"]
    dark = replace(response, pump_reflection=np.zeros_like(response.pump_reflection))
    return replace(experiment, responses={**experiment.responses, "absorber": [dark]})


def without_angles(experiment):
    """The same with a rule whose gradient was zero, so that no cosine exists."""
    runs = tuple(
        replace(run, gradient_cosine=np.full_like(run.gradient_cosine, np.nan)) if run.rule == "optical-bp" else run
        for run in experiment.runs
    )
    return replace(experiment, runs=runs)
