"""Control interface: the clock, faults, limits, and what the bots asked."""

from starlette.requests import Request

from sandbox.bell import first
from sandbox.control_models import ClockMove, LimitSwitch, NewFault
from sandbox.errors import SimError
from sandbox.faults import Fault, Faults
from sandbox.jsons import JsonDict
from sandbox.requests import ZALO, moment, number, platform, read_body, wait_seconds
from sandbox.world import World


def _clock(world: World) -> JsonDict:
    due = world.clock.next_due
    return {
        "now": world.clock.now().isoformat(timespec="milliseconds"),
        "version": world.clock.version,
        "next_due": due.isoformat() if due else None,
    }


async def read_clock(world: World, request: Request) -> JsonDict:
    """GET /sim/clock"""
    clock = world.clock
    due = request.query_params.get("next_due")
    if due is not None:
        named = moment(due) if due else None
        if named != clock.next_due:
            clock.next_due = named
            world.note("clock")
    known = number(request, "known_version")
    if known is not None:
        await first(clock.bell, lambda: clock.version != known, wait_seconds(request))
    return _clock(world)


async def move_clock(world: World, request: Request) -> JsonDict:
    """POST /sim/clock"""
    given = await read_body(request, ClockMove)
    if len(given.model_fields_set) != 1:
        raise SimError("give exactly one of now, advance, to_next_due")
    if given.now is not None:
        world.clock.move_to(given.now)
    elif given.advance is not None:
        world.clock.advance(given.advance)
    elif given.to_next_due:
        world.clock.to_next_due()
    world.save_clock()
    world.note("clock")
    return _clock(world)


async def _faults(world: World, request: Request) -> Faults:
    """Each messenger has its own."""
    return world.zalo.faults if await platform(request) == ZALO else world.faults


async def plant_fault(world: World, request: Request) -> JsonDict:
    """POST /sim/faults"""
    given = await read_body(request, NewFault)
    faults = await _faults(world, request)
    fault = Fault(faults.next_id(), **given.model_dump())
    faults.planted.append(fault)
    return {"id": fault.id}


async def list_faults(world: World, request: Request) -> JsonDict:
    """GET /sim/faults"""
    return {
        "faults": [
            {"id": fault.id, **{name: getattr(fault, name) for name in NewFault.model_fields}}
            for fault in (await _faults(world, request)).planted
        ]
    }


async def clear_faults(world: World, request: Request) -> JsonDict:
    """DELETE /sim/faults"""
    planted = (await _faults(world, request)).planted
    removed = len(planted)
    planted.clear()
    return {"removed": removed}


async def switch_limits(world: World, request: Request) -> JsonDict:
    """POST /sim/limits"""
    world.limits.enabled = (await read_body(request, LimitSwitch)).enabled
    return {"enabled": world.limits.enabled}


async def read_limits(world: World, _: Request) -> JsonDict:
    """GET /sim/limits"""
    return {"enabled": world.limits.enabled}


async def calls(world: World, request: Request) -> list[JsonDict]:
    """GET /sim/calls"""
    limit = number(request, "limit")
    if limit is not None and limit < 1:
        raise SimError("limit must be at least 1")
    method, after = request.query_params.get("method"), number(request, "after") or 0
    return world.calls.list(method, after, limit)
