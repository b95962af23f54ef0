"""Working days in Viet Nam: the calendar by which deadlines and reminders are moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

import holidays

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Saturdays, Sundays and paid holidays are off; the two sets of extra days overrule that.

    The holidays, in-lieu days and working Saturdays that a yearly decree has swapped come from
    the `holidays` package (reference §10.1). The decree for the coming Tết is often published
    late, so the department enters it: in the settings, or in a table, which wins. `decreed` is that
    table, whether each of its days is worked; it may be a view that follows the table.
    """

    _public: holidays.HolidayBase = field(compare=False, repr=False)
    extra_days_off: frozenset[date] = frozenset()
    extra_working_days: frozenset[date] = frozenset()
    decreed: Mapping[date, bool] = field(default_factory=dict, compare=False)

    @classmethod
    def vietnam(
        cls,
        extra_days_off: frozenset[date] = frozenset(),
        extra_working_days: frozenset[date] = frozenset(),
        decreed: Mapping[date, bool] = MappingProxyType({}),
    ) -> "Calendar":
        """The calendar of Viet Nam; a day in both extra sets is a working day."""
        return cls(holidays.country_holidays("VN"), extra_days_off, extra_working_days, decreed)

    def is_working_day(self, day: date) -> bool:
        decreed = self.decreed.get(day)
        if decreed is not None:
            return decreed
        if day in self.extra_working_days:
            return True
        return day not in self.extra_days_off and self._public.is_working_day(day)

    def shift(self, day: date, n: int) -> date:
        """The n-th working day after `day` (before it, when n is negative); `day` itself for 0."""
        step = _ONE_DAY if n > 0 else -_ONE_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_working_day(day):
                day += step
        return day

    def next_working_day(self, day: date) -> date:
        """`day` itself when it is a working day, otherwise the first one after it."""
        while not self.is_working_day(day):
            day += _ONE_DAY
        return day
