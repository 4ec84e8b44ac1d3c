"""Why the gateway itself refuses a call. A service's own refusals pass through as they are."""

from dataclasses import dataclass
from typing import ClassVar

from shared.errors import Forbidden, Refusal, Unseen


@dataclass(kw_only=True, eq=False)
class NoSuchRoute(Unseen):
    """The table of routes has no such method and path; what is not in it does not exist."""

    type: ClassVar[str] = "no-such-route"
    title: ClassVar[str] = "没有此接口"
    title_en: ClassVar[str] = "No such route"
    detail: ClassVar[str] = "没有开放此方法与路径的接口。全部接口见 /docs。"
    detail_en: ClassVar[str] = "No route has this method and path. All routes are listed at /docs."


@dataclass(kw_only=True, eq=False)
class MalformedCall(Refusal):
    """The call can be read in more than one way, so it is not read at all."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "malformed-call"
    title: ClassVar[str] = "请求的形式不被接受"
    title_en: ClassVar[str] = "Malformed call"
    detail: ClassVar[str] = (
        "请求的 {part} 有歧义或含不允许的字符。请使用规范形式：路径中没有 . 与 .. 段、连续斜杠和百分号转义。"
    )
    detail_en: ClassVar[str] = (
        "The {part} of the call is ambiguous or has characters that are not allowed. Send it in normal form: no dot "
        "segments, empty segments or percent escapes in the path, each header once."
    )

    part: str


@dataclass(kw_only=True, eq=False)
class TooLarge(Refusal):
    """The call is larger than is read."""

    status: ClassVar[int] = 413
    type: ClassVar[str] = "body-too-large"
    title: ClassVar[str] = "请求过大"
    title_en: ClassVar[str] = "Too large"
    detail: ClassVar[str] = "最多接受 {limit_bytes} 字节。请拆分后分次发送。"
    detail_en: ClassVar[str] = "At most {limit_bytes} bytes are taken. Split it and send the parts one by one."

    limit_bytes: int


class UrlTooLong(TooLarge):
    """The path and query are longer than is read."""

    status = 414
    type = "url-too-long"


class HeadersTooLarge(TooLarge):
    """The headers together are larger than is read."""

    status = 431
    type = "headers-too-large"


@dataclass(kw_only=True, eq=False)
class CredentialsRequired(Refusal):
    """Nothing, or more than one thing, says who calls."""

    status: ClassVar[int] = 401
    type: ClassVar[str] = "credentials-required"
    title: ClassVar[str] = "缺少身份凭证"
    title_en: ClassVar[str] = "Credentials required"
    detail: ClassVar[str] = (
        "请携带 Authorization: Bearer 令牌，或 X-BG-HMAC-* 签名，二者取一。沙箱令牌由 POST /auth/token 取得。"
    )
    detail_en: ClassVar[str] = (
        "Send either an Authorization: Bearer token or an X-BG-HMAC-* signature, not both. POST /auth/token gives a "
        "sandbox token."
    )


@dataclass(kw_only=True, eq=False)
class BadToken(Refusal):
    """The bearer token is expired, for another audience, or not one of an issuer that is trusted."""

    status: ClassVar[int] = 401
    type: ClassVar[str] = "bad-token"
    title: ClassVar[str] = "令牌无效或已过期"
    title_en: ClassVar[str] = "Bad token"
    detail: ClassVar[str] = "令牌无效或已过期。请重新登录取得令牌。"
    detail_en: ClassVar[str] = "The token is not valid or has expired. Log in again for a new one."


@dataclass(kw_only=True, eq=False)
class BadPassword(Refusal):
    """The user name and the password do not belong together."""

    status: ClassVar[int] = 401
    type: ClassVar[str] = "bad-password"
    title: ClassVar[str] = "用户名或密码不正确"
    title_en: ClassVar[str] = "Bad user name or password"
    detail: ClassVar[str] = "用户名或密码不正确。沙箱账号由 ./linli up 打印。"
    detail_en: ClassVar[str] = "The user name or the password is wrong. ./linli up prints the sandbox accounts."


@dataclass(kw_only=True, eq=False)
class RoleRequired(Forbidden):
    """The caller holds none of the roles that this route takes, anywhere."""

    type: ClassVar[str] = "role-required"
    title: ClassVar[str] = "没有所需角色"
    title_en: ClassVar[str] = "Role required"
    detail: ClassVar[str] = "此接口需要以下角色之一：{roles}。请用有权限的账号操作，或联系社区管理员。"
    detail_en: ClassVar[str] = (
        "This takes one of the roles {roles}. Use an account that has it, or ask its administrator."
    )

    roles: str


@dataclass(kw_only=True, eq=False)
class TooManyCalls(Refusal):
    """The caller has used up what it may do for now."""

    status: ClassVar[int] = 429
    type: ClassVar[str] = "too-many-calls"
    title: ClassVar[str] = "请求过于频繁"
    title_en: ClassVar[str] = "Too many calls"
    detail: ClassVar[str] = "请在 {retry_after_s} 秒后重试。"
    detail_en: ClassVar[str] = "Try again in {retry_after_s} seconds."

    retry_after_s: int


@dataclass(kw_only=True, eq=False)
class IdempotencyKeyRequired(Refusal):
    """A write without a key could be done twice."""

    status: ClassVar[int] = 400
    type: ClassVar[str] = "idempotency-key-required"
    title: ClassVar[str] = "写操作缺少幂等键"
    title_en: ClassVar[str] = "Idempotency key required"
    detail: ClassVar[str] = "请添加请求头 Idempotency-Key，例如一个新的 UUID；重试同一操作时保持不变，新操作换新的键。"
    detail_en: ClassVar[str] = (
        "Add a header Idempotency-Key, such as a fresh UUID; keep it when you retry the same operation, and take a new "
        "one for a new operation."
    )


class IdempotencyKeyMalformed(IdempotencyKeyRequired):
    """The key is not 8 to 128 visible ASCII characters."""

    status = 422
    type = "idempotency-key-malformed"
    title = "幂等键格式不正确"
    title_en = "Idempotency key malformed"
    detail = "Idempotency-Key 应为 8 至 128 个可见 ASCII 字符，不含空格，例如一个 UUID。"
    detail_en = "Idempotency-Key is 8 to 128 visible ASCII characters without spaces, such as a UUID."


@dataclass(kw_only=True, eq=False)
class BodyTooSlow(Refusal):
    """The body did not arrive whole within the deadline."""

    status: ClassVar[int] = 408
    type: ClassVar[str] = "body-too-slow"
    title: ClassVar[str] = "请求体传输过慢"
    title_en: ClassVar[str] = "Body too slow"
    detail: ClassVar[str] = "未能在期限内收到完整请求体，可用同一幂等键重试。"
    detail_en: ClassVar[str] = "The body did not arrive whole in time. Try again with the same idempotency key."


@dataclass(kw_only=True, eq=False)
class ServiceAway(Refusal):
    """The service cannot be reached; nothing was sent to it."""

    status: ClassVar[int] = 503
    type: ClassVar[str] = "service-away"
    title: ClassVar[str] = "服务暂不可用"
    title_en: ClassVar[str] = "Service away"
    detail: ClassVar[str] = "服务 {service} 暂时无法连接，请求未送达；请稍后用同一幂等键重试。"
    detail_en: ClassVar[str] = (
        "The service {service} cannot be reached; nothing was sent. Try again soon with the same key."
    )

    service: str


@dataclass(kw_only=True, eq=False)
class ServiceBroke(Refusal):
    """The service went away after it got the call; whether it was done is not known."""

    status: ClassVar[int] = 502
    type: ClassVar[str] = "service-broke"
    title: ClassVar[str] = "服务中断"
    title_en: ClassVar[str] = "Service broke off"
    detail: ClassVar[str] = "服务 {service} 在处理中断开，结果未知；请用同一幂等键重试，不会重复执行。"
    detail_en: ClassVar[str] = (
        "The service {service} broke off while it worked, and the outcome is not known. Try again with the same "
        "idempotency key; it will not be done twice."
    )

    service: str


@dataclass(kw_only=True, eq=False)
class DeadlinePassed(Refusal):
    """The service did not answer within the route's time."""

    status: ClassVar[int] = 504
    type: ClassVar[str] = "deadline-exceeded"
    title: ClassVar[str] = "处理超时"
    title_en: ClassVar[str] = "Deadline exceeded"
    detail: ClassVar[str] = "服务 {service} 未能在期限内完成，结果未知；请用同一幂等键重试，不会重复执行。"
    detail_en: ClassVar[str] = (
        "The service {service} did not answer in time, and the outcome is not known. Try again with the same "
        "idempotency key; it will not be done twice."
    )

    service: str


@dataclass(kw_only=True, eq=False)
class AuditAway(Refusal):
    """Records of calls cannot be written, so nothing is changed until they can."""

    status: ClassVar[int] = 503
    type: ClassVar[str] = "audit-away"
    title: ClassVar[str] = "审计记录暂不可用"
    title_en: ClassVar[str] = "Audit away"
    detail: ClassVar[str] = "审计记录暂时无法写入，写操作已暂停；查询不受影响。请稍后用同一幂等键重试。"
    detail_en: ClassVar[str] = (
        "Audit records cannot be written for now, so writes are stopped; reads go on. Try again soon with the same key."
    )
