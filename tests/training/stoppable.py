"""A training in a process of its own, which writes its state after every epoch and says so: for killing.

python stoppable.py <checkpoint>
"""

import sys
from pathlib import Path

from fdtd_onn.network.build import build_network
from fdtd_onn.specs.layout import NetworkSpec
from fdtd_onn.training.checkpoint import Checkpoint
from fdtd_onn.training.datasets import make_dataset
from fdtd_onn.training.loop import train
from tests.network.stand_ins import AnalyticAbsorber, AnalyticCoupler, AnalyticShifter

EPOCHS = 16


def stoppable_network(**changes):
    spec = NetworkSpec(
        ports=4,
        wavelength_um=1.55,
        input={"power_mw": 2.0, "reference": 1.5},
        layers=({"kind": "mesh"}, {"kind": "absorber", "sections": 2}, {"kind": "mesh"}),
        readout={"kind": "homodyne", "ports": (0, 1)},
    )
    models = {
        "coupler": AnalyticCoupler(0.53, 0.01),
        "phase_shifter": AnalyticShifter(loss=0.002, heated_loss=1e-5),
        "absorber": AnalyticAbsorber(max_power_w=0.1),
    }
    return build_network(spec, models | changes)


def train_stoppably(file, network=None, dataset=None, progress=None, seed=0, epochs=EPOCHS, learning_rate=0.03):
    return train(
        stoppable_network() if network is None else network,
        make_dataset("rings", 0) if dataset is None else dataset,
        "optical-bp",
        seed,
        epochs,
        100,
        learning_rate,
        progress,
        None if file is None else Checkpoint(file, every_s=0.0),
    )


if __name__ == "__main__":
    train_stoppably(Path(sys.argv[1]), progress=lambda epoch, _epochs, _loss: print(epoch, flush=True))
