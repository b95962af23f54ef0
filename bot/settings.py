"""Everything that can be set, read from the environment and `.env`. See `.env.example`."""

import re
from datetime import date
from itertools import product
from pathlib import Path
from typing import Self

from pydantic import (
    Field,
    HttpUrl,
    SecretStr,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.deadline import DeadlineRules
from domain.ladder import Hours, LadderRules
from domain.period import Cutoff
from domain.quota import Quota
from domain.role import Approval
from domain.tally import HEADLINE_KINDS, TallyKind
from wording.say import label

_TOKEN = re.compile(r"[0-9]+:\S+")


def public_part(token: SecretStr) -> str:
    """The digits before the colon, which name the bot and are no secret."""
    return token.get_secret_value().partition(":")[0]


class Settings(BaseSettings):
    """The settings of one bot process. Field descriptions are the documentation."""

    model_config = SettingsConfigDict(
        env_file=".env",
        extra="ignore",
        frozen=True,
        # A line left empty means "not set"; and no error may quote a token.
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    telegram_token: SecretStr | None = Field(
        default=None, description="Token from @BotFather. Telegram runs only when it is set."
    )
    telegram_base_url: HttpUrl = Field(
        default=HttpUrl("https://api.telegram.org"),
        description="Where the Bot API is; the sandbox or an own Bot API server instead.",
    )
    zalo_token: SecretStr | None = Field(
        default=None,
        description="Token from Zalo Bot Manager, or several with spaces between; unset: no Zalo.",
    )
    zalo_base_url: HttpUrl = Field(
        default=HttpUrl("https://bot-api.zaloplatforms.com"),
        description="Where the Zalo Bot Platform is; the sandbox's /zalo instead.",
    )
    zalo_webhook_url: HttpUrl | None = Field(
        default=None,
        description="Public https address that a proxy forwards to /zalo; unset: polling.",
    )
    zalo_quota: int = Field(
        default=3000, ge=1, description="Messages a month that one Zalo bot may send."
    )
    zalo_counts_received: bool = Field(
        default=False, description="Whether what people write counts towards ZALO_QUOTA as well."
    )
    zalo_poll_seconds: int = Field(
        default=30, ge=0, le=60, description="How long a poll of Zalo waits for a message."
    )
    zalo_poll_floor: float = Field(
        default=1.0, ge=0, description="Seconds between the starts of two polls of Zalo."
    )
    zalo_word_day: int = Field(
        default=1,
        ge=0,
        le=5,
        description="Working day after a month on which people on Zalo hear what came in; 0: never.",
    )
    database_url: str = Field(
        default="sqlite:///bao-cao.db",
        description="sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME.",
    )
    department_name: str = Field(
        default_factory=lambda: label("common.department"),
        min_length=1,
        description="The department's name as it signs its messages.",
    )
    privacy_contact: str = Field(
        default_factory=lambda: label("common.privacy_contact"),
        min_length=1,
        description="Whom people ask about their personal data; shown by /quyenrieng.",
    )
    privacy_notice_version: str = Field(
        default="2026-11",
        min_length=1,
        description="Version of the privacy notice, kept with each person's consent.",
    )
    invitation_days: int = Field(
        default=7, ge=1, le=90, description="Days until an invitation link expires."
    )
    enrolment_approval: Approval = Field(
        default=Approval.OFF,
        description="Who must accept a newcomer with an invitation: off (nobody), lead or officer.",
    )
    headline_kinds: tuple[TallyKind, ...] = Field(
        default=HEADLINE_KINDS,
        description="Kinds that add up to the headline of /tongket, as a JSON list.",
    )
    extra_days_off: frozenset[date] = Field(
        default=frozenset(),
        description="Days off that a yearly decree adds, as a JSON list of dates.",
    )
    extra_working_days: frozenset[date] = Field(
        default=frozenset(),
        description="Weekend days that a yearly decree makes working days, as a JSON list.",
    )
    evidence_photos: bool = Field(
        default=False,
        description="Whether photos may go with an entry; only Telegram's name of them is kept.",
    )
    month_cutoff: Cutoff = Field(
        default=Cutoff.CALENDAR_MONTH,
        description="Which days make a month: calendar_month, or day15 (15th to 14th).",
    )
    deadline_day: int = Field(
        default=5, ge=1, le=31, description="Day of the month by which the last month is reported."
    )
    grace_days: int | None = Field(
        default=10,
        ge=0,
        description="Days from the deadline until figures are locked: then a change is a request.",
    )
    least_per_session: int = Field(
        default=5, ge=0, description="Fewer people at a session are asked back."
    )
    most_per_session: int = Field(
        default=300, ge=1, description="More people at a session are asked back."
    )
    most_sessions_a_day: int = Field(
        default=10, ge=1, description="More sessions of one reporter in a day are asked back."
    )
    many_sessions_a_month: int = Field(
        default=60, ge=1, description="So many sessions of one reporter in a month are asked back."
    )
    repeat_minutes: int = Field(
        default=30,
        ge=0,
        description="The same figures again within so many minutes: sent twice, or more of them?",
    )
    reminder_days: tuple[int, ...] = Field(
        default=(-5, -2, 0, 1, 3),
        description="Days from the deadline on which missing reports are asked for; [] for never.",
    )
    reminder_lead_from: int = Field(
        default=3, ge=1, description="From which of those reminders on the leads above are told."
    )
    push_hours: tuple[str, ...] = Field(
        default=("08:00-11:00", "14:00-16:30"),
        min_length=1,
        description="When those reminders go out on working days, as a JSON list.",
    )
    evening_hours: str = Field(
        default="19:30-20:30",
        description="When a reminder comes to whoever has asked for the evening.",
    )
    quiet_hours: tuple[str, ...] = Field(
        default=("11:30-13:30", "21:00-06:30"),
        description="When no such reminder goes out; PUSH_HOURS and EVENING_HOURS keep off them.",
    )
    mass_rate: float = Field(
        default=25,
        gt=0,
        le=30,
        description="Reminders and invitations sent a second, at the most.",
    )
    web_port: int = Field(
        default=8090,
        ge=0,
        le=65535,
        description="Port on 127.0.0.1 for /health, /metrics and the webhook; 0 switches it off.",
    )
    public_url: HttpUrl | None = Field(
        default=None,
        description="Public https address whose /tep a proxy forwards; unset: no files on Zalo.",
    )
    webhook_url: HttpUrl | None = Field(
        default=None,
        description="Public https address that a proxy forwards to /telegram; unset: polling.",
    )
    webhook_secret: SecretStr | None = Field(
        default=None,
        description="Shared with the messenger: 16 to 256 letters, digits, _ and -.",
    )
    backup_dir: Path | None = Field(
        default=None, description="The folder of the backups; unset: `backups` beside the database."
    )
    backup_keep: int = Field(
        default=14, ge=1, description="How many backups are kept; the newest good one always is."
    )
    backup_days: int = Field(
        default=35, ge=1, le=35, description="Backups older than this are removed."
    )
    backup_key_file: Path | None = Field(
        default=None, description="File with the key that backups are encrypted with."
    )
    draft_hours: int = Field(
        default=24, ge=1, description="Hours until what is half-typed is dropped, with a word."
    )
    clock_url: HttpUrl | None = Field(
        default=None,
        description="Take the time from this clock (the sandbox's) instead of the machine's.",
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="DEBUG, INFO, WARNING or ERROR. No level writes personal content.",
    )

    @field_validator("telegram_token", "zalo_token")
    @classmethod
    def _looks_like_a_token(
        cls, token: SecretStr | None, field: ValidationInfo
    ) -> SecretStr | None:
        if token is None or not token.get_secret_value():
            return None
        given = token.get_secret_value()
        tokens = given.split() if field.field_name == "zalo_token" else [given]
        if not all(map(_TOKEN.fullmatch, tokens)):
            raise ValueError("looks wrong: a token is digits, a colon, then letters and digits")
        return token

    @field_validator("public_url")
    @classmethod
    def _keys_travel_sealed(cls, url: HttpUrl | None) -> HttpUrl | None:
        if url is not None and url.scheme != "https" and url.host != "127.0.0.1":
            raise ValueError("must begin with https: the addresses of files are keys")
        return url

    @field_validator("headline_kinds")
    @classmethod
    def _each_kind_once(cls, kinds: tuple[TallyKind, ...]) -> tuple[TallyKind, ...]:
        if len(set(kinds)) < len(kinds):
            raise ValueError("names a kind twice, which would count it twice")
        return kinds

    @field_validator("reminder_days")
    @classmethod
    def _in_rising_order(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError("must rise from day to day, like [-5, -2, 0, 1, 3]")
        return days

    @field_validator("push_hours", "quiet_hours")
    @classmethod
    def _hours_of_a_day(cls, hours: tuple[str, ...]) -> tuple[str, ...]:
        opening = [each.opens for each in map(Hours.parse, hours)]
        if opening != sorted(opening):
            raise ValueError("must rise through the day")
        return hours

    @field_validator("evening_hours")
    @classmethod
    def _an_evening(cls, hours: str) -> str:
        Hours.parse(hours)
        return hours

    @model_validator(mode="after")
    def _hours_keep_off_the_quiet_ones(self) -> Self:
        loud = (*self.push_hours, self.evening_hours)
        pairs = product(map(Hours.parse, loud), map(Hours.parse, self.quiet_hours))
        if any(hours.overlap(still) for hours, still in pairs):
            raise ValueError("PUSH_HOURS and EVENING_HOURS must keep off QUIET_HOURS")
        return self

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        addresses = {"WEBHOOK_URL": self.webhook_url, "ZALO_WEBHOOK_URL": self.zalo_webhook_url}
        name = next((name for name, url in addresses.items() if url is not None), None)
        if name is None:
            return self
        secret = self.webhook_secret.get_secret_value() if self.webhook_secret else ""
        if not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret):
            raise ValueError(f"{name} needs a WEBHOOK_SECRET of 16 to 256 of A-Z a-z 0-9 _ -")
        if not self.web_port:
            raise ValueError(f"{name} needs a WEB_PORT that its proxy forwards to")
        return self

    @model_validator(mode="after")
    def _files_have_a_port(self) -> Self:
        if self.public_url is not None and not self.web_port:
            raise ValueError("PUBLIC_URL needs a WEB_PORT that its proxy forwards to")
        return self

    def ladder(self, deadlines: DeadlineRules) -> LadderRules:
        """The ladder of reminders to report."""
        return LadderRules(
            deadlines,
            self.reminder_days,
            self.reminder_lead_from,
            tuple(map(Hours.parse, self.push_hours)),
            Hours.parse(self.evening_hours),
        )

    @property
    def quota(self) -> Quota:
        """The month's budget of each Zalo bot."""
        return Quota(self.zalo_quota, self.zalo_counts_received)

    @property
    def zalo_tokens(self) -> tuple[SecretStr, ...]:
        """One for each Zalo bot."""
        given = self.zalo_token.get_secret_value().split() if self.zalo_token else []
        return tuple(map(SecretStr, given))

    @property
    def bot_api(self) -> str:
        """The root of the Bot API, however its address was written."""
        url = str(self.telegram_base_url).rstrip("/")
        path = (self.telegram_base_url.path or "").rstrip("/")
        return url.removesuffix("/bot") if path.endswith("/bot") else url
