"""Answers of a provider that is broken, overloaded, guarded by a login page, or means harm.

Each case breaks one file or the listing of a record of three; `outcome` says what has to come of it: the record
whole, the file named as damaged while the others arrive, or a stop whose text says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from tests.fetch.server import Handler, Provider

KEY = "a.mat"
PAGE = b"<!DOCTYPE html><html>please log in</html>"
# So much goes over the loopback address before the sender notices that nobody reads, bytes.
ENDLESS = 64 << 20


@dataclass(frozen=True)
class Answer:
    """A name, what is done to the provider, and what has to come of it: whole, damaged or stopped, with a word."""

    name: str
    arrange: Callable[[Provider], None]
    outcome: str
    says: str = ""


def body(data: bytes, status: int = 200, length: int | None = -1, **headers: str) -> Callable[[Handler, bytes], None]:
    """An answer with this body; `length` is what it claims to be long, None for nothing said."""

    def answer(handler: Handler, _: object) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Connection", "close")
        if length is not None:
            handler.send_header("Content-Length", str(len(data) if length < 0 else length))
        handler.end_headers()
        handler.write(data)
        handler.close_connection = True

    return answer


def typed(kind: str, length: int | None = -1) -> Callable[[Handler, bytes], None]:
    """The right body under another content type."""

    def answer(handler: Handler, right: object) -> None:
        data = right if isinstance(right, bytes) else json.dumps(right).encode()
        body(data, Content_Type=kind, length=length)(handler, right)

    return answer


def endless(status: int = 200, kind: str = "application/octet-stream") -> Callable[[Handler, bytes], None]:
    """A body that does not end."""

    def answer(handler: Handler, right: object) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        handler.close_connection = True
        if isinstance(right, bytes):
            handler.write(right)
        for _ in range(ENDLESS >> 16):
            handler.write(b"x" * (1 << 16))

    return answer


def trickle(handler: Handler, right: bytes) -> None:
    """A byte, and the connection is gone."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(right)))
    handler.end_headers()
    handler.write(right[:1])
    handler.close_connection = True


def echo(status: int) -> Callable[[Handler, bytes], None]:
    """The headers of the request, token included, as the body."""

    def answer(handler: Handler, right: object) -> None:
        body(str(handler.headers).encode(), status, Content_Type="text/plain")(handler, b"")

    return answer


def echo_across(place: int, size: int = 0) -> Callable[[Handler, bytes], None]:
    """A page with the token at this place; `size` is its length, 0 for as long as it takes."""

    def answer(handler: Handler, right: object) -> None:
        page = b"<" * place + str(handler.headers["Authorization"]).split()[-1].encode() + b">" * 300
        body(page.ljust(size, b">"), 200 if size else 403, Content_Type="text/html")(handler, b"")

    return answer


def other_range(handler: Handler, right: bytes) -> None:
    """A part of the file that nobody asked for."""
    body(right[7:], 206, Content_Range=f"bytes 7-{len(right) - 1}/{len(right)}")(handler, right)


def loop(handler: Handler, right: bytes) -> None:
    """A redirect to itself."""
    body(b"", 302, Location=handler.path)(handler, right)


def elsewhere(location: str) -> Callable[[Handler, bytes], None]:
    """A redirect to an address that is none of the web."""
    return body(b"", 302, Location=location)


def garbage(handler: Handler, right: bytes) -> None:
    """Bytes that are no HTTP."""
    handler.write(b"\x00\xff\x00\xff garbage\r\n\r\n")
    handler.close_connection = True


def silence(handler: Handler, right: bytes) -> None:
    """The connection closed without a word."""
    handler.close_connection = True


def bad_gzip(handler: Handler, right: bytes) -> None:
    """A body that says it is compressed and is not."""
    body(right, Content_Encoding="gzip")(handler, right)


def on_file(fault: object, times: int = 0) -> Callable[[Provider], None]:
    """A fault of one file: the first `times` requests, or all of them."""

    def arrange(provider: Provider) -> None:
        if times:
            provider.fault(KEY, *[fault] * times)
        else:
            provider.always(KEY, fault)

    return arrange


def resumed(fault: object) -> Callable[[Provider], None]:
    """A fault of the request that goes on with a broken download."""
    return lambda provider: provider.fault(KEY, ("die after", 100_000), fault)


def on_listing(fault: object) -> Callable[[Provider], None]:
    """Every listing answered by `fault`."""
    return lambda provider: provider.always("listing", fault)


def listed(change: Callable[[dict], object]) -> Callable[[Provider], None]:
    """Every listing changed: `change` returns another one, or changes what it gets."""

    def answer(handler: Handler, content: dict) -> None:
        changed = change(content)
        handler.json(content if changed is None else changed)

    return on_listing(answer)


