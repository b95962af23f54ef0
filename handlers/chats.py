"""Chats that come, go and move: groups the bot is put into, people who block it and return."""

from telegram import ChatMember
from telegram.ext import ChatMemberHandler, MessageHandler, filters

from handlers.desk import Desk, Turn
from handlers.dialogue import Handler
from handlers.summary import register_group
from storage import group, person

_PRESENT = (ChatMember.MEMBER, ChatMember.ADMINISTRATOR)


async def bot_membership_changed(turn: Turn) -> None:
    """Somebody put the bot into a group or out of it, or blocked it in private, or came back."""
    change = turn.update.my_chat_member
    if change is None:
        return
    present = change.new_chat_member.status in _PRESENT
    if turn.is_private:
        since = None if present else turn.now
        await turn.write(person.set_reachable, turn.channel, turn.address, since)
    elif present and change.old_chat_member.status not in _PRESENT:
        unit_id = await turn.write(register_group, turn.sender, str(change.from_user.id))
        await turn.say("summary.group_welcome" if unit_id else "summary.group_not_registered")


async def group_moved(turn: Turn) -> None:
    """A group became a supergroup: its address changed, it is the same group."""
    new_address = turn.message.migrate_to_chat_id
    if new_address is not None:
        await turn.write(group.migrate, turn.channel, turn.address, str(new_address))


def handlers(desk: Desk) -> list[Handler]:
    return [
        ChatMemberHandler(desk.on(bot_membership_changed), ChatMemberHandler.MY_CHAT_MEMBER),
        MessageHandler(filters.StatusUpdate.MIGRATE, desk.on(group_moved)),
    ]
