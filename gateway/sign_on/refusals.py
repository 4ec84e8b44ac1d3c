"""Why nobody is signed on."""

from dataclasses import dataclass

from shared.errors import Forbidden, Refusal


@dataclass(kw_only=True, eq=False)
class TicketRefused(Refusal):
    """The ticket or code is not good, says the other side."""

    status = 401
    type = "ticket-refused"
    title = "登录凭证无效或已过期"
    title_en = "Ticket refused"
    detail = "登录凭证无效、已使用或已过期（{code}）。请在浙里办或浙政钉中重新打开应用。"
    detail_en = "The ticket is invalid, used or expired ({code}). Open the application again in the app it came from."

    code: str


@dataclass(kw_only=True, eq=False)
class SignOnAway(Refusal):
    """The other side does not answer."""

    status = 503
    type = "sign-on-away"
    title = "统一登录暂不可用"
    title_en = "Sign-on away"
    detail = "{provider} 暂时没有应答。已登录的用户不受影响；请稍后重试。"
    detail_en = "{provider} does not answer. Those who are signed on go on; try again soon."

    provider: str


@dataclass(kw_only=True, eq=False)
class NoPost(Forbidden):
    """Nobody has given this person a role."""

    type = "no-post"
    title = "尚未分配岗位"
    title_en = "No post"
    detail = "登录成功，但尚未分配岗位。请把标识 {subject} 告知平台管理员，由两名管理员办理。"
    detail_en = "You are signed on, but hold no post. Give {subject} to an administrator; two of them assign posts."

    subject: str
