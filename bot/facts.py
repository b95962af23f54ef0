"""Past years' figures from a CSV file: the one way in for what was counted before the bot.

A file goes in whole or not at all. An empty cell means "not stated" and is never 0. The same line
imported again changes nothing; a line that contradicts what is stored is a problem, not a second
entry.
"""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import Connection, select

from bot.fact_file import FactProblem, FactRow, Lines, read_lines
from bot.table import ImportProblem
from domain.period import Period
from domain.tally import Approximation, Figures, Precision, TallyKind, problems
from domain.unit import Unit
from storage import schema, tally, target, unit
from storage.db import Database
from storage.target import Target
from wording.format import VIETNAM
from wording.say import label


@dataclass(frozen=True, slots=True)
class Fact:
    """One line as it is stored: figures of a unit, or a target of it."""

    row: int
    unit_id: int
    unit_name: str
    period: Period
    entry: Figures | Target
    source: str

    @property
    def origin(self) -> str:
        """The same for the same statement of the same document, whatever numbers it gives."""
        what = (
            ("target", self.entry.name)
            if isinstance(self.entry, Target)
            else (self.entry.kind.value, self.entry.topic or "", self.source)
        )
        key = "\n".join((str(self.unit_id), self.period.code, *what))
        return f"import:{hashlib.sha256(key.encode()).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What was (or, in a dry run, would be) added. With problems, nothing is."""

    added: tuple[Fact, ...] = ()
    unchanged: tuple[Fact, ...] = ()
    problems: tuple[ImportProblem, ...] = ()


async def import_facts(
    db: Database, path: Path, at: datetime, dry_run: bool = False
) -> ImportResult:
    """Import a CSV file (UTF-8 with or without BOM; commas or semicolons) at the instant `at`.

    A dry run reads and checks the same and stores nothing. Raises OSError when the file cannot
    be read.
    """
    lines, found = read_lines(await asyncio.to_thread(path.read_bytes))
    if found:
        return ImportResult(problems=tuple(found))
    if dry_run:
        return await db.read(_plan, lines, at)
    return await db.write(_import, lines, at)


def described(fact: Fact) -> str:
    """A line of the result, for people to read."""
    entry = fact.entry
    what = entry.name if isinstance(entry, Target) else label(f"kind.{entry.kind}")
    return label("facts.fact", row=fact.row, unit=fact.unit_name, period=fact.period, what=what)


def _import(conn: Connection, lines: Lines, at: datetime) -> ImportResult:
    result = _plan(conn, lines, at)
    for fact in result.added:
        _store(conn, fact, at)
    return result


def _store(conn: Connection, fact: Fact, at: datetime) -> None:
    if isinstance(fact.entry, Target):
        target.record(conn, fact.unit_id, fact.period, fact.entry)
    else:
        tally.record(conn, fact.unit_id, None, fact.entry, fact.origin, at, fact.source)


def _plan(conn: Connection, lines: Lines, at: datetime) -> ImportResult:
    """Sort the lines into new, known and wrong; as long as one is wrong, none is new."""
    facts: list[Fact] = []
    found: list[ImportProblem] = []
    for row, line in lines.items():
        match unit.called(conn, line.unit):
            case [of]:
                facts.append(_fact(row, line, of))
            case []:
                found.append(ImportProblem(row, "unit", FactProblem.UNKNOWN_UNIT, line.unit))
            case _:
                found.append(ImportProblem(row, "unit", FactProblem.AMBIGUOUS_UNIT, line.unit))
    stored = [_stored(conn, fact) for fact in facts]
    found += [*_impossible(facts, at.astimezone(VIETNAM).date()), *_repeated(facts)]
    found += _contradicting(facts, stored)
    if found:
        return ImportResult(problems=tuple(sorted(found, key=lambda problem: problem.row)))
    pairs = list(zip(facts, stored, strict=True))
    return ImportResult(
        added=tuple(fact for fact, known in pairs if known is None),
        unchanged=tuple(fact for fact, known in pairs if known is not None),
    )


def _fact(row: int, line: FactRow, of: Unit) -> Fact:
    entry = _target(line, line.target) if line.kind is None else _figures(line, line.kind)
    return Fact(row, of.id, of.name, line.period, entry, line.source)


def _target(line: FactRow, name: str | None) -> Target:
    return Target(
        name=name or "",
        planned=line.planned,
        done=line.done,
        declared_percent=line.declared_percent,
        approximation=line.approximation,
        source=line.source,
    )


def _figures(line: FactRow, kind: TallyKind) -> Figures:
    return Figures(
        kind=kind,
        date_from=line.period.start,
        date_to=line.period.end,
        precision=Precision(line.period.kind.value),
        sessions=line.sessions,
        party_members=line.party_members,
        public=line.public,
        audience_total=line.audience_total,
        learners=line.learners,
        items=line.items,
        approximation=line.approximation,
        topic=line.topic,
    )


def _stored(conn: Connection, fact: Fact) -> Figures | Target | None:
    """What an earlier import has stored of the same statement."""
    if isinstance(fact.entry, Target):
        return _stored_target(conn, fact, fact.entry.name)
    table = schema.tally
    tally_id = conn.execute(
        select(table.c.id).where(table.c.origin == fact.origin)
    ).scalar_one_or_none()
    return None if tally_id is None else tally.get(conn, tally_id).figures


def _stored_target(conn: Connection, fact: Fact, name: str) -> Target | None:
    table = schema.target
    row = conn.execute(
        select(table).where(
            table.c.unit_id == fact.unit_id,
            table.c.name == name,
            table.c.period == fact.period.code,
        )
    ).one_or_none()
    if row is None:
        return None
    hedge = None if row.approximation is None else Approximation(row.approximation)
    return Target(name, row.planned, row.done, row.declared_percent, hedge, row.source)


def _impossible(facts: Sequence[Fact], today: date) -> Iterator[ImportProblem]:
    for fact in facts:
        if isinstance(fact.entry, Figures):
            for problem in problems(fact.entry, today):
                yield ImportProblem(fact.row, "", problem)


def _repeated(facts: Sequence[Fact]) -> Iterator[ImportProblem]:
    """Lines that state once more what a line above them states."""
    first: dict[str, int] = {}
    for fact in facts:
        row = first.setdefault(fact.origin, fact.row)
        if row != fact.row:
            yield ImportProblem(fact.row, "", FactProblem.TWICE_IN_FILE, str(row))


def _contradicting(
    facts: Sequence[Fact], stored: Sequence[Figures | Target | None]
) -> Iterator[ImportProblem]:
    for fact, known in zip(facts, stored, strict=True):
        if known is not None and known != fact.entry:
            yield ImportProblem(fact.row, "", FactProblem.STORED_OTHERWISE, fact.unit_name)
