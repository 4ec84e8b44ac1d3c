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
class IssuerAway(Refusal):
    """The issuer of the token does not answer, and its keys are too old to go by."""

    status = 503
    type = "issuer-away"
    title = "身份提供方暂不可用"
    title_en = "Identity provider away"
    detail = "签发该令牌的身份提供方暂时没有应答，写操作最多沿用其密钥 1 小时，查询 24 小时。请稍后用同一幂等键重试。"
    detail_en = (
        "The issuer of this token does not answer; its keys are good for one more hour of writes and a day of reads. "
        "Try again soon with the same idempotency key."
    )


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
class ServiceAway(Refusal):
    """The service cannot be reached; nothing was sent to it."""

    status = 503
    type = "service-away"
    title = "服务暂不可用"
    title_en = "Service away"
    detail = "服务 {service} 暂时无法连接，请求未送达；请稍后用同一幂等键重试。"
    detail_en = "The service {service} cannot be reached; nothing was sent. Try again soon with the same key."

    service: str


@dataclass(kw_only=True, eq=False)
class ServiceBroke(Refusal):
    """The service went away after it got the call; whether it was done is not known."""

    status = 502
    type = "service-broke"
    title = "服务中断"
    title_en = "Service broke off"
    detail = "服务 {service} 在处理中断开，结果未知；请用同一幂等键重试，不会重复执行。"
    detail_en = (
        "The service {service} broke off while it worked, and the outcome is not known. Try again with the same "
        "idempotency key; it will not be done twice."
    )

    service: str


@dataclass(kw_only=True, eq=False)
class DeadlinePassed(Refusal):
    """The service did not answer within the route's time."""

    status = 504
    type = "deadline-exceeded"
    title = "处理超时"
    title_en = "Deadline exceeded"
    detail = "服务 {service} 未能在期限内完成，结果未知；请用同一幂等键重试，不会重复执行。"
    detail_en = (
        "The service {service} did not answer in time, and the outcome is not known. Try again with the same "
        "idempotency key; it will not be done twice."
    )

    service: str


@dataclass(kw_only=True, eq=False)
class AuditAway(Refusal):
    """Records of calls cannot be written, so nothing is changed until they can."""

    status = 503
    type = "audit-away"
    title = "审计记录暂不可用"
    title_en = "Audit away"
    detail = "审计记录暂时无法写入，写操作已暂停；查询不受影响。请稍后用同一幂等键重试。"
    detail_en = (
        "Audit records cannot be written for now, so writes are stopped; reads go on. Try again soon with the same key."
    )


@dataclass(kw_only=True, eq=False)
class NoncesAway(Refusal):
    """Whether a nonce was used before cannot be told, so nothing is changed until it can."""

    status = 503
    type = "nonces-away"
    title = "防重放校验暂不可用"
    title_en = "Nonce store away"
    detail = "防重放校验暂不可用，签名的写操作已暂停；查询不受影响。请稍后换新的随机数、用同一幂等键重试。"
    detail_en = (
        "Whether a nonce was used before cannot be told for now, so signed writes are stopped; reads go on. Try again "
        "soon with a new nonce and the same idempotency key."
    )


@dataclass(kw_only=True, eq=False)
class ConfigurationAway(Refusal):
    """What is in force has not been read since this process started, so nobody can be let in."""

    status = 503
    type = "configuration-away"
    title = "网关配置尚未读取"
    title_en = "Configuration not read yet"
    detail = "网关刚刚启动，尚未读到授权与开关。请稍后用同一幂等键重试。"
    detail_en = "The gateway has just started and has not read grants and switches yet. Try again soon."


@dataclass(kw_only=True, eq=False)
class Stopped(Refusal):
    """An emergency switch stops it."""

    status = 503
    type = "stopped"
    title = "已被应急开关停用"
    title_en = "Stopped by an emergency switch"
    detail = "应急开关 {switch} 已启用，请求未执行。恢复后可用同一幂等键重试。"
    detail_en = "The emergency switch {switch} is on; nothing was done. Try again with the same key when it is off."

    switch: str
