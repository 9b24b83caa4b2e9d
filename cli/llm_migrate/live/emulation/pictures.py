"""Pictures of one colour: PNG files read and written, and the name of the colour that a picture shows most."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections import Counter

COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 128, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "orange": (255, 140, 0),
    "purple": (128, 0, 128),
    "pink": (255, 150, 190),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "brown": (139, 69, 19),
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
}
_LIME = (0, 255, 0)
_GROUND = ("white", "black")
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Bytes of a pixel by colour type, at 8 bits a channel."""
_MOST = 1 << 22
"""Most bytes of pixels that are unpacked."""

Colour = tuple[int, int, int]


def colour_of(address: str) -> str | None:
    """Return the name of the colour that a picture shows, or None.

    ``address`` is that of an ``image_url`` part. Only PNG files of 8 bits a channel within a data URL are looked at.
    Another colour counts before a white or black ground.
    """
    head, _, data = address.partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        return None
    try:
        pixels = _pixels(base64.b64decode(data, validate=True))
    except (ValueError, IndexError, struct.error, zlib.error, binascii.Error):
        return None
    names = Counter(dict.fromkeys(COLOURS, 0))
    for pixel, count in Counter(pixels).items():
        names[_name(pixel)] += count
    shown = [name for name, count in names.most_common() if count]
    return next((name for name in shown if name not in _GROUND), shown[0] if shown else None)


def png(colour: Colour, width: int = 64, height: int = 64) -> bytes:
    """Return a PNG file of one colour."""
    row = b"\0" + bytes(colour) * width
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join(
        (_SIGNATURE, _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(row * height)), _chunk(b"IEND", b""))
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _name(pixel: Colour) -> str:
    def distance(colour: Colour) -> int:
        return sum((a - b) ** 2 for a, b in zip(colour, pixel, strict=True))

    nearest = min(COLOURS, key=lambda name: distance(COLOURS[name]))
    return "green" if distance(_LIME) < distance(COLOURS[nearest]) else nearest


def _pixels(data: bytes) -> list[Colour]:
    """Return the colours of a PNG file's pixels, row by row; of a transparent one, that below."""
    if not data.startswith(_SIGNATURE):
        raise ValueError
    chunks: list[tuple[bytes, bytes]] = []
    at = len(_SIGNATURE)
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        chunks.append((data[at + 4 : at + 8], data[at + 8 : at + 8 + size]))
        at += size + 12
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(chunks)[b"IHDR"])
    step, stride = _CHANNELS[kind], _CHANNELS[kind] * width
    if depth != 8 or interlaced or not 0 < (stride + 1) * height <= _MOST:
        raise ValueError
    packed = b"".join(body for name, body in chunks if name == b"IDAT")
    raw = zlib.decompressobj().decompress(packed, (stride + 1) * height)
    palette = dict(chunks).get(b"PLTE", b"")
    above, found = bytes(stride), []
    for y in range(height):
        start = y * (stride + 1)
        above = _unfiltered(raw[start], raw[start + 1 : start + 1 + stride], above, step)
        for x in range(0, stride, step):
            pixel = above[x : x + step]
            if kind == 3:
                pixel = palette[3 * pixel[0] : 3 * pixel[0] + 3]
            red, green, blue = pixel[:3] if len(pixel) >= 3 else (pixel[0],) * 3
            found.append((red, green, blue))
    return found


def _unfiltered(filter: int, row: bytes, above: bytes, step: int) -> bytes:
    """Undo one of PNG's five filters of a row."""
    if not filter:
        return row
    done = bytearray(len(row))
    for i, value in enumerate(row):
        left, corner = (done[i - step], above[i - step]) if i >= step else (0, 0)
        up = above[i]
        guess = (left, up, (left + up) // 2, _paeth(left, up, corner))[filter - 1]
        done[i] = (value + guess) & 255
    return bytes(done)


def _paeth(left: int, up: int, corner: int) -> int:
    start = left + up - corner
    return min((left, up, corner), key=lambda value: abs(start - value))
