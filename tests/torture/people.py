"""What people do, script by script. They repeat what a person repeats when no answer comes: a line,
a tap, a command. A typed answer to a question is given once only, so that its loss would show.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from random import Random

from tests.torture.chat import PATIENCE, Chat, Violation
from tests.torture.stage import Json, Stage

OK, DROP, SEND = "✅ Đúng", "✖ Bỏ", "✅ Gửi"
WITHDRAW, YES_WITHDRAW = "🗑 Rút lại", "🗑 Đúng, rút lại"
CHOICES = {"✅ Dự": "attending", "Vắng": "absent", "Cử người thay": "substitute"}
OLD = "Lựa chọn này đã cũ"
# What the privacy screen stops or masks; no byte of it may be found in what the bot writes.
SECRET_NAME, SECRET_PHONE = "Trần Văn Khuất", "0987654321"
STOPPED = f"Ông {SECRET_NAME} ở thôn nói xấu cán bộ, số máy {SECRET_PHONE}"


@dataclass
class Report:
    """One tally as its person means it. `party_members` is different in each of a person's."""

    sessions: int
    party_members: int
    public: int
    state: str = "unconfirmed"

    @property
    def line(self) -> str:
        return f"{self.sessions} buổi {self.party_members} đv {self.public} qc"

    @property
    def mark(self) -> str:
        return f"– {self.party_members} đảng viên"


