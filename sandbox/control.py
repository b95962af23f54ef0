"""The control interface: JSON over loopback HTTP under /sim (docs/sandbox.md)."""

from collections.abc import Awaitable, Callable, Mapping

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import control_clock, control_messages, control_people, zalo_control
from sandbox.errors import SimError
from sandbox.jsons import dumps
from sandbox.requests import ZALO, platform
from sandbox.world import World

Handler = Callable[[World, Request], Awaitable[object]]

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/sim/users", control_people.add_user),
    ("POST", "/sim/chats", control_people.add_chat),
    ("POST", "/sim/chats/{id}/migrate", control_people.upgrade),
    ("GET", "/sim/chats/{id}/messages", control_messages.chat_messages),
    ("GET", "/sim/chats/{id}/commands", control_people.menu),
    ("GET", "/sim/people", control_people.people),
    ("POST", "/sim/message", control_messages.send),
    ("POST", "/sim/edit", control_messages.edit_message),
    ("POST", "/sim/tap", control_messages.tap_button),
    ("POST", "/sim/member", control_people.change_member),
    ("GET", "/sim/events", control_messages.events),
    ("GET", "/sim/files/{file_id}", control_messages.file_bytes),
    ("GET", "/sim/clock", control_clock.read_clock),
    ("POST", "/sim/clock", control_clock.move_clock),
    ("POST", "/sim/faults", control_clock.plant_fault),
    ("GET", "/sim/faults", control_clock.list_faults),
    ("DELETE", "/sim/faults", control_clock.clear_faults),
    ("GET", "/sim/limits", control_clock.read_limits),
    ("POST", "/sim/limits", control_clock.switch_limits),
    ("GET", "/sim/calls", control_clock.calls),
    ("GET", "/sim/quirks", zalo_control.read_quirks),
    ("POST", "/sim/quirks", zalo_control.switch_quirks),
)

# The same requests with `platform: zalo`; those that are not named here have no such thing.
ON_ZALO: Mapping[Handler, Handler] = {
    control_people.add_chat: zalo_control.add_chat,
    control_people.people: zalo_control.people,
    control_people.change_member: zalo_control.change_member,
    control_messages.chat_messages: zalo_control.chat_messages,
    control_messages.send: zalo_control.send,
    **{
        handler: handler
        for handler in (
            control_people.add_user,
            control_messages.events,
            control_clock.read_clock,
            control_clock.move_clock,
            control_clock.plant_fault,
            control_clock.list_faults,
            control_clock.clear_faults,
            control_clock.calls,
            zalo_control.read_quirks,
            zalo_control.switch_quirks,
        )
    },
}


def _explained(error: ValidationError) -> str:
    problems = (
        f"{'.'.join(map(str, problem['loc'])) or 'body'}: {problem['msg']}"
        for problem in error.errors()
    )
    return "; ".join(problems)


def _json(value: object, status: int = 200) -> Response:
    return Response(dumps(value), status, media_type="application/json")


def _endpoint(world: World, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            result = await _chosen(handler, await platform(request))(world, request)
        except SimError as error:
            return _json({"error": str(error)}, 400)
        except ValidationError as error:
            return _json({"error": _explained(error)}, 400)
        return result if isinstance(result, Response) else _json(result)

    return answer


def _chosen(handler: Handler, named: str) -> Handler:
    if named != ZALO:
        return handler
    if handler not in ON_ZALO:
        raise SimError("there is no such thing on Zalo")
    return ON_ZALO[handler]


def control_routes(world: World) -> list[Route]:
    """All /sim routes of a world."""
    return [
        Route(path, _endpoint(world, handler), methods=[method]) for method, path, handler in ROUTES
    ]
