"""Refusals for now: something is away, late, too busy or switched off. The same call may do later."""

from dataclasses import dataclass

from shared.errors import Refusal


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
class Overloaded(Refusal):
    """Too many calls are under way for this class of caller."""

    status = 503
    type = "overloaded"
    title = "服务暂不可用"
    title_en = "Service Unavailable"
    detail = "当前请求过多，本次请求未生效；请稍后用同一幂等键重试。批量任务请在低峰时段运行。"
    detail_en = (
        "There are too many calls under way; this one was not done. Try again with the same idempotency key, and run "
        "batches when it is quiet."
    )


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
class ConsentsAway(Refusal):
    """Whether a resident has agreed cannot be told, so nothing about it is told or done until it can."""

    status = 503
    type = "consents-away"
    title = "同意记录暂不可用"
    title_en = "Consents away"
    detail = "居民同意记录暂不可用，涉及居民的请求已暂停。请稍后用同一幂等键重试。"
    detail_en = "Whether the resident agreed cannot be told for now. Try again soon with the same idempotency key."


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
