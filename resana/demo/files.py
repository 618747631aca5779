"""The bytes of the demonstration's documents, in real formats, the same at every run.

Word-processed documents and PDFs are told in a small Markdown (#, ##, -, |table|, --- for a new page), sheets as
rows. Dates, ids and compression in the formats are fixed, so that the same content has the same hash.
"""

import csv as csv_format
import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple
from xml.etree.ElementTree import canonicalize
from xml.sax.saxutils import escape

import reportlab
from docx import Document as WordDocument
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table as SheetTable
from odf.table import TableCell, TableRow
from odf.text import P as Text
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib import colors
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import (
    ListFlowable,
    PageBreak,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
    TableStyle,
)

Cell = str | int | float
Rows = Sequence[Sequence[Cell]]

FIXED = datetime(2026, 1, 5, 9, 0, 0)
FONTS = Path(reportlab.__file__).parent / "fonts"
BLUE, GREY, PALE = "#1f4e79", "#5b6470", "#e8eef5"


class Block(NamedTuple):
    """One piece of a text: its lines for a list, its rows for a table, its one line otherwise."""

    kind: Literal["title", "heading", "paragraph", "list", "table", "page"]
    lines: list[str]

    @property
    def rows(self) -> list[list[str]]:
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in self.lines]


def blocks(text: str) -> Iterator[Block]:
    """The pieces of a text in the small Markdown, in order; an empty line ends a piece."""
    for piece in text.strip().split("\n\n"):
        lines = [line.strip() for line in piece.strip().splitlines()]
        if lines == ["---"]:
            yield Block("page", [])
        elif lines[0].startswith("## "):
            yield Block("heading", [lines[0][3:]])
        elif lines[0].startswith("# "):
            yield Block("title", [lines[0][2:]])
        elif lines[0].startswith("- "):
            yield Block("list", [line[2:] for line in lines])
        elif lines[0].startswith("|"):
            yield Block("table", lines)
        else:
            yield Block("paragraph", [" ".join(lines)])


def pdf(text: str) -> bytes:
    """An A4 PDF with embedded fonts, page numbers and the title in its properties."""
    _register_fonts()
    body = ParagraphStyle("body", fontName="Vera", fontSize=10, leading=15, spaceAfter=7, alignment=TA_LEFT)
    cell = ParagraphStyle("cell", parent=body, fontSize=8.5, leading=11, spaceAfter=0)
    styles = {
        "title": ParagraphStyle(
            "title", parent=body, fontName="VeraBd", fontSize=18, leading=24, spaceAfter=14, textColor=BLUE
        ),
        "heading": ParagraphStyle(
            "heading", parent=body, fontName="VeraBd", fontSize=12.5, leading=17, spaceBefore=9, textColor=BLUE
        ),
        "paragraph": body,
    }
    story: list = []
    for block in blocks(text.replace("\u202f", "\u00a0")):
        if block.kind == "page":
            story.append(PageBreak())
        elif block.kind == "list":
            items = [Paragraph(escape(line), body) for line in block.lines]
            story += [ListFlowable(items, bulletType="bullet", start="•", leftIndent=14), Spacer(1, 5)]
        elif block.kind == "table":
            rows = [[Paragraph(escape(value), cell) for value in row] for row in block.rows]
            story += [
                Table(rows, colWidths=[170 * mm / len(rows[0])] * len(rows[0]), repeatRows=1, style=_TABLE),
                Spacer(1, 10),
            ]
        else:
            story.append(Paragraph(escape(block.lines[0]), styles[block.kind]))
    title = next(block.lines[0] for block in blocks(text) if block.kind == "title")
    out = io.BytesIO()
    template = SimpleDocTemplate(
        out,
        pagesize=A4,
        title=title,
        author="Démonstration Resana",
        lang="fr-FR",
        invariant=1,
        leftMargin=20 * mm,
        rightMargin=20 * mm,
        topMargin=22 * mm,
        bottomMargin=20 * mm,
    )
    template.build(story, onFirstPage=_foot, onLaterPages=_foot)
    return out.getvalue()


_TABLE = TableStyle(
    [
        ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor(PALE)),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, colors.HexColor("#b8c2cc")),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 5),
    ]
)


def _register_fonts() -> None:
    for name in ("Vera", "VeraBd"):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(FONTS / f"{name}.ttf")))


def _foot(canvas, template) -> None:
    canvas.setFont("Vera", 7.5)
    canvas.setFillColor(colors.HexColor(GREY))
    canvas.drawString(20 * mm, 12 * mm, "Document fictif – démonstration de Resana")
    canvas.drawRightString(190 * mm, 12 * mm, f"Page {template.page}")


