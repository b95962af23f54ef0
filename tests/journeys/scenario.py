r"""A scenario file: a conversation as data.

Lines at the margin are the script: what people do, one line each. Indented below each stands what
came of it: every message and edit of the bot in any chat, with its buttons in [brackets], every
pop-up, every call that the messenger refused, every warning in the bot's log. Nothing else may
come, and nothing may be missing. `# …` is a comment.

    reporter: 3 buổi 45 đv               types this in the private chat; \n and \uXXXX are escapes
    reporter in committee: /tongket      types this in a group
    reporter decomposed: hôm qua         types this with tone marks as characters of their own
    reporter sends: a sticker            or a voice message, a photo of 10 MB, 5,000 characters, …
    reporter sends photo: 3 buổi 45 đv   a photo with this caption, or without any
    reporter sends file: a.docx: 3 buổi  a file of this name, with this caption or without any
    reporter edits: 4 buổi 45 đv         changes their last message
    reporter taps: ✅ Đúng               the newest button of that label
    reporter taps old: ✅ Đúng           the oldest one that the chat still shows
    reporter taps twice: ✅ Đúng         before the bot could answer
    reporter taps in committee: Sau ›    the newest one of that label in a group
    reporter: (blocks the bot)           or (unblocks the bot)
    group committee: officer, lead       a new group with the bot; the first of them made it
    supergroup: committee                becomes a supergroup
    clock: +1 day                        or "next reminder", or 2026-11-27 08:00
    fault: sendMessage to reporter: 429  the next such call fails so; or "answer lost"
    limits: on                           the messenger's rate limits
    setting: EVIDENCE_PHOTOS=true        the bot starts anew with this setting
    bot: killed                          with kill -9; and "bot: started"
    operator: units show                 a command of `python -m bot`, and what it says
    stored:                              what is stored beyond the cast (tests/journeys/cast.py)
    never stored: 0912345678             whether this stands anywhere in the database's bytes

`{token}` stands for the token of the first invitation link, `{token 2}` for that of the second.
`pytest tests/journeys --refresh-scenarios` writes what really came into the files.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from tests.journeys.cast import CAST
from tests.journeys.stage import Stage

INDENT = "  "
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\n")


def perform(text: str, stage: Stage) -> str:
    """Play the script of a scenario file; returns the file as it should be."""
    lines = []
    for line in script(text):
        lines.append(line)
        if is_act(line):
            lines += [INDENT + out if out else "" for out in act(stage, line)]
    return "\n".join(lines) + "\n"


def script(text: str) -> Iterator[str]:
    """The lines of a scenario file without what the bot answered."""
    return (line for line, _ in steps(text))


def steps(text: str) -> Iterator[tuple[str, list[str]]]:
    """Each line of the script with what came of it."""
    lines = text.rstrip("\n").split("\n")
    starts = [at for at, line in enumerate(lines) if not _is_answer(lines, at)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        answers = lines[start + 1 : end]
        yield lines[start], [answer.removeprefix(INDENT) for answer in answers]


def is_act(line: str) -> bool:
    """Whether a line of the script is neither empty nor a comment."""
    return bool(line) and not line.startswith("#")


def _is_answer(lines: list[str], at: int) -> bool:
    return (lines[at] or _next_filled(lines, at)).startswith(INDENT)


def _next_filled(lines: list[str], index: int) -> str:
    return next((line for line in lines[index:] if line), "")


def act(stage: Stage, line: str) -> list[str]:
    """Do what a line of the script says; returns what came of it."""
    head, colon, rest = line.partition(":")
    assert colon, f"not a line of a script: {line!r}"
    who, _, verb = head.partition(" ")
    if who in CAST:
        _person_acts(stage, who, verb, rest.strip())
        return stage.outcome(_place(verb) or who)
    if head == "stored":
        return stage.stored()
    if head == "operator":
        return stage.operate(rest)
    if head == "never stored":
        return stage.trace_of(stage.with_tokens(rest.strip()))
    _CIRCUMSTANCES[who](stage, verb, rest.strip())
    return stage.outcome(verb if who == "group" else None)


def _place(verb: str) -> str | None:
    """The group in which somebody writes or taps; None for their own chat."""
    found = re.fullmatch(r"(?:taps )?in (\w+)", verb)
    return found[1] if found else None


def _person_acts(stage: Stage, who: str, verb: str, rest: str) -> None:
    place = _place(verb)
    if place and verb.startswith("taps"):
        stage.tap(who, rest, place)
    elif place:
        stage.say(who, _unescaped(rest), place)
    elif rest == "(blocks the bot)":
        stage.block(who, block=True)
    elif rest == "(unblocks the bot)":
        stage.block(who, block=False)
    else:
        _VERBS[verb](stage, who, _unescaped(rest))


_VERBS: Mapping[str, Callable[[Stage, str, str], None]] = {
    "": Stage.say,
    "decomposed": Stage.say_decomposed,
    "sends": Stage.send,
    "sends photo": Stage.send_photo,
    "sends file": Stage.send_file,
    "edits": Stage.edit,
    "taps": lambda stage, who, label: stage.tap(who, label),
    "taps old": lambda stage, who, label: stage.tap(who, label, oldest=True),
    "taps twice": lambda stage, who, label: stage.tap(who, label, times=2),
}


def _fault(stage: Stage, _: str, rest: str) -> None:
    method, who, what = re.split(r" to |: ", rest)
    stage.plant(method, who, what)


def _bot(stage: Stage, _: str, rest: str) -> None:
    {"killed": stage.rig.kill_bot, "started": stage.rig.start_bot}[rest]()


_CIRCUMSTANCES: Mapping[str, Callable[[Stage, str, str], object]] = {
    "group": lambda stage, name, rest: stage.make_group(name, rest.split(", ")),
    "supergroup": lambda stage, _, name: stage.upgrade_group(name),
    "clock": lambda stage, _, to: stage.move_clock(to),
    "fault": _fault,
    "limits": lambda stage, _, rest: stage.rig.post("/sim/limits", enabled=rest == "on"),
    "bot": _bot,
    "setting": lambda stage, _, rest: stage.rig.start_anew(dict([rest.split("=")])),
}


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else "\n", text)