class Person:
    """A member of a unit: reports, takes back, writes notes, answers invitations."""

    def __init__(self, stage: Stage, number: int, rng: Random) -> None:
        self.chat = Chat(stage, number)
        self.rng = rng
        self.reports: list[Report] = []
        self.notes: list[str] = []
        self.answers: dict[int, str] = {}
        self._serials = count(11)

    async def keep_busy(self, over: asyncio.Event) -> None:
        """One script after the other until it is over; the last one is brought to its end."""
        scripts = self.scripts()
        while not over.is_set():
            await self.rng.choice(scripts)()
            await asyncio.sleep(self.rng.uniform(0, 0.3))

    def scripts(self) -> list[Callable[[], Awaitable[None]]]:
        """What this person does, the more often the more often it is named."""
        return [
            self.report_by_line,
            self.report_at_once,
            self.report_step_by_step,
            self.report_step_by_step,
            self.withdraw,
            self.send_note,
            self.answer_invitation,
        ]

    async def end(self, halfway: Callable[[], Awaitable[object]]) -> None:
        """One more report, which `halfway` interrupts."""
        await self.report_step_by_step(halfway)

    # --- reporting -------------------------------------------------------------------------------

    def _new_report(self) -> Report:
        serial = next(self._serials)
        # No two people of a unit send the same figures: that would be asked back.
        report = Report(self.rng.randint(1, 6), serial, 20 + self.chat.person % 97)
        self.reports.append(report)
        return report

    async def report_by_line(self) -> None:
        report = self._new_report()
        await self.chat.insist(
            lambda: self.chat.say(report.line), lambda: self._read_back(report) or None
        )
        if self.rng.random() < 0.15:
            await self._change_of_mind()
        else:
            await self._confirm(report)

    async def report_at_once(self) -> None:
        """A line with its day is stored as it stands. Sent again because no answer came, it is asked
        back, as it is there already.
        """
        report = self._new_report()
        heads = ("Đã ghi", "trùng với báo cáo")

        async def say() -> None:
            # What was handed over late has opened a dialogue, which took the line for an answer.
            if self.chat.newest("Đã hiểu", report.mark):
                await self.cancel()
            await self.chat.say(f"{report.line} hôm qua")

        await self.chat.insist(
            say,
            lambda: next(filter(None, (self.chat.newest(h, report.mark) for h in heads)), None),
        )
        report.state = "stored"
        await self.cancel()

    def _read_back(self, report: Report) -> Json | None:
        return self.chat.newest(report.mark, button=OK)

    def _stored(self, report: Report) -> Json | None:
        return self.chat.newest("Đã lưu", report.mark)

    async def _confirm(self, report: Report) -> None:
        """Tap Đúng, once or hastily, until it is certain that the report is stored."""
        for _ in self.chat.tries():
            popup: str | None = None
            card = self._read_back(report)
            if card is not None:
                for _ in range(self.rng.choice((0, 0, 1, 2))):
                    await self.chat.tap(card, OK)
                popup = await self.chat.tap(card, OK, wait=PATIENCE)
            seen = await self.chat.until(lambda: self._stored(report), 0.5 if popup else PATIENCE)
            if seen is not None or await self._is_listed(report):
                report.state = "stored"
                return
            await self._ask_again(report)
        raise Violation(f"{self.chat.person} cannot confirm {report}")

    async def _is_listed(self, report: Report) -> bool:
        """Whether /cuatoi shows it; its answer comes after all that was tapped before."""
        await self.chat.settle()
        asked = self.chat.last
        heads = ("Số liệu đồng chí đã gửi", "chưa gửi số liệu nào")
        shown = await self.chat.insist(
            lambda: self.chat.say("/cuatoi"),
            lambda: next(filter(None, (self.chat.newest(h, after=asked) for h in heads)), None),
        )
        return report.mark in shown["text"]

    async def _ask_again(self, report: Report) -> None:
        """It is not stored, so it must be open still, or the tap has been lost on the way."""
        await self.chat.settle()
        asked = self.chat.last

        def answer() -> Json | None:
            return self.chat.newest(data="tally:", after=asked)

        shown = await self.chat.insist(lambda: self.chat.say("/baocao"), answer)
        if report.mark not in shown["text"]:
            raise Violation(f"{self.chat.person}: {report} is neither stored nor open any more")

    async def _change_of_mind(self) -> None:
        card = self.chat.newest(button=DROP)
        if card is not None and self.rng.random() < 0.5:
            await self.chat.tap(card, DROP)
        await self.cancel()

    async def cancel(self) -> None:
        """/huy, whatever is open."""
        await self.chat.settle()
        said = self.chat.last
        heads = ("Đã hủy, không lưu gì", "Không có gì đang nhập dở")
        await self.chat.insist(
            lambda: self.chat.say("/huy"),
            lambda: next(filter(None, (self.chat.newest(h, after=said) for h in heads)), None),
        )

    # --- step by step ----------------------------------------------------------------------------

    async def report_step_by_step(
        self, halfway: Callable[[], Awaitable[object]] | None = None
    ) -> None:
        """/baocao; with `halfway`, that is awaited after some of the answers."""
        report = self._new_report()
        await self._open("tally", "/baocao")
        answers = [
            ("tap", "Tuyên truyền miệng"),
            ("tap", "Hôm qua"),
            ("say", str(report.sessions)),
            ("say", str(report.party_members)),
            ("say", str(report.public)),
            ("tap", "Bỏ qua"),
        ]
        stop_after = self.rng.randrange(len(answers))
        for number, (how, what) in enumerate(answers):
            await self._answer(how, what)
            if halfway is not None and number == stop_after:
                await halfway()
        await self.chat.until(lambda: self._read_back(report), PATIENCE)
        await self._confirm(report)

    async def _open(self, dialogue: str, command: str) -> None:
        before, _ = self.chat.question(dialogue)

        def opened() -> bool | None:
            return self.chat.question(dialogue)[0][0] > before[0] or None

        await self.chat.insist(lambda: self.chat.say(command), opened)

    async def _answer(self, how: str, what: str) -> None:
        """Answer the present question, once; the next one must be its follower and no other."""
        (draft, version), message = self.chat.question("tally")
        if how == "say":
            await self.chat.say(what)
        else:
            for _ in range(self.rng.choice((1, 1, 2))):
                await self.chat.tap(message, what)

        def moved() -> int | None:
            shown, _ = self.chat.question("tally")
            return shown[1] if shown > (draft, version) else None

        found = await self.chat.until(moved, PATIENCE) or await self._asked_again(draft)
        if found != version + 1:
            raise Violation(
                f"{self.chat.person} answered {what!r} to question {draft}.{version} "
                f"and is asked {draft}.{found} next"
            )

    async def _asked_again(self, draft: int) -> int:
        """No question came: once the answer is through, /baocao repeats where the draft stands."""
        await self.chat.settle()
        said = self.chat.last

        def repeated() -> int | None:
            (found, version), _ = self.chat.question("tally", said)
            return version if found == draft else None

        return await self.chat.insist(lambda: self.chat.say("/baocao"), repeated)

    # --- taking back -----------------------------------------------------------------------------

    async def withdraw(self) -> None:
        """One of the last stored reports, by its card or by way of /cuatoi."""
        stored = [r for r in self.reports[-6:] if r.state == "stored"]
        if not stored:
            return
        report = self.rng.choice(stored)
        if self.rng.random() < 0.5 or self.chat.newest(report.mark, button=WITHDRAW) is None:
            await self._find_in_list(report)
        await self._tap_through(
            report, WITHDRAW, lambda: self.chat.newest(report.mark, button=YES_WITHDRAW)
        )
        # From here on it counts as withdrawn: the tap is delivered, whatever becomes of its answer.
        report.state = "withdrawn"
        await self._tap_through(
            report, YES_WITHDRAW, lambda: self.chat.newest("Đã rút báo cáo", report.mark)
        )

    async def _find_in_list(self, report: Report) -> None:
        await self.chat.settle()
        said = self.chat.last

        def listed() -> Json | None:
            return self.chat.newest("Số liệu đồng chí đã gửi", report.mark, after=said)

        shown = await self.chat.insist(lambda: self.chat.say("/cuatoi"), listed)
        lines = [line for line in shown["text"].splitlines() if report.mark in line]
        number = lines[0].partition(".")[0]

        async def open_card() -> None:
            await self.chat.tap(shown, number)

        await self.chat.insist(
            open_card, lambda: self.chat.newest("Báo cáo số", report.mark, button=WITHDRAW)
        )

    async def _tap_through(
        self, report: Report, label: str, see: Callable[[], Json | None]
    ) -> None:
        """Tap until the next card is there, or the button is said to be old: then it was heard."""
        for _ in self.chat.tries():
            card = self.chat.newest(report.mark, button=label)
            popup = await self.chat.tap(card, label, wait=PATIENCE) if card else None
            if await self.chat.until(see, 0.3 if popup else PATIENCE) or OLD in (popup or ""):
                return
        raise Violation(f"{self.chat.person} gets no answer to {label}")

    # --- notes -----------------------------------------------------------------------------------

    async def send_note(self) -> None:
        number = len(self.notes) + 1
        text = f"Bà con thôn băn khoăn về giá điện tăng, đề nghị giải thích rõ, lần {number}."
        await self._open("opinion", "/duluan")
        if self.rng.random() < 0.6:
            await self._be_refused()
        said = text if self.rng.random() < 0.6 else f"{text} Liên hệ {SECRET_PHONE} giúp."
        mark = f"lần {number}."
        card = await self.chat.insist(
            lambda: self.chat.say(said), lambda: self.chat.newest(mark, button=SEND)
        )
        self.notes.append(text)
        await self._hand_in(mark, card)

    async def _be_refused(self) -> None:
        said = self.chat.last
        words = self.rng.choice((STOPPED, f"/duluan {STOPPED}", f"3 buổi hôm qua, {STOPPED}"))
        await self.chat.insist(
            lambda: self.chat.say(words),
            lambda: self.chat.newest("Tin này không được lưu", after=said),
        )

    async def _hand_in(self, mark: str, card: Json) -> None:
        """Gửi, until it is certain: a new /duluan opens only when the note is through."""
        for _ in self.chat.tries():
            popup = await self.chat.tap(card, SEND, wait=PATIENCE)
            number = card["message_id"] - 1

            def through(after: int = number) -> Json | None:
                return self.chat.newest("Đã ghi ý kiến số", after=after)

            if await self.chat.until(through, 0.3 if popup else PATIENCE):
                return
            await self.chat.settle()
            said, (before, _) = self.chat.last, self.chat.question("opinion")[0]

            def asked(after: int = said) -> Json | None:
                return self.chat.newest(data="opinion:", after=after)

            card = await self.chat.insist(lambda: self.chat.say("/duluan"), asked)
            if self.chat.question("opinion")[0][0] > before:
                await self.cancel()
                return
        raise Violation(f"{self.chat.person} cannot hand in the note {mark}")

    # --- briefings -------------------------------------------------------------------------------

    async def answer_invitation(self) -> None:
        """The newest invitation that the chat shows, if any; the last answer is the one that counts."""
        await self.chat.look()
        card = self.chat.newest(data="rsvp:")
        if card is None:
            return
        label = self.rng.choice(list(CHOICES))
        briefing = _briefing_of(card)
        await self.chat.tap(card, label, wait=PATIENCE)
        self.answers[briefing] = CHOICES[label]


def _briefing_of(card: Json) -> int:
    rows = card["reply_markup"]["inline_keyboard"]
    datas = [button["callback_data"] for row in rows for button in row]
    return int(next(data for data in datas if data.startswith("rsvp:")).split(":")[1])
