"""What the portal's pages say: HTML from values, all of which are escaped here."""

from collections.abc import Sequence
from html import escape

from gateway.console.webhooks.tables import Delivery
from gateway.portal.debugger import Difference, Reading
from gateway.portal.session import Kept
from gateway.registry import Application
from gateway.sandbox import Sandbox
from shared.clock import CHINA
from shared.events import Event
from shared.identity import Identity

_HOME = '<p><a href="/portal">开发者门户 Developer portal</a></p>'
_OPEN = """<h2>文档与工具 Documents and tools</h2><ul>
<li><a href="/docs">全部接口 All operations</a>（OpenAPI 3.1：<a href="/openapi.json">/openapi.json</a>，
按调用者 by audience：{audiences}）</li>
<li><a href="/portal/events">事件目录 Event catalogue</a>（<a href="/asyncapi.json">AsyncAPI 3.0</a>）</li>
<li><a href="/problems">问题目录 Problems</a></li>
<li><a href="/portal/signatures">签名调试器 Signature debugger</a></li></ul>"""
_AUDIENCES = ("resident", "desk", "operator", "official", "merchant", "device", "mini-app", "auditor")
_SIGN_ON = """<h2>登录 Sign on</h2><form method="post" action="/portal/session">
<p><label>用户名 user name<br><input name="username" autocomplete="username"></label></p>
<p><label>密码 password<br><input name="password" type="password" autocomplete="current-password"></label></p>
<p>或 or <label>访问令牌 access token<br><input name="token" autocomplete="off"></label></p>
<button>登录 Sign on</button></form>"""
_SIGN_OFF = '<form method="post" action="/portal/session/end"><button>退出 Sign off</button></form>'
_NOTHING = """<li>没有由您维护的应用；请管理员将您的账号列入其 developers。
None lists your account among its developers: ask an administrator.</li>"""
_SANDBOX = """<h2>沙箱 Sandbox</h2>
<p>以下账号与应用仅供试用；密码与密钥见启动时的输出。在<a href="/docs">接口页面</a>中用其令牌试调用。
These are for trying things out; what starts the platform prints their passwords and secrets. Try calls on the
<a href="/docs">page of operations</a>.</p><ul>{users}</ul><p>应用 applications</p><ul>{programs}</ul>"""
_DEBUGGER = """<h1>签名调试器 Signature debugger</h1>
<p>粘贴已签名的请求（第一行与请求头）和客户端签名时用的待签名串；不要粘贴密钥。
Paste the signed call (its first line and headers) and the string that your client signed. Never paste a secret.</p>
<form method="post" action="/portal/signatures"><div class="two">
<label>请求 call<textarea name="call" rows="10" spellcheck="false">
{call}</textarea></label>
<label>客户端的待签名串 your string to sign<textarea name="text" rows="10" spellcheck="false">
{text}</textarea></label></div>
<p><button>对照 Compare</button></p></form>"""
_AGREE = """<p class="good" id="verdict">两个待签名串相同；若仍被拒绝，请核对密钥。
The strings agree; if the call is refused, check the secret.</p>"""
_PART = """<p class="bad" id="verdict">第 {line} 行第 {column} 个字符不同：
网关为 <code>{ours}</code>，客户端为 <code>{theirs}</code>。
They part at line {line}, character {column}.</p>"""
_BOTH = """<p>签名方式 dialect: <code>{dialect}</code></p>{verdict}<div class="two">
<div><h2>网关 Gateway</h2><pre id="ours">{ours}</pre></div>
<div><h2>客户端 Client</h2><pre id="theirs">{theirs}</pre></div></div>"""
_NEW_KEY = """<h1>新密钥 New secret</h1><p>只显示一次，请立即保存。 It is shown this once: keep it now.</p>
<pre id="secret">{secret}</pre><p><a href="/portal/applications/{name}">{name}</a></p>"""
_RETIRE = """<form method="post" action="/portal/applications/{name}/keys/{place}/retirement">
<button>停用 Retire</button></form>"""
_REPLAY = """<form method="post" action="/portal/applications/{name}/deliveries/{id}/replay">
<button>重新投递 Replay</button></form>"""
_STATES = {"due": "待投递", "delivered": "已送达", "given-up": "已放弃"}
_APPLICATION = """<h1><code>{name}</code></h1><p>{owner} · {purpose} · {shelf} · 有效期至 until {until}</p>
<h2>密钥 Keys</h2><table><tr><th>位置 place<th>生成时间 made<th>生成人 by<th>{keys}</table>
<form method="post" action="/portal/applications/{name}/keys">
<p><button>生成新密钥 Make a new secret</button></p></form>
<h2>用量 Usage</h2><p>每日配额 a day: {day}；每月配额 a month: {month}</p>
<table id="usage"><tr><th>日或月 day or month<th>次数 calls{used}</table>
<h2>外发订阅 Webhooks</h2><p>最近的投递；重新投递沿用同一 webhook-id。
The last deliveries; a replay has the same webhook-id.</p>
<table id="deliveries"><tr><th>事件 event<th>时间 time<th>状态 state<th>次数 tries<th>应答 answer<th>{told}</table>
<h2>可调用的接口 Operations</h2><p><a href="/portal/applications/{name}/docs">试用 Try them</a> ·
<a href="/portal/applications/{name}/openapi.json">OpenAPI</a></p><ul>{grants}</ul>"""
_SHELF = {"catalogued": "已编目", "published": "已发布", "on-shelf": "已上架", "off-shelf": "已下架"}


