"""docs/zalo.md says what the adapter does, and the month of which it speaks is the counted one."""

from bench.zalo_month import MONTH, QUOTA, count
from bot import files
from channels.zalo_calls import METHODS, nothing
from storage.schema import metadata
from tests.docs.tables import DOCS, table


def test_every_method_of_the_bot_api_is_documented_and_no_other() -> None:
    assert table("zalo.md", "What each Bot API method becomes").keys() == METHODS.keys()


def test_what_does_nothing_is_said_to_do_nothing() -> None:
    told = table("zalo.md", "What each Bot API method becomes")
    silent = {name for name, act in METHODS.items() if act is nothing}
    assert {name for name, row in told.items() if row == ["nothing", "0"]} == silent


def test_every_table_is_documented_and_no_other() -> None:
    tables = {name for name in metadata.tables if name.startswith("zalo_")}
    assert table("zalo.md", "What is kept").keys() == tables


def test_the_month_is_the_one_that_is_counted() -> None:
    whole = count(MONTH)
    text = " ".join((DOCS / "zalo.md").read_text(encoding="utf-8").split())
    assert f"Now {whole.sent:,} messages go out and {whole.received:,} come in" in text
    both = (whole.sent + whole.received) / QUOTA
    assert (
        f"{whole.sent / QUOTA:.0%} of the quota, or {both:.0%} should both ways count".replace(
            "%", " %"
        )
        in text
    )


def test_the_proxy_forwards_what_must_be_reached_from_outside() -> None:
    page = (DOCS / "zalo.md").read_text(encoding="utf-8")
    assert f"@open path /zalo/* /{files.PATH}/*" in page