def docx(text: str) -> bytes:
    """A Word document with its real styles: title, headings, lists and tables."""
    word = WordDocument()
    properties = word.core_properties
    properties.author = properties.last_modified_by = "Démonstration Resana"
    properties.created = properties.modified = FIXED
    properties.language = "fr-FR"
    for block in blocks(text):
        if block.kind == "page":
            word.add_page_break()
        elif block.kind == "title":
            properties.title = block.lines[0]
            word.add_heading(block.lines[0], 0)
        elif block.kind == "heading":
            word.add_heading(block.lines[0], 1)
        elif block.kind == "list":
            for line in block.lines:
                word.add_paragraph(line, style="List Bullet")
        elif block.kind == "table":
            table = word.add_table(rows=0, cols=len(block.rows[0]), style="Light Grid Accent 1")
            for row in block.rows:
                for cell, value in zip(table.add_row().cells, row, strict=True):
                    cell.text = value
        else:
            word.add_paragraph(block.lines[0])
    out = io.BytesIO()
    word.save(out)
    return _same_archive(out.getvalue())


def ods(sheets: dict[str, Rows]) -> bytes:
    """A spreadsheet of OpenDocument, one table a sheet; numbers are numbers."""
    book = OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = SheetTable(name=name)
        for row in rows:
            line = TableRow()
            for value in row:
                number = (
                    {"valuetype": "float", "value": value}
                    if isinstance(value, int | float)
                    else {"valuetype": "string"}
                )
                cell = TableCell(**number)
                cell.addElement(Text(text=str(value).replace(".", ",") if isinstance(value, float) else str(value)))
                line.addElement(cell)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return _same_archive(out.getvalue(), canonical=True)


def csv(rows: Rows) -> bytes:
    """What a French spreadsheet opens as it is: UTF-8 with its mark, semicolons, decimal commas."""
    out = io.StringIO()
    writer = csv_format.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([str(value).replace(".", ",") if isinstance(value, float) else value for value in row])
    return out.getvalue().encode("utf-8-sig")


def plain(content: str) -> bytes:
    """Plain text or Markdown, as it was written."""
    return (content.strip() + "\n").encode()


def bars(title: str, unit: str, values: Sequence[tuple[str, float]]) -> bytes:
    """A PNG of a bar chart, each bar with its figure."""
    image, draw = _canvas(title)
    highest = max(value for _, value in values)
    width = 1100 // len(values)
    for rank, (label, value) in enumerate(values):
        left, height = 60 + rank * width, round(430 * value / highest)
        draw.rectangle((left + 10, 600 - height, left + width - 10, 600), fill=BLUE)
        draw.text((left + width // 2, 592 - height), f"{value:g}".replace(".", ","), GREY, _font(20), anchor="ms")
        draw.text((left + width // 2, 612), label, "black", _font(18), anchor="ma")
    draw.line((50, 600, 1170, 600), fill=GREY, width=2)
    draw.text((50, 672), f"Unité : {unit}. Données fictives.", GREY, _font(17), anchor="ls")
    return _png(image)


# Where the twelve départements stand on a chessboard map: column, row.
_PLACES = {
    "79": (1, 0), "86": (2, 0), "17": (0, 1), "16": (1, 1), "87": (2, 1), "23": (3, 1),
    "33": (0, 2), "24": (1, 2), "19": (2, 2), "40": (0, 3), "47": (1, 3), "64": (0, 4),
}  # fmt: skip


def department_map(title: str, levels: Sequence[tuple[str, str]], of_department: dict[str, str]) -> bytes:
    """A PNG of the region as a chessboard: each département says its level in words, and with the level's colour.

    `levels` are (name, colour) from the mildest to the gravest; `of_department` gives the name for each code.
    """
    image, draw = _canvas(title)
    fills = dict(levels)
    for code, (column, row) in _PLACES.items():
        left, top = 60 + column * 180, 100 + row * 108
        level = of_department[code]
        draw.rounded_rectangle((left, top, left + 168, top + 98), 10, fill=fills[level], outline=GREY, width=2)
        draw.text((left + 84, top + 36), code, "black", _font(30), anchor="mm")
        draw.text((left + 84, top + 74), level, "black", _font(17), anchor="mm")
    for rank, (level, fill) in enumerate(levels):
        top = 130 + rank * 60
        draw.rectangle((850, top, 890, top + 36), fill=fill, outline=GREY, width=2)
        count = sum(value == level for value in of_department.values())
        draw.text((905, top + 18), f"{level} ({count})", "black", _font(20), anchor="lm")
    draw.text((850, 672), "Carte schématique, données fictives.", GREY, _font(17), anchor="ls")
    return _png(image)


def _canvas(title: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (1220, 690), "white")
    draw = ImageDraw.Draw(image)
    # The typeface draws a no-break space twice as wide as a space.
    draw.text((50, 55), title.replace("\u00a0", " "), BLUE, _font(30), anchor="ls")
    return image, draw


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / "Vera.ttf"), size)


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=False)
    return out.getvalue()


def _same_archive(archive: bytes, canonical: bool = False) -> bytes:
    """The same ZIP with every date fixed; an OpenDocument keeps its `mimetype` first and uncompressed.

    `canonical` also rewrites the XML: odfpy declares every namespace that the process has ever used.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            content = before.read(name)
            if canonical and name.endswith(".xml"):
                content = canonicalize(content.decode()).encode()
            entry = zipfile.ZipInfo(name, FIXED.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            after.writestr(entry, content, compresslevel=6)
    return out.getvalue()
