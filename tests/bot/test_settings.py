"""Settings: what is refused says which setting, and never what stood there."""

import shutil
from datetime import date, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from domain.ladder import Hours, LadderRules
from domain.tally import HEADLINE_KINDS, TallyKind
from tests.storage.build import RULES

PROJECT = Path(__file__).parents[2]
SECRET = "AAsecret-of-the-bot"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty folder to work in, and none of the settings in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_nothing_needs_to_be_set() -> None:
    settings = Settings()
    assert settings.telegram_token is None
    assert settings.bot_api == "https://api.telegram.org"
    assert settings.headline_kinds == HEADLINE_KINDS
    assert settings.clock_url is None


def test_an_empty_token_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    assert Settings().telegram_token is None


@pytest.mark.parametrize(
    "token", [SECRET, f":{SECRET}", f"12x:{SECRET}", f"{SECRET}:12345", f"12345 {SECRET}", "12345:"]
)
def test_a_wrong_token_is_refused_by_name_and_is_not_repeated(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", token)
    with pytest.raises(ValidationError) as refused:
        Settings()
    assert "telegram_token" in str(refused.value)
    assert "a token is digits, a colon" in str(refused.value)
    assert token not in str(refused.value)
    assert token not in repr(refused.value)


def test_an_accepted_token_is_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", f"12345:{SECRET}")
    settings = Settings()
    assert settings.telegram_token is not None
    assert settings.telegram_token.get_secret_value() == f"12345:{SECRET}"
    for shown in (repr(settings), str(settings), settings.model_dump_json()):
        assert SECRET not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TELEGRAM_BASE_URL", "api.telegram.org"),
        ("INVITATION_DAYS", "0"),
        ("INVITATION_DAYS", "91"),
        ("INVITATION_DAYS", "bảy"),
        ("HEADLINE_KINDS", "oral_session"),
        ("HEADLINE_KINDS", '["dancing"]'),
        ("HEADLINE_KINDS", '["oral_session", "oral_session"]'),
        ("EXTRA_DAYS_OFF", "2026-12-31"),
        ("EXTRA_DAYS_OFF", '["31/12/2026"]'),
        ("EXTRA_WORKING_DAYS", '["2026-02-30"]'),
        ("REMINDER_DAYS", "[0, -2]"),
        ("REMINDER_DAYS", "[0, 0]"),
        ("PUSH_HOURS", "[]"),
        ("PUSH_HOURS", '["8h-11h"]'),
        ("PUSH_HOURS", '["14:00-16:00", "08:00-11:00"]'),
        ("PUSH_HOURS", '["08:00-12:00"]'),
        ("EVENING_HOURS", "20:30-21:30"),
        ("EVENING_HOURS", "19h30"),
        ("QUIET_HOURS", '["21:00"]'),
        ("MASS_RATE", "0"),
        ("MASS_RATE", "31"),
        ("CLOCK_URL", "clock"),
        ("PUBLIC_URL", "http://bot.example.vn"),
        ("ZALO_WORD_DAY", "6"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"(?i){name}"):
        Settings()


def test_the_ladder_follows_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().ladder(RULES) == LadderRules(RULES)
    monkeypatch.setenv("REMINDER_DAYS", "[-3, 0]")
    monkeypatch.setenv("REMINDER_LEAD_FROM", "2")
    monkeypatch.setenv("PUSH_HOURS", '["09:00-10:00"]')
    monkeypatch.setenv("EVENING_HOURS", "20:00-20:30")
    assert Settings().ladder(RULES) == LadderRules(
        RULES, (-3, 0), 2, (Hours(time(9), time(10)),), Hours(time(20), time(20, 30))
    )


def test_kinds_and_days_are_read_from_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADLINE_KINDS", '["thematic_talk", "oral_session"]')
    monkeypatch.setenv("EXTRA_DAYS_OFF", '["2026-12-31", "2027-02-05"]')
    settings = Settings()
    assert settings.headline_kinds == (TallyKind.THEMATIC_TALK, TallyKind.ORAL_SESSION)
    assert settings.extra_days_off == {date(2026, 12, 31), date(2027, 2, 5)}


def test_the_settings_file_is_read_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, nothing_set: Path
) -> None:
    lines = (
        f"TELEGRAM_TOKEN=12345:{SECRET}",
        "DEPARTMENT_NAME=Ban Tuyên giáo và Dân vận",
        "INVITATION_DAYS=3",
        "SOMETHING_ELSE=1",
    )
    (nothing_set / ".env").write_text("\n".join(lines), "utf-8")
    monkeypatch.setenv("INVITATION_DAYS", "5")
    settings = Settings()
    assert settings.telegram_token is not None
    assert settings.department_name == "Ban Tuyên giáo và Dân vận"
    assert settings.invitation_days == 5


