"""A reading in the schema of the phrases file, for tests and for the command line."""

from __future__ import annotations

from domain.reading.model import Entry, Reading

Plain = str | int | bool | None | list[str]


def to_phrase(reading: Reading) -> dict[str, str | list[str] | list[dict[str, Plain]]]:
    """{intent, readings, expected_action, defaults_applied} with ISO dates and plain values."""
    return {
        "intent": reading.intent.value,
        "readings": [_entry(entry) for entry in reading.entries],
        "expected_action": reading.action.value,
        "defaults_applied": list(
            dict.fromkeys(text for entry in reading.entries for text in entry.defaults)
        ),
    }


def _entry(entry: Entry) -> dict[str, Plain]:
    """The schema has no learners: the people of a class stand in the total there."""
    figures = entry.figures
    total = figures.audience_total if figures.learners is None else figures.learners
    return {
        "kind": figures.kind.value,
        "date_from": figures.date_from.isoformat(),
        "date_to": figures.date_to.isoformat(),
        "date_precision": figures.precision.value,
        "dates": [day.isoformat() for day in figures.dates] or None,
        "sessions": figures.sessions,
        "party_members": figures.party_members,
        "public": figures.public,
        "audience_total": total,
        "items": figures.items,
        "topic": figures.topic,
        "unit_text": figures.unit_text,
        "location_text": figures.location_text,
        "approximate": figures.approximation is not None,
    }
