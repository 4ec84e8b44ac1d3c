// Signs what comes in, a call a line: dialect, secret, method, path, query, then name and value of each header, all in Base64.
import { readFileSync } from 'node:fs';
import { sign, textToSign } from '../../clients/signing/signing.mjs';

for (const line of readFileSync(0, 'ascii').split('\n').filter(Boolean)) {
  const [dialect, secret, method, path, query, ...pairs] = line.split(' ').map((part) => Buffer.from(part, 'base64').toString('latin1'));
  const headers = {};
  for (let at = 0; at < pairs.length; at += 2) headers[pairs[at]] = pairs[at + 1];
  const call = { method, path, query, headers };
  console.log(`${Buffer.from(textToSign(dialect, call), 'latin1').toString('base64')} ${sign(dialect, call, secret)}`);
}