def first(**values: object) -> Callable[[Provider], None]:
    """The first file of the listing with other values."""
    return listed(lambda content: content["files"][0].update(values))


def without(name: str) -> Callable[[Provider], None]:
    """The first file of the listing without a key."""
    return listed(lambda content: content["files"][0].pop(name) and None)


def older(content: dict) -> dict:
    """The form of the deposit API: filename, filesize, a bare md5, `self` describes the file."""
    files = [
        {"filename": file["key"], "filesize": file["size"], "checksum": file["checksum"].removeprefix("md5:"),
         "links": {"self": "http://127.0.0.1:9/described", "download": file["links"]["self"]}}
        for file in content["files"]
    ]  # fmt: skip
    return {**content, "files": files}


def deep(handler: Handler, _: object) -> None:
    """JSON of a hundred thousand brackets."""
    body(b"[" * 100_000, Content_Type="application/json")(handler, b"")


def limited(headers: dict[str, str]) -> Callable[[Provider], None]:
    """One answer that asks to wait."""
    return on_file({"status": 429, "headers": headers}, 1)


ANSWERS = (
    Answer("body without end", on_file(endless()), "damaged", "longer than the record says"),
    Answer("body without end, once", on_file(endless(), 1), "whole"),
    Answer("body one byte too long", on_file(lambda h, b: body(b + b"x")(h, b)), "damaged", "longer"),
    Answer("body one byte too short", on_file(lambda h, b: body(b[:-1])(h, b)), "stopped", "ended early"),
    Answer("empty body", on_file(body(b"")), "stopped", "ended early"),
    Answer("empty body, once", on_file(body(b""), 1), "whole"),
    Answer("one byte a connection", on_file(trickle), "stopped", "no progress"),
    Answer("length claimed beyond the body", on_file(body(b"x" * 10, length=300_000)), "stopped", "no progress"),
    Answer("length not said", on_file(lambda h, b: body(b, length=None)(h, b)), "whole"),
    Answer("length that is no number", on_file(body(b"x", Content_Length="ten", length=None)), "stopped"),
    Answer("wrong bytes, always", on_file("corrupt"), "damaged", "md5"),
    Answer("wrong bytes, once", on_file("corrupt", 1), "whole"),
    Answer("login page", on_file(body(PAGE, Content_Type="text/html")), "stopped", "please log in"),
    Answer("login page by redirect", on_file("redirect"), "stopped", "please log in"),
    Answer("login page without a length", on_file(body(PAGE, length=None, Content_Type="text/html")), "stopped",
           "please log in"),
    Answer("login page in the middle", resumed(body(PAGE, Content_Type="text/html")), "stopped", "please log in"),
    Answer("page of the file's length", on_file(body(b"<" * 300_000, Content_Type="text/html")), "stopped", "<<<"),
    Answer("page without end", on_file(endless(kind="text/html")), "stopped", "text/html"),
    Answer("message in place of the file", on_file(body(b'{"message": "gone"}', Content_Type="application/json")),
           "stopped", "gone"),
    Answer("the file as text/html", on_file(typed("text/html; charset=utf-8")), "whole"),
    Answer("the file as application/json", on_file(typed("application/json")), "whole"),
    Answer("416 on the rest", resumed({"status": 416}), "whole"),
    Answer("416 always", on_file({"status": 416}), "stopped", "no progress"),
    Answer("another range than asked for", resumed(other_range), "whole"),
    Answer("a range that nobody asked for", on_file(other_range, 1), "whole"),
    Answer("no ranges: the whole again", resumed("no range"), "whole"),
    Answer("rest corrupt", resumed("corrupt"), "whole"),
    Answer("connection dies thrice", on_file(("die after", 40_000), 3), "whole"),
    Answer("silence in the middle", on_file(("stall after", 1000, 1.0), 1), "whole"),
    Answer("no HTTP", on_file(garbage), "stopped", "no progress"),
    Answer("connection closed at once", on_file(silence), "stopped", "no progress"),
    Answer("connection closed at once, once", on_file(silence, 1), "whole"),
    Answer("says gzip and is not", on_file(bad_gzip), "stopped", "no progress"),
    Answer("redirect without end", on_file(loop), "stopped", "TooManyRedirects"),
    Answer("redirect to a file of this machine", on_file(elsewhere("file:///etc/passwd")), "stopped"),
    Answer("redirect to nothing", on_file(elsewhere("http://")), "stopped"),
    Answer("403 with an endless body", on_file(endless(403)), "stopped", "403"),
    Answer("404", on_file({"status": 404}), "stopped", "404"),
    Answer("500 always", on_file({"status": 500}), "stopped", "500"),
    Answer("token echoed with 403", on_file(echo(403)), "stopped", "403"),
    Answer("token echoed as the file", on_file(echo(200)), "stopped"),
    Answer("token across the end of what is shown", on_file(echo_across(193)), "stopped", "403"),
    Answer("token in a page of the file's length", on_file(echo_across(5, 300_000)), "stopped", "<<<"),
    Answer("token across the end, in a page of the file's length", on_file(echo_across(193, 300_000)), "stopped",
           "<<<"),
    Answer("Retry-After 0", limited({"Retry-After": "0"}), "whole"),
    Answer("Retry-After negative", limited({"Retry-After": "-5"}), "whole"),
    Answer("Retry-After nonsense", limited({"Retry-After": "soon"}), "whole"),
    Answer("Retry-After in the past", limited({"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), "whole"),
    Answer("Retry-After of a year", limited({"Retry-After": "31536000"}), "stopped", "asks to wait"),
    Answer("reset nan", limited({"X-RateLimit-Reset": "nan"}), "whole"),
    Answer("reset inf", limited({"X-RateLimit-Reset": "inf"}), "stopped", "asks to wait"),
    Answer("listing: a login page", on_listing(body(PAGE, Content_Type="text/html")), "stopped", "please log in"),
    Answer("listing without end", on_listing(endless()), "stopped", "larger than any listing"),
    Answer("listing of brackets", on_listing(deep), "stopped", "JSON expected"),
    Answer("listing: a list", listed(lambda content: content["files"]), "stopped", "JSON object"),
    Answer("listing cut in the middle", on_listing(body(b'{"files": [', Content_Type="application/json")), "stopped",
           "JSON expected"),
    Answer("listing echoes the token", on_listing(echo(200)), "stopped", "JSON expected"),
    Answer("listing 401 without end", on_listing(endless(401)), "stopped", "401"),
    Answer("no files: restricted", listed(lambda c: {"id": 1, "metadata": {"access_right": "restricted"}}), "stopped",
           "restricted or embargoed"),
    Answer("files: an empty list", listed(lambda c: {**c, "files": []}), "stopped", "restricted or embargoed"),
    Answer("files: null", listed(lambda c: {**c, "files": None}), "stopped", "restricted or embargoed"),
    Answer("files: a number", listed(lambda c: {**c, "files": 7}), "stopped", "unknown form"),
    Answer("metadata: null", listed(lambda c: {**c, "metadata": None}), "whole"),
    Answer("id: a word", listed(lambda c: {**c, "id": "x"}), "stopped", "unknown form"),
    Answer("older form of the API", listed(older), "whole"),
    Answer("no checksum", without("checksum"), "stopped", "unknown form"),
    Answer("checksum of another kind", first(checksum="crc32:0a0b0c0d"), "stopped", "md5"),
    Answer("size negative", first(size=-1), "stopped", "size"),
    Answer("size of a galaxy", first(size=10**24), "stopped", "disk is too small"),
    Answer("size: a word", first(size="big"), "stopped", "unknown form"),
    Answer("size one too small", first(size=299_999), "damaged", "longer"),
    Answer("size one too large", first(size=300_001), "stopped", "ended early"),
    Answer("key climbs out", first(key="../../../../tmp/metalclouds-climbed"), "stopped", "unsafe"),
    Answer("key absolute", first(key="/tmp/metalclouds-climbed"), "stopped", "unsafe"),
    Answer("key with a newline", first(key="a\nb: verified"), "stopped", "unsafe"),
    Answer("key with an escape", first(key="\x1b[2J.mat"), "stopped", "unsafe"),
    Answer("key with half a character", first(key="\ud800.mat"), "stopped", "JSON expected"),
    Answer("key: a list", first(key=["a"]), "stopped", "unsafe"),
    Answer("key twice", first(key="b.zip"), "stopped", "one place"),
    Answer("key is another's folder", first(key="b.zip/inner"), "stopped", "one place"),
    Answer("key of 300 letters", first(key="k" * 300), "stopped", "too long"),
    Answer("key manifest.json", first(key="manifest.json"), "whole"),
    Answer("key of a partial file", first(key=f"{'0' * 16}.{'1' * 16}.part"), "whole"),
    Answer("address of a file", first(links={"self": "file:///etc/passwd"}), "stopped", "address"),
    Answer("address: no port", first(links={"self": "http://127.0.0.1:99999/x"}), "stopped"),
    Answer("address of another host", first(links={"self": f"http://localhost:9/{quote(KEY)}"}), "stopped"),
    Answer("no address", first(links={}), "stopped", "unknown form"),
)  # fmt: skip
