"""Sockets for SIP: a UDP port, a TCP or TLS listener, a TCP and a WebSocket connection.

Each hands what arrives to on_message(Message, reply_channel) in the reactor's
thread; a channel has send(bytes), reliable, transport and peer.
"""
import os
import socket
import struct
import time

from . import message

BIG_BUFFER = 4 * 1024 * 1024
STAMP = 35  # SO_TIMESTAMPNS, which Python does not name
TIMESPEC = struct.Struct("qq")
ANCILLARY = socket.CMSG_SPACE(TIMESPEC.size)


def arrived(ancillary):
    """When the kernel took a datagram: we may come to it much later, on a busy machine."""
    now, clock = time.monotonic(), time.time()
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, STAMP):
            seconds, nanoseconds = TIMESPEC.unpack(data)
            return min(now, now - clock + seconds + nanoseconds / 1e9)
    return now


class UdpChannel:
    transport, reliable = "udp", False

    def __init__(self, port, peer):
        self.port, self.peer = port, peer

    def send(self, data):
        self.port.send(data, self.peer)


class UdpPort:
    """A bound UDP socket. Port 0 takes any."""

    def __init__(self, reactor, host, port, on_message):
        self._reactor, self._on_message = reactor, on_message
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._sock = socket.socket(family, socket.SOCK_DGRAM)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BIG_BUFFER)
        self._sock.setsockopt(socket.SOL_SOCKET, STAMP, 1)
        self._sock.bind((host, port))
        self._sock.setblocking(False)
        self.host, self.port = self._sock.getsockname()[:2]
        reactor.call(reactor.loop.add_reader, self._sock, self._read)

    def _read(self):
        for _ in range(64):
            try:
                data, ancillary, _, peer = self._sock.recvmsg(65535, ANCILLARY)
            except (BlockingIOError, ConnectionError, OSError):
                return
            if len(data.strip()) < 10:  # a keepalive
                continue
            try:
                msg = message.parse(data)
            except (ValueError, IndexError):
                continue
            msg.time = arrived(ancillary)
            self._on_message(msg, UdpChannel(self, peer))

    def send(self, data, peer):
        try:
            self._sock.sendto(data, peer)
        except OSError:
            pass  # closed meanwhile, or an ICMP error of an earlier packet

    def close(self):
        def body():
            self._reactor.loop.remove_reader(self._sock)
            self._sock.close()
        self._reactor.call(body)


class _Stream:
    """One TCP or TLS connection, either side."""
    reliable = True

    def __init__(self, writer, on_message, transport="tcp"):
        self.writer, self._on_message, self.transport = writer, on_message, transport
        self.peer = writer.get_extra_info("peername")

    async def read(self, reader):
        buffer = bytearray()
        try:
            while chunk := await reader.read(65536):
                buffer += chunk
                while data := message.take(buffer):
                    msg = message.parse(data)
                    msg.time = time.monotonic()
                    self._on_message(msg, self)
        except (ConnectionError, OSError):
            pass
        self.writer.close()

    def send(self, data):
        if not self.writer.is_closing():
            self.writer.write(data)

    def close(self):
        self.writer.transport.abort()


class TcpPort:
    """A listening TCP socket; close() also resets its connections. With tls (an
    ssl.SSLContext) what is inside is TLS."""

    def __init__(self, reactor, host, port, on_message, tls=None):
        self._reactor, self._on_message, self._streams = reactor, on_message, set()
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        self.host, self.port = sock.getsockname()[:2]

        async def listen():
            import asyncio
            return await asyncio.start_server(self._accept, sock=sock, ssl=tls)
        self._server = reactor.run(listen())

    async def _accept(self, reader, writer):
        stream = _Stream(writer, self._on_message, "tls" if self._tls else "tcp")
        self._streams.add(stream)
        await stream.read(reader)
        self._streams.discard(stream)

    @property
    def connections(self):
        return len(self._streams)

    def drop_connections(self):
        self._reactor.call(lambda: [s.close() for s in list(self._streams)])

    def close(self):
        self._reactor.call(self._server.close)
        self.drop_connections()


class _WebSocket(_Stream):
    """The client's side of a WebSocket (RFC 6455, RFC 7118): a message is a masked frame."""

    def __init__(self, writer, on_message):
        super().__init__(writer, on_message, "ws")

    async def open(self, reader, host):
        self.writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n"
                          "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                          "Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n".encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise ConnectionError(f"no WebSocket: {answer[:100]!r}")

    async def read(self, reader):
        import asyncio
        try:
            while True:
                kind, size = await reader.readexactly(2)
                if size > 125:
                    size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
                data = await reader.readexactly(size)
                if kind & 0x0f in (1, 2) and len(data.strip()) >= 10:
                    msg = message.parse(data)
                    msg.time = time.monotonic()
                    self._on_message(msg, self)
        except (asyncio.IncompleteReadError, ConnectionError, OSError):
            pass
        self.writer.close()

    def send(self, data):
        mask = os.urandom(4)
        size = (bytes([0x80 | len(data)]) if len(data) < 126
                else b"\xfe" + len(data).to_bytes(2, "big"))
        super().send(b"\x81" + size + mask + bytes(c ^ mask[i % 4] for i, c in enumerate(data)))


def connect(reactor, local_host, peer, on_message, transport="tcp"):
    """A TCP or WebSocket connection from local_host to peer, ready to send."""
    async def body():
        import asyncio
        reader, writer = await asyncio.open_connection(*peer, local_addr=(local_host, 0))
        if transport == "ws":
            stream = _WebSocket(writer, on_message)
            await stream.open(reader, "{}:{}".format(*peer))
        else:
            stream = _Stream(writer, on_message)
        stream.host, stream.port = writer.get_extra_info("sockname")[:2]
        stream.task = asyncio.ensure_future(stream.read(reader))
        return stream
    return reactor.run(body())
