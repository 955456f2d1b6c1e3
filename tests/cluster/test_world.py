from fdtd_onn.cluster.world import launched_ranks, rank, without_launcher


def test_a_launcher_is_told_by_what_it_sets(monkeypatch):
    for name in ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert (launched_ranks(), rank()) == (1, 0)
    monkeypatch.setenv("PMI_SIZE", "4")
    monkeypatch.setenv("PMI_RANK", "3")
    assert (launched_ranks(), rank()) == (4, 3)
    monkeypatch.setenv("PMI_SIZE", "many")
    assert launched_ranks() == 1


def test_a_process_of_its_own_world_inherits_no_launcher_but_the_settings_of_its_user():
    inherited = {
        "PATH": "/bin",
        "OMPI_COMM_WORLD_SIZE": "1",
        "OMPI_MCA_ess": "pmi",
        "PMIX_RANK": "0",
        "PMI_FD": "7",
        "OMPI_MCA_mpi_yield_when_idle": "1",
        "OMPI_ALLOW_RUN_AS_ROOT": "1",
    }
    kept = {"PATH", "OMPI_MCA_mpi_yield_when_idle", "OMPI_ALLOW_RUN_AS_ROOT"}
    assert set(without_launcher(inherited)) == kept
