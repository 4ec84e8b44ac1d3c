"""Why a signed call is refused. The messages are the province's four, word for word (guideline, section 3.1)."""

from dataclasses import dataclass
from typing import ClassVar

from shared.errors import Refusal


@dataclass(kw_only=True, eq=False)
class SignatureRefused(Refusal):
    """A signed call that is not taken."""

    status = 401
    message: ClassVar[str]


class InvalidSignature(SignatureRefused):
    """The signature is missing, of another algorithm, or of another text or secret."""

    message = "Invalid signature"
    type = "invalid-signature"
    title = "签名不正确"
    title_en = "Invalid signature"
    detail = "签名与请求不符。请在 /portal 的签名调试器中对照两个待签名串。"
    detail_en = "The signature does not fit the call. The signature debugger at /portal shows what was to be signed."


class InvalidAccessKey(SignatureRefused):
    """No application that may call has this access key."""

    message = "Invalid access key"
    type = "invalid-access-key"
    title = "应用不可用"
    title_en = "Invalid access key"
    detail = "没有此应用，或它未上架、已到期、已停用。请联系平台管理员。"
    detail_en = "There is no such application, or it is not on the shelf, expired or stopped. Ask an administrator."


class ClockSkewExceeded(SignatureRefused):
    """The date is missing, unreadable, or too far from now."""

    message = "Clock skew exceeded"
    type = "clock-skew-exceeded"
    title = "时间偏差过大"
    title_en = "Clock skew exceeded"
    detail = "签名时间缺失、无法识别或与平台时间相差超过 90 秒。请校准时钟后重新签名。"
    detail_en = "The time of signing is missing, unreadable or more than 90 s off. Set the clock and sign anew."


class RouteForbidden(SignatureRefused):
    """The application has no grant for this operation."""

    message = "The route_id is forbidden."
    type = "grant-required"
    title = "未授权此接口"
    title_en = "No grant for this operation"
    detail = "该应用没有此接口的有效授权。请申请授权，由两名管理员办理。"
    detail_en = "The application has no live grant for this operation. Apply for one; two administrators grant it."


class NonceUsed(SignatureRefused):
    """The nonce was used before."""

    message = "Invalid signature"
    type = "nonce-used"
    title = "随机数已被使用"
    title_en = "Nonce used before"
    detail = "该随机数已经用过。每次调用（包括重试）请换新的随机数并重新签名，幂等键保持不变。"
    detail_en = "This nonce was used before. Take a new one for each call, retries too, and keep the idempotency key."
