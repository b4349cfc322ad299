"""Photographed-looking scenes: printed labels on a pack, as a phone would take them.

For sample pictures and tests. Everything random comes from the given generator, so that the same
seed gives the same bytes. Lengths are pixels of the finished photo unless said otherwise.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from scanner.drawing import photo_font
from scanner.projection import Quad, coefficients

Color = tuple[int, int, int]
Surface = Literal["kraft", "carton", "film", "label"]

_PAPER, _INK = (247, 245, 238), (34, 32, 33)
SURFACES: dict[Surface, tuple[Color, float, Color]] = {
    # base colour, strength of the fibre texture, colour of print on it
    "kraft": ((183, 142, 98), 0.16, (66, 40, 22)),
    "carton": ((201, 176, 140), 0.12, (60, 48, 38)),
    "film": ((28, 92, 72), 0.03, (240, 236, 220)),
    "label": ((236, 228, 208), 0.05, (120, 24, 24)),
}
_TABLES: tuple[Color, ...] = ((112, 92, 78), (142, 146, 148), (94, 104, 108), (164, 140, 110))


@dataclass(frozen=True, slots=True)
class Camera:
    """How the photo is taken.

    ``perspective``: largest shift of a corner as a share of the photo's width; ``turn``: largest
    rotation in degrees; ``blur``: radius of the defocus; ``shake``: length of the motion blur;
    ``shade``: how much darker the darkest part is (0 … 1); ``noise``: amplitude in grey levels;
    ``glare``: brightness of a reflection (0 … 1); ``quality``: of the JPEG.
    """

    perspective: float = 0.045
    turn: float = 7.0
    blur: float = 0.8
    shake: int = 0
    shade: float = 0.4
    noise: int = 12
    glare: float = 0.25
    quality: int = 84


STEADY = Camera(perspective=0.02, turn=2.0, blur=0.5, shade=0.2, noise=6, glare=0.0, quality=90)
CASUAL = Camera()
HASTY = Camera(perspective=0.07, turn=14.0, blur=1.2, shade=0.55, noise=20, glare=0.35, quality=76)
#: Out of focus and shaken: no decoder gets anything out of it, as of many a real photo.
UNREADABLE = Camera(blur=7.0, shake=31, shade=0.6, noise=24, glare=0.6, quality=60)


def photograph(
    labels: Sequence[Image.Image],
    *,
    rng: random.Random,
    camera: Camera = CASUAL,
    surface: Surface = "kraft",
    title: str = "",
    size: tuple[int, int] = (960, 1280),
) -> bytes:
    """JPEG of the labels on a pack that lies on a table.

    ``labels`` are rendered labels (:func:`scanner.label.render`, ``png``), set one below the
    other; ``title`` is printed on the pack above them.
    """
    table = _table(rng, size)
    pack = _pack(rng, labels, surface, title, (round(size[0] * 0.86), round(size[1] * 0.86)))
    scene = _laid_on(rng, table, pack, camera)
    scene = _lit(rng, scene, camera)
    scene = scene.filter(ImageFilter.GaussianBlur(camera.blur))
    scene = _shaken(scene, camera.shake)
    scene = _grainy(rng, scene, camera.noise)
    out = io.BytesIO()
    scene.save(out, "JPEG", quality=camera.quality)
    return out.getvalue()


def _pack(
    rng: random.Random,
    labels: Sequence[Image.Image],
    surface: Surface,
    title: str,
    size: tuple[int, int],
) -> Image.Image:
    base, texture, print_color = SURFACES[surface]
    pack = _textured(rng, size, base, texture)
    draw = ImageDraw.Draw(pack)
    width, height = size
    margin = width // 14
    top = margin
    if title:
        draw.rectangle((0, 0, width, margin // 2), fill=print_color)
        top = _printed_title(draw, title, (margin, margin), width - 2 * margin, print_color)
        draw.line((margin, top, width - margin, top), fill=print_color, width=3)
        top += margin // 2
    room = (height - top - margin // 2) // max(1, len(labels))
    for label in labels:
        space = (width - 2 * margin, room - margin // 3)
        _stick(rng, pack, label, (width // 2, top + room // 2), space)
        top += room
    return _creased(rng, pack)


def _printed_title(
    draw: ImageDraw.ImageDraw, title: str, at: tuple[int, int], width: int, color: Color
) -> int:
    """Draw the title as wide as the pack allows; the height where it ends."""
    pixels = 96
    while pixels > 20 and photo_font(pixels).getlength(title) > width:
        pixels -= 4
    draw.text(at, title, fill=color, font=photo_font(pixels))
    return at[1] + round(pixels * 1.5)


def _stick(
    rng: random.Random,
    pack: Image.Image,
    label: Image.Image,
    middle: tuple[int, int],
    room: tuple[int, int],
) -> None:
    """Paste a label, slightly askew, with the soft shadow of its edge."""
    paper = ImageOps.expand(label.convert("L"), 10, 255)
    scale = min(room[0] / paper.width, room[1] / paper.height)
    paper = paper.resize(
        (round(paper.width * scale), round(paper.height * scale)), Image.Resampling.LANCZOS
    )
    printed = ImageOps.colorize(paper, _INK, _PAPER)
    angle = rng.uniform(-1.5, 1.5)
    mask = Image.new("L", printed.size, 255).rotate(angle, Image.Resampling.BICUBIC, expand=True)
    printed = printed.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=_PAPER)
    left, top = middle[0] - printed.width // 2, middle[1] - printed.height // 2
    shadow = Image.new("L", pack.size, 0)
    shadow.paste(mask.point(lambda value: value * 0.45), (left + 3, top + 4))
    pack.paste((20, 14, 8), mask=shadow.filter(ImageFilter.GaussianBlur(4)))
    pack.paste(printed, (left, top), mask)


def _creased(rng: random.Random, pack: Image.Image) -> Image.Image:
    """Broad soft folds: light and shade of a surface that is not quite flat."""
    folds = Image.new("L", (64, 86), 128)
    draw = ImageDraw.Draw(folds)
    for _ in range(5):
        x, shift = rng.uniform(0, 64), rng.uniform(-24, 24)
        draw.line((x, 0, x + shift, 86), fill=rng.choice((96, 112, 146, 160)), width=3)
    folds = folds.filter(ImageFilter.GaussianBlur(3)).resize(pack.size, Image.Resampling.BICUBIC)
    return ImageChops.overlay(pack, Image.merge("RGB", (folds,) * 3))


def _textured(
    rng: random.Random, size: tuple[int, int], base: Color, strength: float
) -> Image.Image:
    """A plain colour with grain at two sizes: fibres and clouds."""
    fine = _noise(rng, size, 2).filter(ImageFilter.GaussianBlur(0.8))
    clouds = _noise(rng, size, 48)
    grain = Image.blend(fine, clouds, 0.5).point(lambda value: 128 + (value - 128) * strength * 2)
    return ImageChops.overlay(Image.new("RGB", size, base), Image.merge("RGB", (grain,) * 3))


def _noise(rng: random.Random, size: tuple[int, int], cell: int) -> Image.Image:
    """Uniform grey noise with cells of about ``cell`` pixels."""
    small = (max(2, size[0] // cell), max(2, size[1] // cell))
    grains = Image.frombytes("L", small, rng.randbytes(small[0] * small[1]))
    return grains.resize(size, Image.Resampling.BICUBIC)


def _table(rng: random.Random, size: tuple[int, int]) -> Image.Image:
    table = _textured(rng, size, rng.choice(_TABLES), 0.25)
    return table.filter(ImageFilter.GaussianBlur(2))  # behind the plane of focus


def _laid_on(
    rng: random.Random, table: Image.Image, pack: Image.Image, camera: Camera
) -> Image.Image:
    """The pack in perspective over its own shadow."""
    corners = _corners(rng, table.size, pack.size, camera)
    solid = Image.new("L", pack.size, 255)
    warp = coefficients(corners, pack.size)
    seen = pack.transform(table.size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC)
    mask = solid.transform(table.size, Image.Transform.PERSPECTIVE, warp, Image.Resampling.BICUBIC)
    mask = mask.filter(ImageFilter.GaussianBlur(0.8))
    shadow = ImageChops.offset(mask, 10, 16).filter(ImageFilter.GaussianBlur(14))
    scene = table.copy()
    scene.paste((12, 10, 10), mask=shadow.point(lambda value: value * 0.6))
    scene.paste(seen, mask=mask)
    return scene


def _corners(
    rng: random.Random, size: tuple[int, int], pack: tuple[int, int], camera: Camera
) -> Quad:
    """Where the pack's corners fall: turned around the middle, each then shifted a little."""
    angle = math.radians(rng.uniform(-camera.turn, camera.turn))
    cos, sin = math.cos(angle), math.sin(angle)
    shift = camera.perspective * size[0]

    def place(x: float, y: float) -> tuple[float, float]:
        dx, dy = x - pack[0] / 2, y - pack[1] / 2
        return (
            size[0] / 2 + cos * dx - sin * dy + rng.uniform(-shift, shift),
            size[1] / 2 + sin * dx + cos * dy + rng.uniform(-shift, shift),
        )

    return place(0, 0), place(pack[0], 0), place(pack[0], pack[1]), place(0, pack[1])


