// 签名示例：网关的五种签名方式，只用 Node 自带的 crypto。 The gateway's five dialects of signatures; Node alone.
//
//   const call = { method: 'GET', path: '/v1/points/deeds', query: 'a=1', headers: { 'x-ca-key': …, … } };
//   headers['x-ca-signature'] = sign('x-ca', call, secret);
//
// The headers carry what the dialect wants signed (date, nonce, digest …), by lower-case name. Texts are kept byte by
// byte, one character a byte (latin1), so that an escape that is no UTF-8 is signed as it was sent.
import { createHash, createHmac } from 'node:crypto';

const decode = (text) => text.replace(/\+/g, ' ').replace(/%([0-9A-Fa-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));

// Only "&" parts items; a name without "=" has an empty value.
const items = (query) => query.split('&').filter(Boolean).map((item) => {
  const at = item.indexOf('=');
  return at < 0 ? [decode(item), ''] : [decode(item.slice(0, at)), decode(item.slice(at + 1))];
});

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const byKey = (a, b) => compare(a[0], b[0]);
const byItem = (a, b) => byKey(a, b) || compare(a[1], b[1]);
const escape = (text) => text.replace(/[^A-Za-z0-9\-_.!'()~*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`);

// 省级业务网关 X-BG-HMAC-*: the last line break is part of it.
function provincial({ method, path, query, headers }) {
  const canonical = items(query).sort(byKey).map((pair) => pair.map(escape).join('=')).join('&');
  return `${method}\n${path}\n${canonical}\n${headers['x-bg-hmac-access-key']}\n${headers['x-bg-date-time']}\n`;
}

// 浙政钉 X-Hmac-Auth-*: not escaped; no line for a query that is not there.
function dingtalk({ method, path, query, headers }) {
  const canonical = items(query).sort(byItem).map((pair) => pair.join('=')).join('&');
  const lines = [method, headers['x-hmac-auth-timestamp'], headers['x-hmac-auth-nonce'], path];
  return (canonical ? [...lines, canonical] : lines).join('\n');
}

// Aliyun's family x-ca-*: an empty value goes without "=".
const OWN_LINES = ['accept', 'content-md5', 'content-type', 'date'];
function aliyun({ method, path, query, headers }) {
  const listed = (headers['x-ca-signature-headers'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const unsigned = ['', 'x-ca-signature', 'x-ca-signature-headers', ...OWN_LINES];
  const names = [...new Set(listed)].filter((name) => !unsigned.includes(name)).sort(compare);
  const canonical = items(query).sort(byItem).map(([key, value]) => (value ? `${key}=${value}` : key)).join('&');
  const lines = [method, ...OWN_LINES.map((name) => headers[name] ?? ''), ...names.map((name) => `${name}:${headers[name] ?? ''}`)];
  return [...lines, path + (canonical ? `?${canonical}` : '')].join('\n');
}

// RFC 9421, the strong profile: what Signature-Input lists, and that itself.
function strong({ method, path, query, headers }) {
  const params = headers['signature-input'].slice(headers['signature-input'].indexOf('=') + 1);
  const derived = { '@method': method, '@path': path, '@query': `?${query}`, '@authority': (headers.host ?? '').toLowerCase() };
  const covered = params.slice(1, params.indexOf(')')).split(' ').map((name) => name.replaceAll('"', ''));
  return [...covered.map((name) => `"${name}": ${(derived[name] ?? headers[name]).trim()}`), `"@signature-params": ${params}`].join('\n');
}

const TEXTS = { 'x-bg-hmac': provincial, 'x-hmac-auth': dingtalk, 'x-ca': aliyun, 'rfc9421-sha256': strong, 'rfc9421-sm3': strong };

export const textToSign = (dialect, call) => TEXTS[dialect](call);

// Base64(HMAC(secret, text)) by SHA-256, or by SM3 where the dialect or X-BG-HMAC-ALGORITHM says so.
export function sign(dialect, call, secret) {
  const sm3 = dialect === 'rfc9421-sm3' || (call.headers['x-bg-hmac-algorithm'] ?? '').toLowerCase() === 'hmac-sm3';
  return createHmac(sm3 ? 'sm3' : 'sha256', secret).update(textToSign(dialect, call), 'latin1').digest('base64');
}

// Content-Digest of a body for the strong profile (RFC 9530).
export const contentDigest = (dialect, body) =>
  dialect === 'rfc9421-sm3'
    ? `sm3=:${createHash('sm3').update(body).digest('base64')}:`
    : `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
