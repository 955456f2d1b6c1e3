import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.site import Site, load_site, this_machine
from tests.fullwave.support import ROOT

LEAST = 'executor = "slurm"\ncores_per_node = 8\nmemory_per_node_gib = 16.0\n'


@pytest.mark.parametrize("name", ["slurm", "pbs"])
def test_the_examples_are_sites(name):
    site = load_site(ROOT / "scripts" / "sites" / f"{name}.toml")
    assert site.executor == name
    assert site.has_arrays
    assert str(12) in site.launch(12)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("cores = 3", "cores_per_node"),
        ('queue = "a b"', "queue"),
        ('account = "x\\n#SBATCH --wrap=true"', "account"),
        ('launcher = ["mpirun"]', r"\{ranks\}"),
        ("time_factor = 0.5", "at least 1"),
        ("final_cores = 9", "more than the 8 of a node"),
        ('directives = { "qos;" = "x" }', "directives"),
        ('directives = { qos = "$(id)" }', "directives"),
        ('environment = { "A B" = "x" }', "environment"),
        ('environment = { FDTD_ONN_STORE = "/elsewhere" }', "FDTD_ONN_STORE is set for every job"),
        ('directives = { array = "1-9", mem = "1G" }', "array, mem is set for every job"),
        ("final_minutes = 100000000000000", "final_minutes"),
        ("run_minutes = 1e300", "run_minutes"),
        ("time_factor = 1e300", "time_factor"),
        ("memory_factor = 1e308", "memory_factor"),
        ('scratch = "a\\u0000b"', "scratch"),
    ],
)
def test_what_no_scheduler_could_take_is_refused_with_its_key(tmp_path, line, expected):
    file = tmp_path / "site.toml"
    file.write_text(f"{LEAST}{line}\n")
    with pytest.raises(BadInput, match=expected):
        load_site(file)


def test_an_executor_that_is_none_is_told_what_there_is(tmp_path):
    file = tmp_path / "site.toml"
    file.write_text(LEAST.replace("slurm", "slurmm"))
    with pytest.raises(BadInput, match="Did you mean slurm"):
        load_site(file)


def test_values_may_hold_anything_that_is_quoted():
    odd = "a 'b' \"c\" $(d)\ne"
    site = Site(executor="pbs", cores_per_node=2, memory_per_node_gib=1.0, environment={"ODD": odd}, modules=(odd,))
    assert site.environment["ODD"] == site.modules[0] == odd


def test_this_machine_has_no_scheduler():
    site = this_machine(2)
    assert not site.has_arrays
    assert site.memory_per_node_gib > 0.1


def test_a_memory_that_no_node_has_is_refused(tmp_path):
    file = tmp_path / "site.toml"
    file.write_text(LEAST.replace("16.0", "1e300"))
    with pytest.raises(BadInput, match="memory_per_node_gib"):
        load_site(file)
