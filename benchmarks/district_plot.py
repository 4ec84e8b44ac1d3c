"""A PNG of a district's year: what the flood owes, with the discount moving and fixed, and the liability."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from benchmarks.district_life import District

WIDTH, HEIGHT, MARGIN = 900, 300, 60
BLUE, RED, GREY = (30, 90, 180), (200, 50, 40), (120, 120, 120)

Line = tuple[str, Sequence[int], tuple[int, int, int]]


def plot(to: Path, moving: District, fixed: District) -> None:
    """Draw three panels, one below the other."""
    panels: list[tuple[str, list[Line]]] = [
        (
            "what the flood owes its neighbour, points",
            [
                ("discount fixed", [month.flood_owes for month in fixed.months], RED),
                ("discount moving", [month.flood_owes for month in moving.months], BLUE),
            ],
        ),
        (
            "discount of the corridor, basis points",
            [
                ("fixed", [month.flood_discount_bp for month in fixed.months], RED),
                ("moving", [month.flood_discount_bp for month in moving.months], BLUE),
            ],
        ),
        (
            "liability by month's end, points",
            [
                ("all communities", [month.liability for month in moving.months], BLUE),
                ("expired in the month", [month.expired for month in moving.months], GREY),
            ],
        ),
    ]
    image = Image.new("RGB", (WIDTH, HEIGHT * len(panels)), "white")
    for number, (title, lines) in enumerate(panels):
        _panel(ImageDraw.Draw(image), HEIGHT * number, title, lines)
    image.save(to, "PNG")


def _panel(draw: ImageDraw.ImageDraw, top: int, title: str, lines: Sequence[Line]) -> None:
    most = max(max(values) for _, values, _ in lines) or 1
    left, right, bottom = MARGIN * 2, WIDTH - MARGIN, top + HEIGHT - MARGIN // 2
    draw.text((left, top + 8), title, fill="black")
    draw.line([(left, top + MARGIN), (left, bottom), (right, bottom)], fill="black")
    draw.text((8, top + MARGIN), f"{most:,}", fill="black")
    for number, (name, values, colour) in enumerate(lines):
        across = (right - left) / max(len(values) - 1, 1)
        down = (bottom - top - MARGIN) / most
        points = [(left + across * place, bottom - down * value) for place, value in enumerate(values)]
        draw.line(points, fill=colour, width=2)
        draw.text((left + 200 * number, top + 28), f"- {name}: {values[-1]:,}", fill=colour)
    for month in range(len(lines[0][1])):
        across = (right - left) * month / max(len(lines[0][1]) - 1, 1)
        draw.text((left + across - 4, bottom + 4), str(month + 1), fill="black")
