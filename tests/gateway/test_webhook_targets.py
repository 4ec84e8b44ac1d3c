"""Where a webhook may go: public addresses, resolved once, pinned, and held against the certificate."""

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from gateway.console.webhooks.rules import may_be_called
from gateway.console.webhooks.target import AddressRefusedError, find_target

LOOPBACK = (ip_network("127.0.0.0/8"),)
INSIDE = (
    *("127.0.0.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),  # noqa: S104
    *("192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1"),
    *("ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "2001:0:7f00:1::"),
)
OUTSIDE = ("1.1.1.1", "218.108.0.1", "2606:4700:4700::1111", "240e::1")


def test_only_public_addresses_are_called_and_those_that_the_operator_exempts() -> None:
    assert [address for address in INSIDE if may_be_called(address, ())] == []
    assert [address for address in OUTSIDE if not may_be_called(address, ())] == []
    exempt = (ip_network("10.0.0.0/8"),)
    assert [a for a in INSIDE if may_be_called(a, exempt)] == ["10.1.2.3"]


@pytest.mark.parametrize(
    ("url", "addresses", "pinned"),
    [
        ("https://a.test/x?y=1", ["1.1.1.1"], "https://1.1.1.1/x?y=1"),
        ("https://a.test:8443/x", ["1.1.1.1", "10.0.0.1"], None),
        ("https://a.test/x", ["10.0.0.1"], None),
        ("http://a.test/x", ["1.1.1.1"], None),
        ("http://a.test:81/x", ["127.0.0.1"], "http://127.0.0.1:81/x"),
        ("https://a.test/x", ["2606:4700:4700::1111"], "https://[2606:4700:4700::1111]/x"),
    ],
)
async def test_a_name_is_resolved_once_and_each_of_its_addresses_must_do(
    url: str, addresses: list[str], pinned: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    if pinned is None:
        with pytest.raises(AddressRefusedError):
            await find_target(url, LOOPBACK)
        return
    target = await find_target(url, LOOPBACK)
    async with httpx.AsyncClient() as http:
        request = target.request(http, {}, b"{}")
    assert (str(request.url), request.extensions["sni_hostname"]) == (pinned, "a.test")
    assert request.headers["host"] == "a.test" + (":81" if ":81/" in url else "")


@pytest.mark.proves("G18")
@pytest.mark.parametrize(
    "url", ["https://a..test/", f"https://{'a' * 64}.test/", "https://xn--.test/", "https://1.1.1.1:65536/"]
)
async def test_what_can_be_no_address_is_refused_as_one(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        await find_target(url, LOOPBACK)


async def test_a_certificate_is_held_against_the_name_though_the_address_is_pinned(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def resolve(*_: object, **__: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    heads: list[bytes] = []
    serving, trusting = _certificate_of("a.test", tmp_path)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=serving)
    port = server.sockets[0].getsockname()[1]
    async with httpx.AsyncClient(verify=trusting, trust_env=False) as http:
        for name, is_good in (("a.test", True), ("b.test", False)):
            with monkeypatch.context() as patched:
                patched.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
                target = await find_target(f"https://{name}:{port}/hook", LOOPBACK)
            if is_good:
                assert (await http.send(target.request(http, {}, b"{}"))).status_code == 204
            else:
                with pytest.raises(httpx.ConnectError, match=r"(?i)hostname mismatch|not valid for"):
                    await http.send(target.request(http, {}, b"{}"))
    server.close()
    assert len(heads) == 1
    assert f"host: a.test:{port}\r\n".encode() in heads[0].lower()


def _certificate_of(name: str, folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make a certificate for a name; returns the contexts of who has it and of who trusts it."""
    key, subject = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    chain, secret = folder / "certificate.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(*form))
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(chain, secret)
    return serving, ssl.create_default_context(cafile=str(chain))
