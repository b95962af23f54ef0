"""The Bot API methods that the sandbox knows, by their documented names."""

from collections.abc import Callable

from sandbox import chatinfo, editing, profile, sending, webhooks
from sandbox.access import Ask
from sandbox.errors import ApiError
from sandbox.updates import get_updates

GET_UPDATES = "getUpdates"
METHODS: dict[str, Callable[[Ask], object]] = {
    "getMe": chatinfo.get_me,
    "setWebhook": webhooks.set_webhook,
    "deleteWebhook": webhooks.delete_webhook,
    "getWebhookInfo": webhooks.get_webhook_info,
    "sendMessage": sending.send_message,
    "sendPhoto": sending.send_photo,
    "sendDocument": sending.send_document,
    "sendMediaGroup": sending.send_media_group,
    "forwardMessage": sending.forward_message,
    "copyMessage": sending.copy_message,
    "sendChatAction": sending.send_chat_action,
    "pinChatMessage": sending.pin_chat_message,
    "unpinChatMessage": sending.unpin_chat_message,
    "editMessageText": editing.edit_message_text,
    "editMessageCaption": editing.edit_message_caption,
    "editMessageReplyMarkup": editing.edit_message_reply_markup,
    "deleteMessage": editing.delete_message,
    "deleteMessages": editing.delete_messages,
    "answerCallbackQuery": editing.answer_callback_query,
    "getFile": chatinfo.get_file,
    "getChat": chatinfo.get_chat,
    "getChatMember": chatinfo.get_chat_member,
    "getChatAdministrators": chatinfo.get_chat_administrators,
    "getChatMemberCount": chatinfo.get_chat_member_count,
    "leaveChat": chatinfo.leave_chat,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
}
CANONICAL = {name.lower(): name for name in (*METHODS, GET_UPDATES)}


async def run(ask: Ask, method: str) -> object:
    """Carry out a method, whose name is taken without case; raises ApiError."""
    name = CANONICAL.get(method.lower())
    if name is None:
        raise ApiError(404, "Not Found")
    if name == GET_UPDATES:
        return await get_updates(ask.world, ask.bot, ask.params)
    return METHODS[name](ask)
