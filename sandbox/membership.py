"""Who is in a chat: joins, leaves, blocks, and a group's upgrade to a supergroup."""

from sandbox.errors import SimError
from sandbox.jsons import JsonDict
from sandbox.state import IN_CHAT, Bot, Chat, Person
from sandbox.updates import audience, push, push_message
from sandbox.world import World

STATUSES = {
    "join": "member",
    "unblock": "member",
    "member": "member",
    "leave": "left",
    "left": "left",
    "block": "kicked",
    "kick": "kicked",
    "kicked": "kicked",
    "administrator": "administrator",
    "creator": "creator",
}
_RIGHTS = [
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_manage_topics",
]


def member_object(user: JsonDict, status: str) -> JsonDict:
    """As a Bot API ChatMember."""
    shown: JsonDict = {"user": user, "status": status}
    if status in {"creator", "administrator"}:
        shown["is_anonymous"] = False
    if status == "administrator":
        shown |= {"can_be_edited": False, **dict.fromkeys(_RIGHTS, True)}
    if status == "kicked":
        shown["until_date"] = 0
    return shown


def _changed(
    world: World, chat: Chat, by: JsonDict, user: JsonDict, old: str, new: str
) -> JsonDict:
    return {
        "chat": world.chat_object(chat),
        "from": by,
        "date": world.clock.timestamp(),
        "old_chat_member": member_object(user, old),
        "new_chat_member": member_object(user, new),
    }


def set_blocked(world: World, bot: Bot, person: Person, blocked: bool) -> None:
    """A person blocks or unblocks the bot in their private chat."""
    chat = world.private(bot, person.id)
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    world.save_chat(chat)
    old, new = ("member", "kicked") if blocked else ("kicked", "member")
    push(world, bot, "my_chat_member", _changed(world, chat, person.user(), bot.user(), old, new))
    world.note("chat", chat.id)


def set_member(world: World, chat: Chat, user_id: int, status: str, by: int | None) -> None:
    """Somebody joins, leaves, is removed or promoted in a group."""
    user = world.user(user_id)
    if user is None:
        raise SimError(f"no user {user_id}")
    old = chat.members.get(user_id, "left")
    if old == status:
        return
    actor = world.user(by if by is not None else _actor(world, chat, user_id, status)) or user
    reached = audience(world, chat)
    chat.members[user_id] = status
    world.save_chat(chat)
    change = _changed(world, chat, actor, user, old, status)
    for bot in {bot.id: bot for bot in [*reached, *audience(world, chat)]}.values():
        push(world, bot, "my_chat_member" if bot.id == user_id else "chat_member", change)
    _announce(world, chat, actor, user, old, status)
    world.note("chat", chat.id)


def _actor(world: World, chat: Chat, user_id: int, status: str) -> int:
    if user_id in world.persons and status != "kicked":
        return user_id
    owners = [member for member, held in chat.members.items() if held == "creator"]
    return next(iter([*owners, *(m for m in chat.members if m in world.persons)]), user_id)


def _announce(
    world: World, chat: Chat, actor: JsonDict, user: JsonDict, old: str, new: str
) -> None:
    if (old in IN_CHAT) == (new in IN_CHAT):
        return
    news = {"new_chat_members": [user]} if new in IN_CHAT else {"left_chat_member": user}
    push_message(world, chat, world.post(chat, actor, news))


def bot_left(world: World, bot: Bot, chat: Chat) -> None:
    """The bot leaves a group by itself."""
    set_member(world, chat, bot.id, "left", bot.id)


def add_group(world: World, chat: Chat, members: list[int]) -> None:
    """A new group: its first member owns it, and the bot is added unless bots are named."""
    unknown = [member for member in members if world.user(member) is None]
    if unknown:
        raise SimError(f"no user {unknown[0]}")
    people = [member for member in members if member in world.persons]
    for person in people:
        chat.members[person] = "creator" if person == people[0] else "member"
    world.chats[chat.key] = chat
    world.save_chat(chat)
    world.note("chat", chat.id)
    for bot in [world.bots[m] for m in members if m in world.bots] or [world.bot(None)]:
        _add_bot(world, chat, bot, people)


def _add_bot(world: World, chat: Chat, bot: Bot, people: list[int]) -> None:
    chat.members[bot.id] = "member"
    world.save_chat(chat)
    by = world.persons[people[0]].user() if people else bot.user()
    change = _changed(world, chat, by, bot.user(), "left", "member")
    push(world, bot, "my_chat_member", change)


def migrate(world: World, group: Chat) -> Chat:
    """Upgrade a group; both chats get the service message that says so."""
    if group.type != "group":
        raise SimError("only a group can be upgraded to a supergroup")
    if group.migrated_to is not None:
        raise SimError(f"group was already upgraded to {group.migrated_to}")
    chat = Chat(world.free_group_id("supergroup"), "supergroup", group.title)
    chat.members = dict(group.members)
    world.chats[chat.key] = chat
    group.migrated_to = chat.id
    world.save_chat(chat)
    owner = world.user(_actor(world, group, 0, "kicked")) or world.bot(None).user()
    push_message(world, group, world.post(group, owner, {"migrate_to_chat_id": chat.id}))
    push_message(world, chat, world.post(chat, owner, {"migrate_from_chat_id": group.id}))
    world.note("chat", chat.id)
    return chat
