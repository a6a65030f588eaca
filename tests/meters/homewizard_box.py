"""HomeWizard's devices on a real socket: version 1 over HTTP, version 2 over HTTPS and a WebSocket.

Their certificate comes from an authority that is made here, in the place of HomeWizard's own.
"""

import asyncio
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
import ssl
from typing import Any

from aiohttp import WSMsgType, web
from aiohttp.typedefs import Handler
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .p1_port import FIXTURES

TOKEN = "0123456789ABCDEF0123456789ABCDEF"


class Authority:
    """An authority that signs the certificate of one device."""

    def __init__(self, folder: Path, name: str = "appliance/p1dongle/5c2fafaabbcc") -> None:
        own, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Appliance Access CA", own.public_key(), "Appliance Access CA", own, authority=True)
        leaf = _certificate(name, key.public_key(), "Appliance Access CA", own, authority=False)
        self.pem = root.public_bytes(serialization.Encoding.PEM).decode()
        chain, secret = folder / "device.pem", folder / "device.key"
        chain.write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        secret.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(chain, secret)


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, authority: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(authority=authority), critical=True)
        .sign(signer, hashes.SHA256())
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=None,  # type: ignore[arg-type]  # only said where keys are agreed upon
        decipher_only=None,  # type: ignore[arg-type]
    )


class HomeWizardBox:
    """One device. `telegrams` are handed out one a question, the last one again and again."""

    def __init__(self, dump: str) -> None:
        captured = json.loads((FIXTURES / f"{dump}.json").read_text())
        self.api: dict[str, Any] = captured["api"]
        self.data: dict[str, Any] = captured["data"]
        self.telegrams: list[str] = []
        self.enabled = True
        self.button = False
        self.body: str | None = None
        self.asked: list[str] = []
        self.port = 0
        self._was_asked = asyncio.Event()
        self._pushing = asyncio.Queue[dict[str, Any] | None]()
        self._runner: web.AppRunner | None = None

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/api", self._api)
        if tls is None:
            app.router.add_get("/api/v1/data", self._data)
            app.router.add_get("/api/v1/telegram", self._telegram)
        else:
            app.router.add_get("/api/measurement", self._data)
            app.router.add_post("/api/user", self._user)
            app.router.add_get("/api/ws", self._socket)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=tls).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            self.push(None)
            await self._runner.cleanup()
            self._runner = None

    async def asked_for(self, path: str, times: int) -> None:
        """Wait until it was asked for something that often."""
        async with asyncio.timeout(5):
            while self.asked.count(path) < times:
                self._was_asked.clear()
                await self._was_asked.wait()

    def push(self, changes: dict[str, Any] | None) -> None:
        """Send the values to whoever listens, with these changed; hang up on `None`."""
        self._pushing.put_nowait(None if changes is None else self.data | changes)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.asked.append(request.path)
        self._was_asked.set()
        if self.body is not None:
            return web.Response(text=self.body)
        if request.secure and request.path not in ("/api/user", "/api/ws"):
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return web.json_response({"error": "user:unauthorized"}, status=401)
        elif not self.enabled:
            return web.json_response({"error": {"id": 202, "description": "API not enabled"}}, status=403)
        return await handler(request)

    async def _api(self, request: web.Request) -> web.Response:
        return web.json_response(self.api)

    async def _data(self, request: web.Request) -> web.Response:
        return web.json_response(self.data)

    async def _telegram(self, request: web.Request) -> web.Response:
        if not self.telegrams:
            raise web.HTTPNotFound
        text = self.telegrams[0] if len(self.telegrams) == 1 else self.telegrams.pop(0)
        return web.Response(text=text)

    async def _user(self, request: web.Request) -> web.Response:
        if not self.button:
            return web.json_response({"error": "user:creation-not-enabled"}, status=403)
        return web.json_response({"token": TOKEN, "name": (await request.json())["name"]})

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"type": "authorization_requested", "data": {"api_version": "2.0.0"}})
        if await socket.receive_json() != {"type": "authorization", "data": TOKEN}:
            await socket.send_json({"type": "error", "data": {"message": "user:unauthorized"}})
        else:
            await socket.send_json({"type": "authorized"})
            if (await socket.receive()).type is WSMsgType.TEXT:
                await self._stream(socket)
        await socket.close()
        return socket

    async def _stream(self, socket: web.WebSocketResponse) -> None:
        while (data := await self._pushing.get()) is not None:
            await socket.send_json({"type": "measurement", "data": data})
