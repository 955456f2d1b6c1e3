import pytest

from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from tests.network.compiled_parts import compiled_parts


@pytest.mark.long
@pytest.mark.parametrize("rule", ["digital-bp", "optical-bp"])
def test_twelve_ports_learn_ten_digits(rule):
    spec = NetworkSpec(
        ports=12,
        wavelength_um=1.55,
        input={"power_mw": 2.0, "features": 11},
        layers=({"kind": "mesh", "sections": 3}, {"kind": "absorber", "sections": 2}, {"kind": "mesh", "sections": 3}),
        readout={"kind": "homodyne", "ports": tuple(range(10))},
    )
    run = train(build_network(spec, compiled_parts()), make_dataset("digits", 0), rule, 0, 60, 100, 0.03)
    assert run.accuracy[0, 2] < 0.3
    assert run.test_accuracy > 0.88
