"""What a scenario says of Telegram, held against what Zalo showed.

Each text must be said in the same chat, in the same order, with the same choices, and nothing else.
What differs between the messengers, and is let pass:
- an edit is a new message, and a long text is several: only what was said counts, not in how many;
- taking the buttons off a message shows nothing;
- a pop-up is a message in the chat of who tapped;
- an invitation is no link, but what to write to the bot, so it has no QR picture;
- signs before a choice, empty lines, and in which rows the choices stand.
"""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import unified_diff
from itertools import chain, product, takewhile

from channels.zalo_menu import bare
from tests.journeys.scenario import INDENT, act, is_act, steps
from tests.journeys.zalo_stage import ZaloStage
from wording.say import label

_HEADER = re.compile(r"bot( edits)?(?: to (.+))?:")
_ROW = re.compile(r"\[.*\](?: \[.*\])*")
_LINK = re.compile(r"https://t\.me/\w+\?start=(\{token[ \d]*\})")
_POP_UP = "pop-up: "
_FACTS = ("stored:", "never stored:")
_UNCHANGED = "message is not modified"
_QR = label("invite.qr_title")
# Nobody tells a Zalo bot that it was put into a group, so it says nothing then.
_UNSEEN = "group "


@dataclass(frozen=True, slots=True)
class Said:
    """One message in a chat (empty: where the step is): its lines, its choices in brackets behind.

    `maybe`: on Zalo it may as well not come. `pop_up`: it may come before the rest.
    """

    chat: str
    lines: tuple[str, ...]
    maybe: bool = False
    pop_up: bool = False


def first_difference(written: str, stage: ZaloStage, end: str | None = None) -> str | None:
    """Play a scenario's script, or what stands before the step `end`, until Zalo leaves it; tells
    where, or None.
    """
    before: set[tuple[str, ...]] = set()
    for line, answers in takewhile(lambda step: step[0] != end, steps(written)):
        if not is_act(line):
            continue
        played = act(stage, line)
        if line.startswith(_FACTS):
            same, pair = played == [*filter(None, answers)], (answers, played)
        else:
            wanted, found = list(_messages(answers, before)), list(_messages(played, set()))
            before |= {said.lines for said in wanted}
            same, pair = _is_same(wanted, found), (_flat(wanted), _flat(found))
        if not same and not line.startswith(_UNSEEN):
            return "\n".join([line, *unified_diff(*pair, "the scenario", "on Zalo", lineterm="")])
    return None


def _is_same(wanted: Sequence[Said], found: Sequence[Said]) -> bool:
    chats = {said.chat for said in (*wanted, *found)}
    return all(_lines(_in(chat, found)) in _readings(_in(chat, wanted)) for chat in chats)


def _in(chat: str, messages: Sequence[Said]) -> list[Said]:
    return [said for said in messages if said.chat == chat]


def _lines(messages: Iterable[Said]) -> list[str]:
    return [line for said in messages for line in said.lines]


def _readings(wanted: Sequence[Said]) -> Iterator[list[str]]:
    """All that may be seen on Zalo of what one chat shows on Telegram."""
    for first in (False, True):
        ordered = sorted(wanted, key=lambda said: said.pop_up, reverse=first)
        for choice in product(*([[said], []] if said.maybe else [[said]] for said in ordered)):
            yield _lines(chain.from_iterable(choice))


def _flat(messages: Iterable[Said]) -> list[str]:
    return [f"{said.chat}> {line}" for said in messages for line in said.lines]


def _messages(answers: Iterable[str], before: Set[tuple[str, ...]]) -> Iterator[Said]:
    """What stands below a step; `before` is what earlier steps said."""
    for header, content in _blocks(answers):
        text = [_worded(line) for line in content if line and not _ROW.fullmatch(line)]
        rows = (row[1:-1].split("] [") for row in content if _ROW.fullmatch(row))
        choices = sorted(f"[{bare(name)}]" for row in rows for name in row)
        lines = (*text, *choices)
        if found := _HEADER.fullmatch(header):
            bared = bool(found[1]) and not choices and _is_among(lines, before)
            yield Said(found[2] or "", lines, maybe=bared or lines[0] == _QR)
        elif header.startswith(_POP_UP):
            yield Said("", (header.removeprefix(_POP_UP),), pop_up=True)
        elif _UNCHANGED not in header:
            yield Said("", (header,))


def _is_among(lines: tuple[str, ...], before: Set[tuple[str, ...]]) -> bool:
    """Whether these lines were said before, whatever choices stood below."""
    return any(said[: len(lines)] == lines for said in before)


def _blocks(answers: Iterable[str]) -> list[tuple[str, list[str]]]:
    blocks: list[tuple[str, list[str]]] = []
    for answer in answers:
        if answer and not answer.startswith(INDENT):
            blocks.append((answer, []))
        else:
            blocks[-1][1].append(answer.strip())
    return blocks


def _worded(line: str) -> str:
    return _LINK.sub(lambda found: label("zalo.invitation", token=found[1]), line)
