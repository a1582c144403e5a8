"""Builders of small files of every type, and of PDFs with any content that a test needs."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

CATALOG = b"<< /Type /Catalog /Pages 2 0 R %s >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R %s >>"
OFD_XML = (
    b'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016" Version="1.0" '
    b'DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>'
)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def deflated_stream(content: bytes, entries: bytes = b"") -> bytes:
    return stream(zlib.compress(content), entries + b" /Filter /FlateDecode")


def object_stream(objects: dict[int, bytes], entries: bytes = b"/Type /ObjStm") -> bytes:
    """A compressed stream of objects (ISO 32000-1, 7.5.7)."""
    pairs, body = b"", b""
    for number, value in objects.items():
        pairs += b"%d %d " % (number, len(body))
        body += value + b" "
    return deflated_stream(pairs + body, entries + b" /N %d /First %d" % (len(objects), len(pairs)))


def pdf(
    catalog: bytes = b"",
    page: bytes = b"",
    more: dict[int, bytes] | None = None,
    trailer: bytes = b"",
    unlisted: bytes = b"",
) -> bytes:
    """A PDF of one page; `more`: objects from number 5; `unlisted`: bytes among the objects that no table lists."""
    objects = {
        1: CATALOG % catalog,
        2: PAGES,
        3: PAGE % page,
        4: deflated_stream(b"0 0 m 9 9 l S"),
        **(more or {}),
    }
    data, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), list[int]()
    for number in sorted(objects):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, objects[number])
    data += unlisted
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(offsets) + 1)
    last = b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(data) + head + table + last % (len(offsets) + 1, trailer, len(data))


# A Chinese font that lies in the viewer, its codes UTF-16: nothing needs to be embedded.
FONT = b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [7 0 R] >>"
CID_FONT = (
    b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 8 0 R "
    b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> >>"
)
FONT_DESCRIPTOR = (
    b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 "
    b"/Ascent 800 /Descent -200 /CapHeight 700 /StemV 80 >>"
)
TEXT_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F 6 0 R >> >> >>"


def pdf_of_text(*pages: str) -> bytes:
    """A PDF with these texts, one a page; each line of a text is a line of its page."""
    first = 10
    objects = {6: FONT, 7: CID_FONT, 8: FONT_DESCRIPTOR, 5: b"null", 9: b"null", 3: b"null"}
    kids = []
    for number, page in enumerate(pages):
        shown = b" T* ".join(
            b"<%s> Tj" % line.encode("utf-16-be").hex().encode() for line in page.split("\n")
        )
        objects[first + 2 * number] = TEXT_PAGE % (first + 2 * number + 1)
        objects[first + 2 * number + 1] = deflated_stream(b"BT /F 10 Tf 12 TL 40 800 Td %s ET" % shown)
        kids.append(b"%d 0 R" % (first + 2 * number))
    objects[2] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return pdf(more=objects)


def pdf_of_streams(hidden: dict[int, bytes], catalog: bytes = b"") -> bytes:
    """A PDF whose objects from number 6 lie in an object stream, listed by a cross-reference stream (PDF 1.5)."""
    data, rows = b"%PDF-1.7\n", [(0, 0, 65535)]
    objects = [CATALOG % catalog, PAGES, PAGE % b"", deflated_stream(b"0 0 m 9 9 l S"), object_stream(hidden)]
    for number, value in enumerate(objects, start=1):
        rows.append((1, len(data), 0))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    rows += [(2, 5, index) for index in range(len(hidden))]
    rows.append((1, len(data), 0))
    entries = b"/Type /XRef /W [1 4 2] /Root 1 0 R /Size %d" % len(rows)
    table = deflated_stream(b"".join(struct.pack(">BIH", *row) for row in rows), entries)
    return data + b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (len(rows) - 1, table, len(data))


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(width: int = 8, height: int = 8, comment: bytes = b"") -> bytes:
    """A JPEG picture with two scans, which hold stuffed bytes and a restart marker."""
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00")
    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + (segment(0xFE, comment) if comment else b"")
        + segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0))
        + scan
        + b"\x12\xff\x00\x34\xff\xd0\x56"
        + scan
        + b"\x78\xff\xd9"
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int = 1, height: int = 1, text: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + (chunk(b"tEXt", text) if text else b"")
        + chunk(b"IDAT", zlib.compress(b"\0\0"))
        + chunk(b"IEND", b"")
    )


def archive(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def ofd(more: dict[str, bytes] | None = None) -> bytes:
    return archive({"OFD.xml": OFD_XML, "Doc_0/Document.xml": b"<Document/>", **(more or {})})


VALID_FILES = {"pdf": pdf(), "jpeg": jpeg(), "png": png(), "ofd": ofd()}
