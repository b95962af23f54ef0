"""The commands, each with its scope; their descriptions are messages (`commands.toml`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.ext import ExtBot

from domain.role import Action, Actor
from wording.say import label


@dataclass(frozen=True, slots=True)
class Command:
    """`needs` is the right without which /trogiup does not offer it; None for everybody."""

    name: str
    needs: Action | None = None
    in_groups: bool = False

    @property
    def description(self) -> str:
        return label(f"commands.{self.name}")


COMMANDS = (
    Command("baocao", Action.REPORT_TALLY),
    Command("duluan", Action.SEND_NOTE),
    Command("cuatoi", Action.REPORT_TALLY),
    Command("lich", Action.ANSWER_BRIEFING),
    Command("tongket", Action.SEE_SUMMARY, in_groups=True),
    Command("thieu", Action.SEE_SUMMARY, in_groups=True),
    Command("nhac", Action.REPORT_TALLY),
    Command("yeucau", Action.DECIDE_CHANGE),
    Command("xemlai", Action.REVIEW_ENTRIES),
    Command("chot", Action.LOCK_PERIOD),
    Command("mochot", Action.LOCK_PERIOD),
    Command("mienbao", Action.EXCUSE_UNIT),
    Command("giahan", Action.EXTEND_DEADLINE),
    Command("hoinghi", Action.ANNOUNCE_BRIEFING),
    Command("moi", Action.INVITE),
    Command("donvi", Action.ANSWER_BRIEFING),
    Command("vang", Action.ANSWER_BRIEFING),
    Command("lienket"),
    Command("huy"),
    Command("quyenrieng"),
    Command("trogiup", in_groups=True),
    Command("start"),
)


# /start is how one begins; nobody needs to be told of it afterwards.
SHOWN = tuple(command for command in COMMANDS if command.name != "start")


def commands_for(actor: Actor) -> Sequence[Command]:
    """What this person can use."""
    return [c for c in SHOWN if c.needs is None or actor.first(c.needs)]


async def publish(bot: ExtBot[Any]) -> None:
    """Show the commands in the messenger's menu, by scope."""
    everyone = [BotCommand(c.name, c.description) for c in SHOWN]
    groups = [BotCommand(c.name, c.description) for c in SHOWN if c.in_groups]
    await bot.set_my_commands(everyone, scope=BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(groups, scope=BotCommandScopeAllGroupChats())
