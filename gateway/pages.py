"""Plain pages: Chinese first, no script, nothing from elsewhere; large type and strong contrast."""

import html

from fastapi.responses import HTMLResponse

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>body{{font:18px/1.5 sans-serif;max-width:{width}em;margin:2em auto;padding:0 1em;color:#1a1a1a;background:#fff}}
a{{color:#0b5394}}code,pre{{background:#f2f2f2;overflow-wrap:anywhere}}
li{{margin:.4em 0}}table{{border-collapse:collapse}}td,th{{border:1px solid #767676;padding:.3em .6em;text-align:left}}
button,input{{font:inherit;padding:.4em .8em;min-height:48px}}
textarea{{font:16px/1.4 monospace;width:100%;box-sizing:border-box}}
.two{{display:grid;grid-template-columns:1fr 1fr;gap:1em}}@media(max-width:50em){{.two{{grid-template-columns:1fr}}}}
pre{{padding:.6em;white-space:pre-wrap;min-height:6em}}mark{{background:#ffd54f}}
.good{{color:#1b5e20;font-weight:bold}}.bad{{color:#b71c1c;font-weight:bold}}</style>{body}</html>"""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
}


def page(title: str, body: str, *, status: int = 200, width_em: int = 44) -> HTMLResponse:
    """Return a page.

    Args:
        title: Its name, as plain text.
        body: Its HTML; whoever made it has escaped what came from outside.
        status: Of HTTP.
        width_em: How wide it may be.
    """
    return HTMLResponse(_PAGE.format(title=html.escape(title), body=body, width=width_em), status, _HEADERS)
