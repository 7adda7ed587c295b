"""Makes the sample files of the decoding tests that the `image` crate cannot write.

Run in this folder with Pillow 11 or later and numpy; the files are committed, so that the tests need
neither.
"""

import struct
import zlib

import numpy as np
from PIL import Image


def photo(width, height, seed):
    """Soft waves with some grain, in colours."""
    noise = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        120 + 60 * np.sin(x / 9 + tint) + 50 * np.cos(y / 7 - tint) + noise.normal(0, 6, (height, width))
        for tint in (0.0, 0.4, 0.9)
    ]
    return Image.fromarray(np.clip(np.stack(planes, 2), 0, 255).astype(np.uint8))


def interlaced_png(image):
    """Pillow writes no interlaced PNG: the seven passes by hand, unfiltered."""
    pixels = np.asarray(image)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b"".join(
        b"\0" + row.tobytes() for x, y, dx, dy in passes for row in pixels[y::dy, x::dx] if row.size
    )
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 1)
    data = zlib.compress(rows, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


small = photo(61, 45, 1)
small.save("progressive_420.jpg", quality=80, progressive=True)
small.save("progressive_444_restarts.jpg", quality=80, progressive=True, subsampling=0, restart_marker_blocks=3)
small.convert("L").save("progressive_grey.jpg", quality=80, progressive=True)
photo(1100, 24, 2).save("progressive_wide.jpg", quality=70, progressive=True)
small.save("sequential_restarts.jpg", quality=80, restart_marker_blocks=2)
small.save("lossy.webp", quality=80)
faded = small.copy()
faded.putalpha(Image.linear_gradient("L").resize(small.size))
faded.save("lossy_alpha.webp", quality=80)
small.save("animated.webp", quality=60, save_all=True, append_images=[photo(61, 45, 3)], duration=80)
with open("interlaced.png", "wb") as file:
    file.write(interlaced_png(photo(29, 21, 4)))

# Four plain quarters: white, black, cyan ink, black ink at half.
inks = np.zeros((32, 32, 4), np.uint8)
inks[:16, 16:] = (255, 255, 255, 255)
inks[16:, :16] = (255, 0, 0, 0)
inks[16:, 16:] = (0, 0, 0, 128)
Image.fromarray(inks, "CMYK").save("cmyk.jpg", quality=90)
