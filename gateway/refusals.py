"""Why the gateway itself refuses a call. A service's own refusals pass through as they are."""

from dataclasses import dataclass

from shared.errors import Forbidden, Refusal, Unseen


@dataclass(kw_only=True, eq=False)
class NoSuchRoute(Unseen):
    """The table of routes has no such method and path; what is not in it does not exist."""

    type = "no-such-route"
    title = "没有此接口"
    title_en = "No such route"
    detail = "没有开放此方法与路径的接口。全部接口见 /docs。"
    detail_en = "No route has this method and path. All routes are listed at /docs."


@dataclass(kw_only=True, eq=False)
class MethodNotAllowed(Refusal):
    """The path is there, for other methods."""

    status = 405
    type = "method-not-allowed"
    title = "不支持该方法"
    title_en = "Method Not Allowed"
    detail = "此地址支持的方法：{allowed}。全部接口见 /docs。"
    detail_en = "This path takes {allowed}. All routes are listed at /docs."

    allowed: str


@dataclass(kw_only=True, eq=False)
class MalformedCall(Refusal):
    """The call can be read in more than one way, so it is not read at all."""

    status = 400
    type = "malformed-call"
    title = "请求的形式不被接受"
    title_en = "Malformed call"
    detail = "请求的 {part} 有歧义或含不允许的字符。请使用规范形式：路径中没有 . 与 .. 段、连续斜杠和百分号转义。"
    detail_en = (
        "The {part} of the call is ambiguous or has characters that are not allowed. Send it in normal form: no dot "
        "segments, empty segments or percent escapes in the path, each header once."
    )

    part: str


@dataclass(kw_only=True, eq=False)
class TooLarge(Refusal):
    """The call is larger than is read."""

    status = 413
    type = "body-too-large"
    title = "请求过大"
    title_en = "Too large"
    detail = "最多接受 {limit_bytes} 字节。请拆分后分次发送。"
    detail_en = "At most {limit_bytes} bytes are taken. Split it and send the parts one by one."

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

    status = 401
    type = "credentials-required"
    title = "缺少身份凭证"
    title_en = "Credentials required"
    detail = "请携带 Authorization: Bearer 令牌，或一种签名，二者取一。沙箱令牌由 POST /auth/token 取得。"
    detail_en = (
        "Send either an Authorization: Bearer token or a signature of one kind, not both. POST /auth/token gives a "
        "sandbox token."
    )


@dataclass(kw_only=True, eq=False)
class BadToken(Refusal):
    """The bearer token is expired, for another audience, or not one of an issuer that is trusted."""

    status = 401
    type = "bad-token"
    title = "令牌无效或已过期"
    title_en = "Bad token"
    detail = "令牌无效或已过期。请重新登录取得令牌。"
    detail_en = "The token is not valid or has expired. Log in again for a new one."


@dataclass(kw_only=True, eq=False)
class LevelRequired(Forbidden):
    """The user is not verified surely enough for this."""

    type = "level-required"
    title = "需要更高的实名等级"
    title_en = "Higher level of verification required"
    detail = "此操作需要实名等级 {needed}，当前为 {level}。请在浙里办中完成更高等级的实名认证后重新登录。"
    detail_en = "This takes level {needed}; yours is {level}. Verify yourself further in Zheliban and sign on again."

    needed: int
    level: int


@dataclass(kw_only=True, eq=False)
class BadPassword(Refusal):
    """The user name and the password do not belong together."""

    status = 401
    type = "bad-password"
    title = "用户名或密码不正确"
    title_en = "Bad user name or password"
    detail = "用户名或密码不正确。沙箱账号由 ./linli up 打印。"
    detail_en = "The user name or the password is wrong. ./linli up prints the sandbox accounts."


@dataclass(kw_only=True, eq=False)
class RoleRequired(Forbidden):
    """The caller holds none of the roles that this route takes, anywhere."""

    type = "role-required"
    title = "没有所需角色"
    title_en = "Role required"
    detail = "此接口需要以下角色之一：{roles}。请用有权限的账号操作，或联系社区管理员。"
    detail_en = "This takes one of the roles {roles}. Use an account that has it, or ask its administrator."

    roles: str


@dataclass(kw_only=True, eq=False)
class TooManyCalls(Refusal):
    """The caller has used up what it may do for now."""

    status = 429
    type = "too-many-calls"
    title = "请求过于频繁"
    title_en = "Too many calls"
    detail = "请在 {retry_after_s} 秒后重试。"
    detail_en = "Try again in {retry_after_s} seconds."

    retry_after_s: int


@dataclass(kw_only=True, eq=False)
class QuotaUsedUp(TooManyCalls):
    """The application has used up what it may do in this period."""

    type = "quota-used-up"
    title = "调用配额已用完"
    title_en = "Quota used up"
    detail = "本期配额 {quota} 次已用完，{retry_after_s} 秒后进入下一期。需要提高配额请联系平台管理员。"
    detail_en = (
        "The quota of {quota} calls is used up; the next period begins in {retry_after_s} seconds. Ask an "
        "administrator for a higher one."
    )

    quota: int


@dataclass(kw_only=True, eq=False)
class IdempotencyKeyRequired(Refusal):
    """A write without a key could be done twice."""

    status = 400
    type = "idempotency-key-required"
    title = "写操作缺少幂等键"
    title_en = "Idempotency key required"
    detail = "请添加请求头 Idempotency-Key，例如一个新的 UUID；重试同一操作时保持不变，新操作换新的键。"
    detail_en = (
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

    status = 408
    type = "body-too-slow"
    title = "请求体传输过慢"
    title_en = "Body too slow"
    detail = "未能在期限内收到完整请求体，可用同一幂等键重试。"
    detail_en = "The body did not arrive whole in time. Try again with the same idempotency key."


@dataclass(kw_only=True, eq=False)
class FieldsClosed(Forbidden):
    """The answer holds data of a level that is not open to the application, and is refused, not masked."""

    type = "fields-closed"
    title = "数据不予开放"
    title_en = "Data not opened"
    detail = (
        "此接口的应答含 {level} 级数据且不能脱敏，未向贵应用开放（DB33/T 2350-2021；L4 不向任何应用开放）。"
        "请由本人或工作人员登录后办理，或申请更高级别的授权。"
    )
    detail_en = (
        "What this answers holds data of level {level} that cannot be masked and is not open to you (DB33/T 2350-2021; "
        "L4 is opened to no application). A resident or a member of staff may sign on and ask, or apply for the level."
    )

    level: str


@dataclass(kw_only=True, eq=False)
class RevealRefused(Forbidden):
    """The caller wants to see masked data in full, and has none of the roles that may."""

    type = "reveal-refused"
    title = "不能查看完整数据"
    title_en = "May not see masked data"
    detail = "查看未脱敏的数据需要以下角色之一，且须由本人登录：{roles}。请去掉 Linli-Reveal，或请有权限的人员查看。"
    detail_en = "It takes a person with one of the roles {roles}. Leave out Linli-Reveal, or ask one of them."

    roles: str
