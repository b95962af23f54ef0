"""The transport against a real server: nothing is bent on the way, and no error tells the token."""

import socket
import traceback
from collections.abc import AsyncIterator, Iterator

import pytest
from telegram import InputFile
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.ext import ExtBot

from channels.telegram import READ_SECONDS, AiohttpRequest
from sandbox.app import create_app
from tests.sandbox.rig import TOKEN, Rig, over_http

SECRET = TOKEN.partition(":")[2]
FILE_NAME = "Báo cáo dư luận xã hội tháng 11 – xã Hàm Yên.docx"


def a_bot(address: str) -> ExtBot[None]:
    return ExtBot(
        TOKEN,
        base_url=f"{address}/bot",
        base_file_url=f"{address}/file/bot",
        request=AiohttpRequest(),
        get_updates_request=AiohttpRequest(),
    )


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http(create_app(limits=False)) as made:
        yield made


@pytest.fixture
async def bot(rig: Rig) -> AsyncIterator[ExtBot[None]]:
    async with a_bot(str(rig.http.base_url).rstrip("/")) as made:
        yield made


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address at which nobody answers: bound, but not listening."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


def all_that_is_told(error: BaseException) -> str:
    """Whatever a log or a person could be shown of an error, with everything that led to it."""
    return "".join((str(error), repr(error), *traceback.format_exception(error)))


def assert_tells_no_address(error: BaseException) -> None:
    told = all_that_is_told(error)
    assert SECRET not in told
    assert "/bot" not in told.replace("/bot/", "")
    assert "http://" not in told


async def test_a_text_arrives_as_it_was_written(bot: ExtBot[None], rig: Rig) -> None:
    person = await rig.started()
    text = 'Đồng chí đã báo 3 buổi & "45" <đv> 👍\nnghỉ'
    await bot.send_message(person, text)
    assert (await rig.shown(person))[-1]["text"] == text


@pytest.mark.parametrize("name", [FILE_NAME, "so lieu.xlsx", "50% 'x' & \"y\"; z=1.csv"])
async def test_a_file_arrives_under_its_own_name(bot: ExtBot[None], rig: Rig, name: str) -> None:
    person, content = await rig.started(), "nội dung\r\n".encode() * 1000
    sent = await bot.send_document(
        person, InputFile(content, filename=name), caption="Báo cáo tháng 11"
    )
    shown = (await rig.shown(person))[-1]
    assert shown["document"]["file_name"] == name
    assert shown["caption"] == "Báo cáo tháng 11"
    assert sent.document is not None
    received = await (await bot.get_file(sent.document.file_id)).download_as_bytearray()
    assert received == content


async def test_a_refusal_reaches_the_caller_with_its_reason(bot: ExtBot[None]) -> None:
    with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
        await bot.send_message(4711, "x")


async def test_a_lost_answer_is_an_error_and_the_message_is_not_sent_again(
    bot: ExtBot[None], rig: Rig
) -> None:
    person = await rig.started()
    await rig.post("/sim/faults", method="sendMessage", drop_reply=True)
    with pytest.raises(NetworkError) as lost:
        await bot.send_message(person, "một lần")
    assert_tells_no_address(lost.value)
    assert [m["text"] for m in await rig.shown(person)] == ["/start", "một lần"]


async def test_a_cut_connection_does_not_spoil_the_next_message(
    bot: ExtBot[None], rig: Rig
) -> None:
    person = await rig.started()
    await rig.post("/sim/faults", method="sendMessage", disconnect=True)
    with pytest.raises(NetworkError) as cut:
        await bot.send_message(person, "mất")
    assert_tells_no_address(cut.value)
    await bot.send_message(person, "còn")
    assert [m["text"] for m in await rig.shown(person)] == ["/start", "còn"]


async def test_who_does_not_answer_in_time_is_given_up(bot: ExtBot[None], rig: Rig) -> None:
    await rig.post("/sim/faults", method="getMe", delay_ms=300)
    with pytest.raises(TimedOut) as late:
        await bot.get_me(read_timeout=0.01)
    assert_tells_no_address(late.value)
    assert (await bot.get_me(read_timeout=None)).is_bot


async def test_a_server_that_takes_no_connection_is_a_network_error(nobody: str) -> None:
    with pytest.raises(NetworkError) as refused:
        async with a_bot(nobody):
            pass
    assert not isinstance(refused.value, TimedOut)
    assert_tells_no_address(refused.value)


async def test_an_address_that_is_none_is_an_error_without_the_address() -> None:
    async with AiohttpRequest() as request:
        with pytest.raises(TelegramError) as wrong:
            await request.post(f"http://[x]/bot{TOKEN}/getMe")
    assert SECRET not in all_that_is_told(wrong.value)


async def test_a_long_poll_waits_for_its_own_time_and_for_the_way(bot: ExtBot[None]) -> None:
    """The library adds this to the time that a poll is to last."""
    assert AiohttpRequest().read_timeout == READ_SECONDS
    assert await bot.get_updates(timeout=0) == ()


async def test_opening_and_closing_twice_does_no_harm(rig: Rig) -> None:
    request = AiohttpRequest()
    address = f"{rig.http.base_url}/bot{TOKEN}/getMe"
    await request.initialize()
    await request.initialize()
    assert "is_bot" in str(await request.post(address))
    await request.shutdown()
    await request.shutdown()
    with pytest.raises(NetworkError, match="not initialized") as closed:
        await request.post(address)
    assert SECRET not in all_that_is_told(closed.value)
