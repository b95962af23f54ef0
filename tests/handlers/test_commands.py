"""The commands: offered to whom they are of use, and shown in the messenger's menus."""

from collections.abc import AsyncIterator

import pytest
from telegram import BotCommand
from telegram.ext import ExtBot

from channels.telegram import AiohttpRequest
from domain.role import Actor, Membership, Role
from handlers.commands import COMMANDS, commands_for, publish
from sandbox.app import create_app
from tests.sandbox.rig import TOKEN, Rig, over_http

FOR_EVERYBODY = ["lienket", "huy", "quyenrieng", "trogiup"]
FOR_LEADS = ["tongket", "thieu", "nhac", "moi"]
FOR_REPORTERS = ["baocao", "duluan", "cuatoi", "lich", "nhac", "donvi", "vang", *FOR_EVERYBODY]


def offered(*roles: Role) -> list[str]:
    """The names of what somebody with these roles is offered."""
    memberships = tuple(Membership(n, f"Đơn vị {n}", role) for n, role in enumerate(roles))
    return [command.name for command in commands_for(Actor(1, "Lan", memberships))]


def test_somebody_without_a_role_is_offered_help_and_privacy() -> None:
    assert offered() == FOR_EVERYBODY


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.MEMBER, ["lich", "donvi", "vang", *FOR_EVERYBODY]),
        (Role.REPORTER, FOR_REPORTERS),
        (
            Role.UNIT_LEAD,
            ["baocao", "duluan", "cuatoi", "lich", *FOR_LEADS, "donvi", "vang", *FOR_EVERYBODY],
        ),
        (Role.OFFICER, [command.name for command in COMMANDS if command.name != "start"]),
        (Role.ADMIN, [command.name for command in COMMANDS if command.name != "start"]),
    ],
)
def test_each_role_is_offered_what_it_may_use(role: Role, names: list[str]) -> None:
    assert offered(role) == names


def test_two_roles_are_offered_what_either_may_use() -> None:
    assert offered(Role.MEMBER, Role.REPORTER) == FOR_REPORTERS


def test_every_command_is_one_that_the_messenger_takes() -> None:
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        assert command.name.isascii()
        assert command.name.islower()
        assert len(command.name) <= BotCommand.MAX_COMMAND
        assert 1 <= len(command.description) <= BotCommand.MAX_DESCRIPTION
        assert "<" not in command.description


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with over_http(create_app(limits=False)) as made:
        yield made


async def test_private_chats_show_all_and_groups_only_what_answers_there(rig: Rig) -> None:
    request = AiohttpRequest()
    bot: ExtBot[None] = ExtBot(
        TOKEN,
        base_url=f"{rig.http.base_url}/bot",
        request=request,
        get_updates_request=AiohttpRequest(),
    )
    async with request:
        await publish(bot)
    private = await rig.ok("getMyCommands", scope={"type": "all_private_chats"})
    assert {command["command"]: command["description"] for command in private} == {
        command.name: command.description for command in COMMANDS if command.name != "start"
    }
    groups = await rig.ok("getMyCommands", scope={"type": "all_group_chats"})
    assert [command["command"] for command in groups] == ["tongket", "thieu", "trogiup"]
    assert await rig.ok("getMyCommands") == []
