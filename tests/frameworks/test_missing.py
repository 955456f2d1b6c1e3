"""What is said where PyTorch or JAX is not installed: a process that cannot see them."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(("function", "package"), [("as_torch", "torch"), ("as_jax", "jax")])
def test_a_missing_package_is_named_with_the_cure_and_nothing_else_needs_it(function, package):
    code = f"import sys; sys.modules[{package!r}] = None; import fdtd_onn as fo; fo.{function}(None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert f"pip install 'fdtd-onn[{package}]'" in done.stderr
    assert "BadInput" in done.stderr