def front(who: Identity | None, mine: Sequence[tuple[str, Application]], sandbox: Sandbox) -> str:
    """Return the first page."""
    audiences = " · ".join(f'<a href="/openapi/{each}.json">{each}</a>' for each in _AUDIENCES)
    personal = _SIGN_ON if who is None else _mine(who, mine)
    return f"<h1>开发者门户 Developer portal</h1>{personal}{_OPEN.format(audiences=audiences)}{_sandbox(sandbox)}"


def _mine(who: Identity, mine: Sequence[tuple[str, Application]]) -> str:
    items = "".join(
        f'<li><a href="/portal/applications/{escape(name)}"><code>{escape(name)}</code></a> '
        f"{escape(each.purpose)} · {_SHELF[each.shelf]} {each.shelf}</li>"
        for name, each in mine
    )
    who_is_on = f"<p>已登录 signed on: <code>{escape(who.subject)}</code></p>{_SIGN_OFF}"
    return f"{who_is_on}<h2>我的应用 Applications</h2><ul>{items or _NOTHING}</ul>"


def _sandbox(sandbox: Sandbox) -> str:
    if not sandbox.users and not sandbox.applications:
        return ""
    users = "".join(f"<li><code>{escape(u.username)}</code> {_roles(u.identity())}</li>" for u in sandbox.users)
    programs = "".join(
        f"<li><code>{escape(each.access_key)}</code> {_roles(each.identity())}</li>" for each in sandbox.applications
    )
    return _SANDBOX.format(users=users, programs=programs)


def _roles(who: Identity) -> str:
    return "、".join(f"{escape(held.role)} {escape(held.prefix)}" for held in who.roles)


def application(kept: Kept) -> str:
    """Return the page of one application."""
    name, about = escape(kept.name), kept.registered
    keys = "".join(
        f"<tr><td>{key.place}<td>{key.made_at.astimezone(CHINA):%Y-%m-%d %H:%M}<td>{escape(key.made_by)}<td>"
        + _RETIRE.format(name=name, place=key.place)
        for key in kept.keys
    )
    grants = "".join(f"<li><code>{escape(g.operation)}</code> {escape(g.prefix)} {g.level}</li>" for g in about.grants)
    facts = _APPLICATION.format(
        name=name,
        owner=escape(about.owner),
        purpose=escape(about.purpose),
        shelf=f"{_SHELF[about.shelf]} {about.shelf}",
        until=f"{about.expires_at.astimezone(CHINA):%Y-%m-%d}",
        keys=keys,
        day=about.calls_per_day_max or "不限 none",
        month=about.calls_per_month_max or "不限 none",
        used="".join(f"<tr><td>{escape(period)}<td>{count:,}" for period, count in kept.used),
        grants=grants,
        told="".join(_delivery(name, each) for each in kept.deliveries),
    )
    return facts + _HOME


def _delivery(name: str, told: Delivery) -> str:
    answer = told.last_status or escape(told.last_fault or "")
    return (
        f"<tr><td><code>{escape(told.type)}</code><td>{told.created_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
        f"<td>{_STATES[told.state]} {told.state}<td>{told.attempts}<td>{answer}"
        f"<td>{_REPLAY.format(name=name, id=told.id)}"
    )


def new_key(name: str, secret: str) -> str:
    """Return the page that shows a secret."""
    return _NEW_KEY.format(name=escape(name), secret=escape(secret))


def refused(said: str) -> str:
    """Return the page of a refusal."""
    return f'<h1>未成功 Refused</h1><p class="bad">{escape(said)}</p>{_HOME}'


def events(told: Sequence[type[Event]]) -> str:
    """Return the catalogue of events."""
    sections = "".join(
        f"<h2><code>{each.type}</code></h2><p>{escape((each.__doc__ or '').partition(chr(10))[0])}</p><p>"
        + "、".join(f"<code>{escape(name)}</code>" for name in each.model_fields)
        for each in told
    )
    return f"<h1>事件目录 Events</h1><p>CloudEvents 1.0，<a href='/asyncapi.json'>AsyncAPI 3.0</a></p>{sections}{_HOME}"


def debugger(call: str, theirs: str, reading: Reading | None, parted: Difference | None) -> str:
    """Return the signature debugger, with both strings when there is something to compare.

    Args:
        call: The call as it was entered.
        theirs: The string that its client signed.
        reading: How the gateway reads the call; nothing before it is asked.
        parted: Where the strings part, if they do.
    """
    form = _DEBUGGER.format(call=escape(call), text=escape(theirs))
    return form + (_compared(theirs, reading, parted) if reading else "") + _HOME


def _compared(theirs: str, reading: Reading, parted: Difference | None) -> str:
    if reading.refusal:
        return f'<p class="bad" id="verdict">{escape(reading.refusal)}</p>'
    verdict = _AGREE if theirs else ""
    if parted:
        shown = {"ours": escape(parted.ours), "theirs": escape(parted.theirs)}
        verdict = _PART.format(line=parted.line, column=parted.column, **shown)
    ours, given = _marked(reading.text, parted), _marked(theirs.replace("\r", ""), parted)
    return _BOTH.format(dialect=escape(reading.dialect), verdict=verdict, ours=ours, theirs=given)


def _marked(text: str, parted: Difference | None) -> str:
    """Show line breaks, and mark the character where the strings part."""
    lines = [f"{line}↵" for line in text.split("\n")[:-1]] + [text.rpartition("\n")[2]]
    if parted and parted.line <= len(lines):
        line, at = lines[parted.line - 1], parted.column - 1
        kept = f"{escape(line[:at])}<mark>{escape(line[at : at + 1]) or '&nbsp;'}</mark>{escape(line[at + 1 :])}"
        return "\n".join([*map(escape, lines[: parted.line - 1]), kept, *map(escape, lines[parted.line :])])
    return "\n".join(map(escape, lines))
