"""`python -m bot units …`: what an operator types and reads."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli import app
from bot.settings import Settings

LAM_BINH, CHIEM_HOA, SON_DUONG = (
    "Đảng ủy xã Lâm Bình",
    "Đảng ủy xã Chiêm Hóa",
    "Đảng ủy xã Sơn Dương",
)


@pytest.fixture(autouse=True)
def province(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, migrated_file: Path) -> None:
    """An empty folder to work in, with a province in the database."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    url = f"sqlite:///{shutil.copy(migrated_file, tmp_path / 'bot.db')}"
    monkeypatch.setenv("DATABASE_URL", url)
    done("province", "Tuyên Quang")


def units(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["units", *arguments])


def done(*arguments: str) -> str:
    result = units(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments: str) -> str:
    result = units(*arguments)
    assert result.exit_code != 0
    return result.stderr


def test_a_merger_says_what_it_has_done() -> None:
    said = done("merge", "xã Lâm Bình", "--into", "xa chiem hoa", "--from", "15/07/2026")
    assert said == f"{LAM_BINH} sáp nhập vào {CHIEM_HOA}, từ ngày 15/7/2026.\n"
    assert "đến ngày 14/7/2026, kế tiếp: 08-02287" in done("show", LAM_BINH)


def test_a_merger_may_found_the_new_unit() -> None:
    pair = ("xã Lâm Bình", "xã Chiêm Hóa")
    said = done("merge", *pair, "--into", "moi=Đảng ủy xã Mới", "--from", "2026-07-15")
    assert said == f"{LAM_BINH}, {CHIEM_HOA} sáp nhập vào Đảng ủy xã Mới, từ ngày 15/7/2026.\n"
    assert done("show", "moi") == (
        "moi  Đảng ủy xã Mới\n"
        f"  08-02266  {LAM_BINH}, đến ngày 14/7/2026, kế tiếp: moi\n"
        f"  08-02287  {CHIEM_HOA}, đến ngày 14/7/2026, kế tiếp: moi\n"
    )


def test_a_split_a_closure_a_new_name_and_a_move_say_what_they_have_done() -> None:
    since = ("--from", "2026-07-15")
    parts = ("--into", "s1=Xã S1", "--into", "s2=Xã S2", "--main", "s1")
    assert done("split", SON_DUONG, *parts, *since) == (
        f"{SON_DUONG} chia tách thành Xã S1, Xã S2, từ ngày 15/7/2026.\n"
    )
    assert done("move", "s2", "--to", "s1", *since) == "Xã S2 chuyển về Xã S1, từ ngày 15/7/2026.\n"
    assert done("show", "s1") == "s1  Xã S1\n  s2  Xã S2\n"
    assert (
        done("rename", "s2", "Xã Hai", *since) == "Xã S2 đổi tên thành Xã Hai, từ ngày 15/7/2026.\n"
    )
    later = ("--from", "2026-08-01")
    assert done("close", "xã s2", *later) == "Xã Hai kết thúc hoạt động, từ ngày 1/8/2026.\n"
    assert (
        refused("close", "s1", "--from", "2026-07-15")
        == "Đơn vị “s1” chưa hoạt động vào ngày này.\n"
    )


def test_a_change_of_a_day_to_come_is_listed_until_it_is_given_up() -> None:
    assert done("planned") == "Không có thay đổi nào đang chờ.\n"
    what = f"{LAM_BINH} kết thúc hoạt động"
    said = done("close", LAM_BINH, "--from", "01/01/2100")
    assert said == f"Sẽ thực hiện vào ngày 1/1/2100: {what}.\n"
    assert done("planned") == f"1  1/1/2100  {what}\n"
    assert done("cancel", "1") == "Đã bỏ thay đổi số 1.\n"
    assert "Không có thay đổi nào mang số 1" in refused("cancel", "1")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("merge", "xã Không Có", "--into", "08"), "Không có đơn vị nào mang mã hoặc tên"),
        (("close", "08"), "Không thể kết thúc hay chuyển Tỉnh ủy"),
        (("show", "xã Không Có"), "Không có đơn vị nào mang mã hoặc tên “xã Không Có”"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    arguments: tuple[str, ...], sentence: str
) -> None:
    since = () if arguments[0] == "show" else ("--from", "2026-07-15")
    assert refused(*arguments, *since).startswith(sentence)


def test_an_export_imported_changes_nothing() -> None:
    assert done("export", "units.xlsx") == "Đã ghi 130 đơn vị vào units.xlsx.\n"
    assert done("import", "units.xlsx") == "Đã lưu 0 thay đổi; 130 đơn vị giữ nguyên.\n"


def test_a_table_is_tried_before_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("code,member_count\n08,136000\n", "utf-8")
    change = "Dòng 2: Tỉnh ủy Tuyên Quang: số đảng viên (trống) → 136000\n"
    trial = "Chạy thử, chưa lưu gì: sẽ có 1 thay đổi; 0 đơn vị giữ nguyên.\n"
    assert done("import", "counts.csv", "--dry-run") == change + trial
    assert done("import", "counts.csv") == f"{change}Đã lưu 1 thay đổi; 0 đơn vị giữ nguyên.\n"


def test_a_wrong_table_is_told_by_row_and_column(tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("code,parent\n08-tuyen-giao,99\n", "utf-8")
    said = refused("import", "units.csv")
    assert said.startswith("Dòng 2, cột Mã cấp trên (parent): Không có đơn vị nào mang mã")


def test_the_template_is_written() -> None:
    assert done("template", "mau.xlsx") == "Đã ghi tệp mẫu vào mau.xlsx.\n"
    assert refused("import", "mau.xlsx").startswith("Tệp chưa có dòng số liệu nào.")


def test_another_name_is_exported_as_written_and_taken_away_by_a_command() -> None:
    table = Path("units.csv")
    table.write_text("code,aliases\n08-02266,Lâm Bình cũ; LB\n", "utf-8")
    assert "Đảng ủy xã Lâm Bình: tên gọi khác: Lâm Bình cũ, LB" in done("import", "units.csv")
    done("export", "all.csv")
    assert "Lâm Bình cũ; LB" in Path("all.csv").read_text("utf-8")
    said = done("unalias", LAM_BINH, "lam binh cu")
    assert said == f"{LAM_BINH} không còn được gọi là “lam binh cu”.\n"
    assert "không phải tên gọi khác" in refused("unalias", LAM_BINH, "lam binh cu")
    assert "không phải tên gọi khác" in refused("unalias", "08-02266", LAM_BINH)
    assert "Không có đơn vị nào" in refused("show", "Lâm Bình cũ")
    assert "Lâm Bình cũ" not in done("export", "all.csv") + Path("all.csv").read_text("utf-8")