def _lit(rng: random.Random, scene: Image.Image, camera: Camera) -> Image.Image:
    """Light falling off from one side, a warm or cold cast, and a reflection."""
    side = max(scene.size) * 2
    lamp = ImageOps.invert(Image.radial_gradient("L")).resize((side, side))
    left = round(rng.uniform(0.2, 0.8) * (side - scene.width))
    top = round(rng.uniform(0.2, 0.8) * (side - scene.height))
    lamp = lamp.crop((left, top, left + scene.width, top + scene.height))
    lamp = ImageOps.autocontrast(lamp)
    warmth = rng.uniform(-0.05, 0.05)
    gains = (1 + min(0, warmth), 0.99, 1 - max(0, warmth))  # of red, green and blue
    dark, bright = 255 * (1 - camera.shade), camera.shade
    cast = [
        lamp.point([round((dark + value * bright) * gain) for value in range(256)])
        for gain in gains
    ]
    scene = ImageChops.multiply(scene, Image.merge("RGB", cast))
    return _reflecting(rng, scene, camera.glare) if camera.glare else scene


def _reflecting(rng: random.Random, scene: Image.Image, brightness: float) -> Image.Image:
    """A soft bright patch in the upper part, where a lamp is mirrored."""
    glow = Image.new("L", scene.size, 0)
    x, y = rng.uniform(0.1, 0.9) * scene.width, rng.uniform(0.05, 0.3) * scene.height
    reach = scene.width * 0.16
    ellipse = (x - reach, y - reach / 2, x + reach, y + reach / 2)
    ImageDraw.Draw(glow).ellipse(ellipse, fill=round(255 * brightness))
    glow = glow.filter(ImageFilter.GaussianBlur(reach / 2))
    return ImageChops.screen(scene, Image.merge("RGB", (glow,) * 3))


def _shaken(scene: Image.Image, length: int) -> Image.Image:
    """Motion blur along the diagonal: the mean of shifted copies."""
    if length < 2:
        return scene
    steps = 8
    mean = scene
    for step in range(1, steps):
        shift = round(length * step / steps)
        mean = Image.blend(mean, ImageChops.offset(scene, shift, shift // 2), 1 / (step + 1))
    return mean


def _grainy(rng: random.Random, scene: Image.Image, amplitude: int) -> Image.Image:
    """Sensor noise of up to ``amplitude`` grey levels either way."""
    grains = Image.frombytes("L", scene.size, rng.randbytes(scene.width * scene.height))
    grains = grains.point(lambda value: round(value * 2 * amplitude / 255))
    noise = Image.merge("RGB", (grains,) * 3)
    return ImageChops.add(scene, noise, 1, -amplitude)