def test_the_example_works_as_it_is(nothing_set: Path) -> None:
    defaults = Settings()
    shutil.copy(PROJECT / ".env.example", nothing_set / ".env")
    assert Settings() == defaults


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_shows_the_default_of_each_setting(nothing_set: Path, name: str) -> None:
    defaults = Settings()
    example = (PROJECT / ".env.example").read_text("utf-8").splitlines()
    [line] = [line for line in example if line.removeprefix("# ").startswith(f"{name.upper()}=")]
    (nothing_set / ".env").write_text(line.removeprefix("# "), "utf-8")
    assert Settings() == defaults


@pytest.mark.parametrize(
    ("written", "root"),
    [
        ("https://api.telegram.org", "https://api.telegram.org"),
        ("https://api.telegram.org/bot", "https://api.telegram.org"),
        ("http://127.0.0.1:8081/", "http://127.0.0.1:8081"),
        ("http://127.0.0.1:8081/bot/", "http://127.0.0.1:8081"),
        ("https://proxy.example/telegram/bot", "https://proxy.example/telegram"),
        ("http://robot", "http://robot"),
        ("http://bot", "http://bot"),
        ("http://bot/bot", "http://bot"),
    ],
)
def test_the_bot_api_is_found_however_its_address_is_written(
    monkeypatch: pytest.MonkeyPatch, written: str, root: str
) -> None:
    monkeypatch.setenv("TELEGRAM_BASE_URL", written)
    assert Settings().bot_api == root


@pytest.mark.parametrize("name", ["WEBHOOK_URL", "ZALO_WEBHOOK_URL"])
@pytest.mark.parametrize(
    ("secret", "port", "reason"),
    [("", "8090", "WEBHOOK_SECRET"), ("short", "8090", "WEBHOOK_SECRET"), ("x" * 16, "0", "PORT")],
)
def test_a_webhook_without_secret_or_port_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, secret: str, port: str, reason: str
) -> None:
    monkeypatch.setenv(name, "https://bot.example.vn/x")
    monkeypatch.setenv("WEBHOOK_SECRET", secret)
    monkeypatch.setenv("WEB_PORT", port)
    with pytest.raises(ValidationError, match=rf"{name} needs a \w*{reason}"):
        Settings()


def test_files_that_nobody_could_fetch_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://bot.example.vn")
    monkeypatch.setenv("WEB_PORT", "0")
    with pytest.raises(ValidationError, match="PUBLIC_URL needs a WEB_PORT"):
        Settings()


@pytest.mark.parametrize("token", [SECRET, f"12345:{SECRET} 678", "12345:"])
def test_each_zalo_token_must_look_like_one(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("ZALO_TOKEN", token)
    with pytest.raises(ValidationError, match="zalo_token"):
        Settings()


def test_several_zalo_tokens_stand_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZALO_TOKEN", f"77:{SECRET}  88:{SECRET}")
    assert [t.get_secret_value() for t in Settings().zalo_tokens] == [
        f"77:{SECRET}",
        f"88:{SECRET}",
    ]
