"""Read the QR codes and barcodes in a picture: what `sandbox.read_codes` runs in a process of its own.

Standard input is the picture, standard output one JSON object: `codes`, the texts, or `code` and `params` of a rejection.
It imports nothing of this project, so that the process starts in a tenth of a second.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings

import zxingcpp
from PIL import Image

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 50_000_000  # as phones take them; a smaller file may claim any size
LONGEST_SIDE = 1600  # dots of what is searched: a code that fills a twentieth of a photograph is still read
MAX_CODES = 50
MAX_CODE_LENGTH = 500  # characters of one code; a number or an address has fewer
CPU_SECONDS = 5
MEMORY_BYTES = 800_000_000
# What stands on packets and papers. A code of another kind is not looked for, which saves half of the time.
CODE_FORMATS = [
    zxingcpp.BarcodeFormat.QRCode,
    zxingcpp.BarcodeFormat.DataMatrix,
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.UPCA,
    zxingcpp.BarcodeFormat.UPCE,
    zxingcpp.BarcodeFormat.Code128,
    zxingcpp.BarcodeFormat.Code39,
    zxingcpp.BarcodeFormat.ITF14,
]


def read_codes(data: bytes) -> dict[str, object]:
    """Return `codes`, each text once in the order found, or `code` and `params` of why the picture is not read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # the limit of dots below is lower than the one that Pillow warns of
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = picture.size
            if width * height > MAX_PIXELS:
                at_most = MAX_PIXELS // 1_000_000
                return _rejection("picture_size", width=width, height=height, at_most=at_most)
            picture.draft("L", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at a fraction of its size
            picture = picture.convert("RGBA").convert("L") if picture.mode == "P" else picture.convert("L")
            picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return _rejection("picture_unreadable")
    found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(CODE_FORMATS))
    texts = dict.fromkeys(code.text for code in found if code.valid and 0 < len(code.text) <= MAX_CODE_LENGTH)
    return {"codes": list(texts)[:MAX_CODES]}


def _rejection(code: str, **params: object) -> dict[str, object]:
    return {"code": code, "params": params}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.write(json.dumps(read_codes(sys.stdin.buffer.read())))


if __name__ == "__main__":
    _main()
