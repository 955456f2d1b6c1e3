from itertools import pairwise

import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.specs.load import load_device
from fdtd_onn.specs.material_table import MEDIA

STEP = 1e-4


# Si: the value that Li recommends at 293 K; SiO2: Malitson; Si3N4: Luke and others, all at 1.55 µm.
@pytest.mark.parametrize(("name", "index"), [("Si", 3.4757), ("SiO2", 1.4440), ("Si3N4", 1.9963)])
def test_indices_are_the_published_ones(name, index):
    assert MEDIA[name].index(1.55) == pytest.approx(index, abs=5e-5)


@pytest.mark.parametrize(("name", "group_index"), [("Si", 3.60), ("SiO2", 1.4626), ("Si3N4", 2.04)])
def test_group_indices_are_the_slope_of_the_index_and_well_known(name, group_index):
    medium = MEDIA[name]
    slope = (medium.index(1.55 + STEP) - medium.index(1.55 - STEP)) / (2 * STEP)
    assert medium.group_index(1.55) == pytest.approx(medium.index(1.55) - 1.55 * slope, abs=1e-8)
    assert medium.group_index(1.55) == pytest.approx(group_index, abs=2e-3)


@pytest.mark.parametrize("medium", MEDIA.values(), ids=str)
def test_media_are_transparent_and_disperse_normally_where_their_formula_holds(medium):
    low, high = medium.range_um
    wavelengths = [low + (high - low) * k / 50 for k in range(51)]
    indices = [medium.index(w) for w in wavelengths]
    assert all(1.0 < after < before for before, after in pairwise(indices))
    assert medium.citation


def test_outside_its_range_a_formula_says_the_range():
    with pytest.raises(BadInput, match=r"medium Si: expected a wavelength from 1\.2 to 14 µm.*got 1\.1 µm"):
        MEDIA["Si"].index(1.1)


def design(tmp_path, core='medium = "Si"\ndispersion = "dispersive"', **replaced):
    """The library's dispersive guide with some of its text replaced."""
    text = f"""
kind = "straight"
name = "guide"
source = "a test"
polarization = "te"
dimensions = 3
parameters = {{ width_um = 0.5, length_um = 1.0 }}
materials.core = {{ {replaced.get("effective", "index = 2.85")}, basis = "effective" }}
materials.cladding = {{ index = 1.444, basis = "bulk" }}
wavelengths = {{ start_um = {replaced.get("start", 1.5)}, stop_um = 1.6, points = 3 }}
[stack]
thickness_um = 0.22
[stack.core]
{core}
[stack.cladding]
medium = "SiO2"
dispersion = "dispersive"
"""
    path = tmp_path / "guide.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_dispersive_medium_has_its_own_index_everywhere_and_a_constant_one_that_of_the_centre(tmp_path):
    following = load_device(design(tmp_path))
    kept = load_device(design(tmp_path, core='medium = "Si"\ndispersion = "constant"'))
    for wavelength in (1.5, 1.55, 1.6):
        oxide = MEDIA["SiO2"].index(wavelength)
        assert following.indices_at(wavelength) == {"core": MEDIA["Si"].index(wavelength), "cladding": oxide}
        assert kept.indices_at(wavelength) == {"core": MEDIA["Si"].index(kept.centre_um), "cladding": oxide}


def test_an_index_with_a_slope_falls_around_the_centre(tmp_path):
    device = load_device(design(tmp_path, core='index = 3.5\nbasis = "bulk"\ndn_dlambda_per_um = -0.1'))
    assert [device.indices_at(w)["core"] for w in (1.5, 1.55, 1.6)] == pytest.approx([3.505, 3.5, 3.495])


@pytest.mark.parametrize(
    ("core", "message"),
    [
        ('medium = "Si"', "medium 'Si' needs dispersion: 'constant'.*'dispersive'"),
        ('medium = "Sj"\ndispersion = "constant"', r"stack\.core\.medium: expected one of Si, SiO2, Si3N4, got 'Sj'"),
        ('medium = "Si"\nindex = 3.5\nbasis = "bulk"\ndispersion = "constant"', "either medium.*or index"),
        ('note = "?"', "either medium.*or index"),
        ('medium = "Si"\nbasis = "bulk"\ndispersion = "constant"', "leave these keys out"),
        ('index = 3.5\nbasis = "bulk"\ndispersion = "dispersive"', "dispersion goes with medium"),
        ('index = 3.5\nbasis = "effective"', r"needs a bulk index"),
        ('index = 3.5\nbasis = "bulk"\ndn_dlambda_per_um = 0.1', r"dn_dlambda_per_um: expected .* at most 0.*got 0\.1"),
        ('medium = "SiO2"\ndispersion = "dispersive"', r"stack\.core's index \(1\.44462\) must exceed"),
    ],
)
def test_materials_that_cannot_be_used_say_why(tmp_path, core, message):
    with pytest.raises(BadInput, match=message):
        load_device(design(tmp_path, core=core))


def test_a_band_beyond_a_formula_is_refused_with_the_range(tmp_path):
    with pytest.raises(BadInput, match=r"stack: medium Si: expected a wavelength from 1\.2 to 14 µm.*got 1\.1 µm"):
        load_device(design(tmp_path, start=1.1))


def test_a_medium_is_refused_in_a_plane(tmp_path):
    with pytest.raises(BadInput, match=r"materials\.core: .*a medium's index is that of the bulk"):
        load_device(design(tmp_path, effective='medium = "Si"'))
