"""A picture that a bot sends by its address, fetched as the platform might."""

import aiohttp

from sandbox.errors import bad_request

SECONDS = 5
MOST_BYTES = 10_000_000


async def fetch_picture(url: str) -> None:
    """Raises ApiError unless a picture is there."""
    try:
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(url) as reply:
            is_picture = reply.ok and reply.content_type.startswith("image/")
            size = len(await reply.content.read(MOST_BYTES + 1))
    except (TimeoutError, aiohttp.ClientError):
        is_picture, size = False, 0
    if not is_picture or not 0 < size <= MOST_BYTES:
        raise bad_request("photo cannot be fetched")
