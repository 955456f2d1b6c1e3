"""Whatever stands on a command line is done or refused in words; nothing else leaves the program."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from fdtd_onn.cli.main import app
from fdtd_onn.errors import FdtdOnnError

COMMANDS = [
    *("characterize", "compile", "export", "process", "report", "train", "compare", "fidelity", "run", "phases"),
    *("plan", "submit", "status", "cancel", "resume", "store", "design"),
]
OPTIONS = ["--set", "--out", "--json", "--fidelity", "--seeds", "--rules", "--models", "--site", "--unitary", "--to"]
# Names of the library would be computed: words are short and of few letters, none of which make one.
WORDS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8),
    st.sampled_from([*OPTIONS, "draft", "gap_um=1:2:1", "0:9", "..", "a/b.h5", "ls", "tap", "nan", "-1", "1e999"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(command=st.sampled_from(COMMANDS), words=st.lists(WORDS, max_size=5))
def test_any_words_are_refused_or_done(command, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FDTD_ONN_STORE", str(tmp_path / "store"))
    result = CliRunner().invoke(app, [command, *words])
    assert result.exception is None or isinstance(result.exception, SystemExit | FdtdOnnError), result.exception


@pytest.mark.parametrize("word", ["", "nothing", "$(touch x)", "a\nb", "💡", "-"])
def test_a_name_that_is_none_is_an_error_with_a_cure(word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["characterize", word])
    assert isinstance(result.exception, SystemExit | FdtdOnnError)
    assert not list(tmp_path.iterdir())
