"""Buttons as text: each choice has a letter, and the answer to it is a tap.

Never numbers: a number is an answer of its own in a report. A chat has the menu of what it asked for,
with letters from a, and menus that came unasked (a reminder's), with letters from p: neither takes the
other's place, so a reminder in the middle of a dialogue can be answered, or not, without harm.

A letter that was typed before a menu was out is no answer to it: an "a" sent twice is a tap made twice,
on the menu before. Times are the platform's own, in milliseconds.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from channels.zalo_text import fold

ASKED_LETTERS = "abcdefghijklmno"
UNASKED_LETTERS = "pqrstuvwxyz"
Rows = Sequence[Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Choice:
    """`key` is empty where the label is a number and thus typed as it is."""

    key: str
    label: str
    data: str


@dataclass(frozen=True, slots=True)
class Menu:
    """The choices under one message of ours; `digest` tells whether an edit changes anything, also
    when the message has made way for its edit.
    """

    message_id: int
    choices: tuple[Choice, ...]
    digest: str

    def letters(self) -> set[str]:
        return {choice.key for choice in self.choices if choice.key}


@dataclass(frozen=True, slots=True)
class Menus:
    """The live menus of a chat: that of what was asked for, `since` when it is so, the one `before` for
    answers that are older, and the unasked ones, oldest first. `gone` is the unasked one that was
    answered last, at `gone_at`, again for answers that are older.
    """

    asked: Menu | None = None
    before: Menu | None = None
    since: int = 0
    unasked: tuple[Menu, ...] = ()
    gone: Menu | None = None
    gone_at: int = 0

    def is_unasked(self, message_id: int | None) -> bool:
        """Whether the menu under that message is one that came unasked."""
        return any(menu.message_id == message_id for menu in self.unasked)

    def under(self, message_id: int | None) -> Menu | None:
        """The menu under one message, or the one that was under it just before."""
        known = (self.asked, *self.unasked, self.before, self.gone)
        return next((menu for menu in known if menu and menu.message_id == message_id), None)

    def without(self, message_id: int | None) -> "Menus":
        """The menus left when that message's is closed."""
        kept = tuple(menu for menu in self.unasked if menu.message_id != message_id)
        if self.asked and self.asked.message_id == message_id:
            return replace(self, asked=None, before=self.asked, unasked=kept)
        return replace(self, unasked=kept)

    def answered(
        self, menu: Menu | None, at: int, *, instead: int | None, unasked: bool, digest: str
    ) -> "Menus":
        """A message went out at that time, with a menu or none, `instead` of another one's."""
        left = self.without(instead)
        closes = self.asked is not None and self.asked.message_id == instead
        if self.is_unasked(instead):
            left = replace(left, gone=self.under(instead), gone_at=at)
        if menu is not None and unasked:
            left = left.with_unasked(menu)
        elif menu is not None or closes:
            left = left.with_asked(menu, at)
        return left._saying(instead, digest)

    def _saying(self, message_id: int | None, digest: str) -> "Menus":
        """That message says something else now, so that a second tap need not say it again."""

        def now(menu: Menu | None) -> Menu | None:
            if menu is None or menu.message_id != message_id:
                return menu
            return replace(menu, digest=digest)

        return replace(self, before=now(self.before), gone=now(self.gone))

    def with_asked(self, menu: Menu | None, at: int) -> "Menus":
        """What was asked for is answered at that time, with a new menu or with none."""
        return replace(self, asked=menu, before=self.asked or self.before, since=at)

    def with_unasked(self, menu: Menu) -> "Menus":
        """One more; an older one makes way when its letters come again."""
        kept = (old for old in self.unasked if not old.letters() & menu.letters())
        return replace(self, unasked=(*kept, menu))

    def chosen(self, text: str, at: int) -> tuple[Menu, Choice] | None:
        """The choice that a text typed then means: by its letter, or by its label, also without tone
        marks.
        """
        letter = text.strip().rstrip(".)").casefold()
        label = fold(text)
        seen = self._seen(at)
        return _only(seen, lambda choice: choice.key == letter != "") or _only(
            seen, lambda choice: fold(choice.label) == label != ""
        )

    def _seen(self, at: int) -> list[Menu]:
        """The menus that somebody who typed then had before them; what was asked for comes first."""
        asked = self.before if at < self.since else self.asked
        gone = self.gone if at < self.gone_at else None
        return [menu for menu in (asked, gone, *reversed(self.unasked)) if menu]

    def plain(self) -> dict[str, Any]:
        """For keeping, as JSON."""
        kept: dict[str, Any] = _MENUS.dump_python(self, mode="json")
        return kept


_MENUS = TypeAdapter(Menus)


def _only(menus: Iterable[Menu], is_meant: Callable[[Choice], bool]) -> tuple[Menu, Choice] | None:
    """The choice of the first menu in which exactly one is meant."""
    for menu in menus:
        meant = [choice for choice in menu.choices if is_meant(choice)]
        if len(meant) == 1:
            return menu, meant[0]
    return None


def menus_from(plain: Mapping[str, Any]) -> Menus:
    """What `plain` made."""
    return _MENUS.validate_python(dict(plain))


def keys(count: int, *, unasked: bool, taken: Menus) -> list[str]:
    """Letters for so many choices. Unasked menus go on behind the newest one's, and begin again at p
    when the alphabet ends; menus longer than it go on with two letters.
    """
    letters = UNASKED_LETTERS if unasked else ASKED_LETTERS
    start = 0
    if unasked and taken.unasked:
        last = max((key for key in taken.unasked[-1].letters() if len(key) == 1), default="")
        start = letters.find(last) + 1 if last else 0
        start = start if start + count <= len(letters) else 0
    single = list(letters[start:])
    double = [first + second for first in letters for second in letters]
    return (single + double)[:count]


def choices_of(rows: Rows, *, unasked: bool, menus: Menus) -> tuple[Choice, ...]:
    """The buttons of an inline keyboard that lead back to the bot."""
    buttons = [button for row in rows for button in row if "callback_data" in button]
    lettered = [button for button in buttons if not _is_number(button["text"])]
    given = iter(keys(len(lettered), unasked=unasked, taken=menus))
    return tuple(
        Choice("" if _is_number(b["text"]) else next(given), b["text"], b["callback_data"])
        for b in buttons
    )


def lines(rows: Rows, choices: Sequence[Choice], hint: str) -> str:
    """The menu as it stands below a text: links, numbers in one line, a line for each letter."""
    links = [
        f"{button['text']}: {button['url']}" for row in rows for button in row if "url" in button
    ]
    numbers = " · ".join(choice.label for choice in choices if not choice.key)
    lettered = [f"{choice.key}. {bare(choice.label)}" for choice in choices if choice.key]
    shown = [*links, *([numbers] if numbers else []), *lettered, *([hint] if lettered else [])]
    return "\n".join(shown)


def bare(label: str) -> str:
    """A label without the sign before it: the letter stands there."""
    return re.sub(r"^[^\w\s]+\s*", "", label) or label


def digest(text: str, choices: Iterable[Choice]) -> str:
    """What a message says and offers, as a short mark."""
    whole = "\0".join([text, *(f"{choice.label}\0{choice.data}" for choice in choices)])
    return sha256(whole.encode()).hexdigest()[:16]


def _is_number(label: str) -> bool:
    return label.strip().isdecimal()
