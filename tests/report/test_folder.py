import json

import pytest

from fdtd_onn.errors import BadInput
from fdtd_onn.report.folder import FORMAT, NUMBERS, whole_folder


def write_report_like(target, text):
    with whole_folder(target) as part:
        (part / "figures").mkdir()
        (part / "figures" / "one.png").write_text(text)
        (part / NUMBERS).write_text(json.dumps({"format": FORMAT, "files": [NUMBERS, "figures/one.png"]}))


def stop_half_way(target):
    with whole_folder(target) as part:
        (part / "half").write_text("x")
        _ = 1 / 0


def write_while_another_does(target):
    with whole_folder(target) as part:
        (part / "page").write_text("mine")
        target.mkdir()
        (target / "precious").write_text("x")


def content(folder):
    return {p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_appears_whole_and_leaves_nothing_beside_it(tmp_path):
    target = tmp_path / "new" / "report"
    with whole_folder(target) as part:
        (part / "page").write_text("x")
        assert not target.exists()
    assert content(target) == {"page": "x"}
    assert list(target.parent.iterdir()) == [target]


def test_an_error_while_writing_leaves_no_folder_and_the_old_report_untouched(tmp_path):
    target = tmp_path / "report"
    for _attempt in ("nothing there", "a report there"):
        before = content(target)
        with pytest.raises(ZeroDivisionError):
            stop_half_way(target)
        assert content(target) == before
        assert [p for p in tmp_path.iterdir() if p != target] == []
        write_report_like(target, "first")


def test_a_report_replaces_an_earlier_one_wholly(tmp_path):
    target = tmp_path / "report"
    write_report_like(target, "first")
    with whole_folder(target) as part:
        (part / "page").write_text("second")
    assert content(target) == {"page": "second"}
    assert list(tmp_path.iterdir()) == [target]


def test_an_empty_folder_and_a_link_to_a_report_are_filled(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for text in ("first", "second"):
        write_report_like(tmp_path / "link", text)
        assert content(tmp_path / "real")["figures/one.png"] == text
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize(
    "files",
    [
        {"thesis.tex": "years of work"},
        {NUMBERS: "not json"},
        {NUMBERS: "[1, 2]"},
        {NUMBERS: json.dumps({"format": "something else", "files": [NUMBERS]})},
        {NUMBERS: json.dumps({"format": FORMAT, "files": [NUMBERS]}), "notes.txt": "mine"},
        {"deep/down/below": "x"},
    ],
    ids=["other things", "no json", "a list", "another format", "a report with notes", "nested"],
)
def test_what_is_not_an_earlier_report_is_refused_and_kept(tmp_path, files):
    target = tmp_path / "folder"
    for name, text in files.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text)
    with pytest.raises(BadInput, match="earlier report"), whole_folder(target) as part:
        (part / "page").write_text("x")
    assert content(target) == files
    assert list(tmp_path.iterdir()) == [target]


def test_what_comes_into_the_folder_meanwhile_is_kept(tmp_path):
    target = tmp_path / "folder"
    with pytest.raises(BadInput, match="earlier report"):
        write_while_another_does(target)
    assert content(target) == {"precious": "x"}


def test_a_file_in_the_way_is_bad_input(tmp_path):
    (tmp_path / "file").write_text("x")
    for target in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(BadInput), whole_folder(target):
            pass
    assert (tmp_path / "file").read_text() == "x"
