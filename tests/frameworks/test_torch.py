import numpy as np
import pytest

import fdtd_onn as fo
from fdtd_onn.errors import BadInput
from tests.frameworks.small_network import DETECTOR, SAMPLES, agree, light, own_gradients, small_network

torch = pytest.importorskip("torch")

KINDS = ("exact", "optical")


def module_at(phases, gradient="exact", output="readings", network=None):
    module = fo.as_torch(small_network() if network is None else network, gradient, output)
    with torch.no_grad():
        module.phases.copy_(torch.from_numpy(phases))
    return module


def functional(module):
    return lambda phases, x: torch.func.functional_call(module, {"phases": phases}, (x,))


def leaf(values):
    return torch.from_numpy(values).requires_grad_()


@pytest.mark.parametrize("readout", ["homodyne", "power"])
@pytest.mark.parametrize("output", ["readings", "fields"])
def test_exact_gradients_in_phases_and_fields_against_finite_differences(readout, output):
    phases, x = light()
    module = module_at(phases, output=output, network=small_network(readout))
    assert torch.autograd.gradcheck(functional(module), (leaf(phases), leaf(x)), atol=1e-6, rtol=1e-6)


def test_real_fields_have_a_real_gradient():
    phases, x = light()
    module = module_at(phases)
    assert torch.autograd.gradcheck(module, (leaf(x.real.copy()),), atol=1e-6, rtol=1e-6)
    single = leaf(x.real.astype(np.float32))
    module(single).sum().backward()
    assert single.grad.dtype == torch.float32


@pytest.mark.parametrize("kind", KINDS)
def test_both_gradients_are_the_networks_own(kind):
    (phases, x), network = light(), small_network()
    module, fields = module_at(phases, kind, network=network), leaf(x)
    weights = np.random.default_rng(1).standard_normal((SAMPLES, 2))
    readings = module(fields)
    (readings * torch.from_numpy(weights)).sum().backward()
    in_phases, in_fields = own_gradients(network, kind, phases, x, weights)
    agree(readings.detach().numpy(), network.readout.read(network.forward(phases, x.T)[0]).T)
    agree(module.phases.grad.numpy(), in_phases)
    agree(fields.grad.numpy(), 2.0 * in_fields.conj())


@pytest.mark.parametrize("kind", KINDS)
def test_steps_of_an_optimiser_lower_the_loss(kind):
    torch.manual_seed(0)
    module, x = fo.as_torch(small_network(), kind), torch.from_numpy(light(20)[1])
    wanted = module_at(light()[0])(x).detach()
    optimiser, losses = torch.optim.Adam(module.parameters(), lr=0.02), []
    for _step in range(10):
        loss = torch.mean((module(x) - wanted) ** 2)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]


def test_passages_do_not_disturb_each_other():
    """Two modules on one network, and each twice in the graph, before any way back is gone."""
    (phases, x), network = light(), small_network()
    first, second = module_at(phases, network=network), module_at(phases + 1.0, network=network)
    inputs = [leaf(x), leaf(2.0 * x)]
    total = sum(module(fields).sum() for module in (first, second) for fields in inputs)
    total.backward()
    ones = np.ones((SAMPLES, 2))
    alone = [[own_gradients(network, "exact", p, s * x, ones) for s in (1.0, 2.0)] for p in (phases, phases + 1.0)]
    for module, own in zip((first, second), alone, strict=True):
        agree(module.phases.grad.numpy(), own[0][0] + own[1][0])
    for i, fields in enumerate(inputs):
        agree(fields.grad.numpy(), 2.0 * (alone[0][i][1] + alone[1][i][1]).conj())
    assert set(vars(first)) == {*vars(torch.nn.Module()), "network", "_measured", "_passage"}


def test_the_way_back_is_that_of_the_light_that_was_sent():
    """Whatever happens to the tensors meanwhile; one sample, so that its row is its column."""
    (phases, x), network = light(1), small_network()
    module, fields = module_at(phases, network=network), leaf(x)
    through = module(fields).sum()
    own = own_gradients(network, "exact", phases, x.copy(), np.ones((1, 2)))
    with torch.no_grad():
        module.phases += 1.0
        fields *= 2.0
    through.backward()
    agree(module.phases.grad.numpy(), own[0])
    agree(fields.grad.numpy(), 2.0 * own[1].conj())


def test_a_module_between_layers_of_pytorch_trains_with_them():
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), fo.as_torch(small_network()), torch.nn.Linear(2, 2).double())
    loss = model(torch.randn(5, 2)).square().sum()
    loss.backward()
    assert all(bool(p.grad.abs().max() > 0.0) for p in model.parameters())
    restored = torch.nn.Sequential(torch.nn.Linear(2, 3), fo.as_torch(small_network()), torch.nn.Linear(2, 2).double())
    restored.load_state_dict(model.state_dict())
    assert torch.equal(restored[1].phases, model[1].phases)


def test_noise_of_what_is_measured_comes_from_the_frameworks_generator():
    (phases, x), noisy = light(), small_network(detector=DETECTOR)
    exact, optical = (module_at(phases, kind, network=noisy)(torch.from_numpy(x)) for kind in KINDS)

    def again(seed):
        torch.manual_seed(seed)
        return module_at(phases, "optical", network=noisy)(torch.from_numpy(x))

    assert torch.equal(exact, module_at(phases)(torch.from_numpy(x)))
    assert 0.0 < (optical - exact).abs().max() < 0.1
    assert torch.equal(again(1), again(1))
    assert not torch.equal(again(1), again(2))


def test_what_cannot_be_is_refused():
    module = fo.as_torch(small_network())
    with pytest.raises(BadInput, match=r"shape \(samples, 3\)"):
        module(torch.zeros(3))
    with pytest.raises(BadInput, match="exact or optical"):
        fo.as_torch(small_network(), "measured")
    with pytest.raises(BadInput, match="readings or fields"):
        fo.as_torch(small_network(), output="powers")
    with pytest.raises(BadInput, match=r'layers that backward light passes.*Choose gradient="exact"'):
        fo.as_torch(small_network(between="electronic"), "optical")
