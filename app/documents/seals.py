"""The picture of an authority's seal: a PNG file that the authority itself has put there."""

import io
from functools import lru_cache
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from app.documents.typesetting import added

LARGEST = 2000
"""Pixels of a side: 42 mm at 1,200 dots an inch."""


class UnusableSeal(ValueError):
    """There is no such file, or it is not a PNG that can be decoded; says which."""


def seal(name: str) -> bytes:
    """The bytes of `name`.png from the folders of TEMPLATE_PATHS.

    Raises UnusableSeal when it is missing, no PNG, broken or larger than LARGEST by LARGEST.
    """
    path = added(f"{name}.png")
    if path is None:
        raise UnusableSeal(f"{name}.png is in no folder of TEMPLATE_PATHS")
    return _checked(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _checked(path: Path, _changed: int) -> bytes:
    name, data = path.stem, path.read_bytes()
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as picture:
            if max(picture.size) > LARGEST:
                raise UnusableSeal(f"{name}.png is larger than {LARGEST} by {LARGEST} pixels")
            picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as fault:
        raise UnusableSeal(f"{name}.png is no PNG that can be decoded") from fault
    return data
