"""Who may change a draft, when, and in what words it is refused; how the journal names people and keeps texts."""

from gis_service.db.accounts import Account, Role
from gis_service.db.drafts import DraftRecord, Entry
from gis_service.errors import InputError, NotAllowedError, StaleDraftError, Text

_POST = " · "
"""Stands between a login and the post in the journal."""


def may(account: Account, role: Role, record: DraftRecord) -> bool:
    """Return whether an account has a role in the community of a draft."""
    return account.may(role, record.city, record.regions)


def refuse_others(account: Account, role: Role, record: DraftRecord) -> None:
    """Raise NotAllowedError unless the account has the role in the community of the draft."""
    if not may(account, role, record):
        raise NotAllowedError(
            Text(
                f"账号 {account.login} 在社区“{record.community_name}”没有这项权限，请联系管理员",
                f"account {account.login} may not do this in community {record.community_name}",
            )
        )


def refuse_stale(record: DraftRecord, seen: int) -> None:
    """Raise StaleDraftError unless the draft is at the revision that was seen."""
    if seen != record.revision:
        raise StaleDraftError(
            Text(
                f"草案已改到第 {record.revision} 版（您看到的是第 {seen} 版），您的修改还没有保存",
                f"the draft has gone on to revision {record.revision} (you saw {seen}); your change is not saved",
            ),
            record.revision,
        )


def refuse_finished(record: DraftRecord) -> None:
    """Raise InputError where a draft can no longer be changed."""
    words = {
        "submitted": Text("草案已提交审核，退回之前不能修改", "the draft is submitted; it can change when sent back"),
        "approved": Text("方案已批准，不能再修改；请以它为基础新建草案", "the plan is approved; begin a draft from it"),
        "withdrawn": Text("草案已作废，不能再修改", "the draft is withdrawn"),
    }
    if record.state in words:
        raise InputError(words[record.state])


def refuse_untitled(title: str) -> None:
    """Raise InputError where a draft would have no name."""
    if not storable(title):
        raise InputError(Text("没有填写草案名称", "the draft has no name"))


def storable(text: str) -> str:
    """Return a text without what no database stores or nobody sees: control characters and halves of characters."""
    return "".join(sign for sign in text if sign.isprintable() or sign == "\n").strip()


def who(account: Account | None) -> str:
    """Return how the journal names somebody."""
    return "program" if account is None else f"{account.login}{_POST}{account.title}"


def login_of(entry: Entry) -> str:
    """Return the login of who did something, whatever post they had then."""
    return entry.who.partition(_POST)[0]
