"""Who wants no reminders for some time: "dừng nhắc đến 30/11", "đừng nhắc tôi tuần sau"."""

import re
from datetime import date

from domain.leave import LeaveProblem, plainly, read_days
from domain.period import Period

_SAYS = re.compile(
    r"(?:(?:toi|em|minh|chau|xin|cho|hay|vui long|de nghi|dong chi|bot) )*"
    # "dừng", "đừng", "tạm dừng", "không": as they are without tone marks.
    r"(?:tam )?(?:dung|khong|ngung|thoi|hoan)(?: (?:can|nhan|gui|tin|viec))* nhac"
    r"(?: (?:viec|nho|bao cao|toi|em|minh|chau|nua))*"
    r"(?: (?P<days>.+?))??(?: (?:nhe|a|nha))*"
)
_TELLS_OF_DAYS = re.compile(r"(?:den|toi|tu|het|trong) ")
_MONTHS_END = re.compile(r"(?:(?:den|toi) )?(?:het|cuoi) thang(?: nay)?")


def says_rest(text: str, today: date) -> bool:
    """Whether a sentence says nothing but that its sender wants no reminders for some time."""
    said = _SAYS.fullmatch(plainly(text))
    if said is None:
        return False
    days = said["days"]
    readable = days is None or _until(days, today) is not LeaveProblem.NO_DAYS
    return readable or _TELLS_OF_DAYS.match(days) is not None


def read_rest(text: str, today: date) -> date | LeaveProblem | None:
    """The last day without reminders; None where such a sentence does not say."""
    said = _SAYS.fullmatch(plainly(text))
    return None if said is None or said["days"] is None else _until(said["days"], today)


def _until(days: str, today: date) -> date | LeaveProblem:
    if _MONTHS_END.fullmatch(days):
        return Period.month_of(today).end
    found = read_days(days, today)
    return found if isinstance(found, LeaveProblem) else found.last
