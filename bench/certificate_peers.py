"""The same certificate by other hands: WeasyPrint, fpdf2 and reportlab, unsigned.

Each draws two pages with frame, rosette, portrait, fields, code, the authority's mark and the
record, in the portal's own fonts where it can embed them: reportlab cannot (it takes no font of
the CFF kind) and names a font that the reader has to have. What is the same for all certificates
is made once.
"""

import base64
import io
import math
from collections.abc import Callable
from functools import cache
from html import escape
from typing import Any

import pylopdf_fonts_zh_cn

from app.documents.certificate import CertificateFacts, chinese_date, code_of

Draw = Callable[[CertificateFacts], bytes]
Line = tuple[tuple[float, float], ...]

INK, GOLD, PALE, RED = "#1c2536", "#b58b3a", "#e2cf9f", "#b3261e"
CENTRE = (105.0, 186.0)
RINGS = ((37, 9, 18, 6), (20, 9, 12, 6), (7, 4.4, 8, 4))
HEADS = ("登记类型", "登记日期", "有效期至", "级别", "登记机构")


@cache
def rosette() -> tuple[Line, ...]:
    """The lines behind the text, in millimetres from the top left corner: as the template's."""
    lines = []
    for radius, swing, petals, count in RINGS:
        for line in range(count):
            points = []
            for step in range(petals * 18):
                turn = 2 * math.pi * step / (petals * 18)
                reach = radius + swing * math.cos(turn * petals + 2 * math.pi * line / count)
                x, y = CENTRE[0] + reach * math.cos(turn), CENTRE[1] + reach * math.sin(turn)
                points.append((round(x, 3), round(y, 3)))
            lines.append(tuple(points))
    return tuple(lines)


def fields(facts: CertificateFacts) -> list[tuple[str, str]]:
    """What stands beside the portrait."""
    return [
        ("姓名", facts.name),
        ("证件号码", facts.id_number_masked),
        ("级别", facts.level),
        ("管理号", facts.management_number),
        ("证书编号", facts.number),
    ]


def sentence(facts: CertificateFacts) -> str:
    """What the certificate says."""
    since, until = chinese_date(facts.valid_from), chinese_date(facts.valid_until)
    return (
        f"经审核，符合社会工作者职业水平证书登记条件，准予登记。本次登记有效期自{since}至{until}。"
    )


def rows(facts: CertificateFacts) -> list[tuple[str, ...]]:
    """The record of page 2."""
    return [
        (one.kind, str(one.registered_on), str(one.valid_until or "—"), one.level, one.office)
        for one in facts.entries
    ]


def modules(facts: CertificateFacts) -> list[tuple[int, int]]:
    """The dark modules of the code: column and row."""
    matrix = code_of(facts).matrix
    return [(x, y) for y, row in enumerate(matrix) for x, dark in enumerate(row) if dark]


# --- WeasyPrint ------------------------------------------------------------------------------


def weasyprint() -> Draw:
    """HTML and CSS; the fonts are read once."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    font = FontConfiguration()
    face = "@font-face {{ font-family: {}; src: url(file://{}) }}"
    styles = [
        face.format("Serif", pylopdf_fonts_zh_cn.serif_path()),
        face.format("Sans", pylopdf_fonts_zh_cn.sans_path()),
        "@page { size: A4; margin: 30mm 27mm }",
        f"body {{ font: 12pt Serif; color: {INK} }} h1 {{ text-align: center; font-size: 27pt }}",
        f".behind {{ position: absolute; left: -27mm; top: -30mm }} small {{ color: {GOLD} }}",
        "dl { margin-left: 46mm } img { position: absolute; width: 35mm; height: 53mm }",
        f"td, th {{ border: 0.6pt solid {PALE}; padding: 3mm 2mm; text-align: center }}",
        "section { page-break-before: always } table { border-collapse: collapse; width: 100% }",
    ]
    css = CSS(string="\n".join(styles), font_config=font)

    def draw(facts: CertificateFacts) -> bytes:
        pdf: bytes = HTML(string=_html(facts)).write_pdf(stylesheets=[css], font_config=font)
        return pdf

    return draw


def _html(facts: CertificateFacts) -> str:
    code = io.BytesIO()
    code_of(facts).save(code, kind="svg", border=0, dark=INK, xmldecl=False, unit="mm", scale=0.5)
    pairs = "".join(f"<dt>{name}<dd>{escape(value)}" for name, value in fields(facts))
    lines = "".join(f"<tr><td>{'<td>'.join(map(escape, row))}" for row in rows(facts))
    photo = base64.b64encode(facts.photo).decode()
    return (
        f"<title>{facts.number}</title><div class=behind>{_svg_behind()}</div>"
        f"<h1>{facts.title}</h1><h1 style='color:{RED}'>{facts.subtitle}</h1>"
        f"<img src='data:image/jpeg;base64,{photo}'><dl>{pairs}</dl><p>{sentence(facts)}</p>"
        f"{code.getvalue().decode()}<p><small>{facts.verify_url[:60]}</small>"
        f"<p style='color:{RED}'>{facts.authority}<p>委托{facts.handling_body}办理"
        f"<p>{chinese_date(facts.issued_on)}<section><h1>登记记录</h1>"
        f"<table><tr><th>{'<th>'.join(HEADS)}{lines}</table></section>"
    )


@cache
def _svg_behind() -> str:
    drawn = "".join(
        f"<polygon points='{' '.join(f'{x},{y}' for x, y in line)}'/>" for line in rosette()
    )
    box = "<rect x='10' y='10' width='190' height='277'/>"
    return (
        "<svg width='210mm' height='297mm' viewBox='0 0 210 297' fill='none' "
        f"stroke='{PALE}' stroke-width='0.1'>{drawn}{box}</svg>"
    )


# --- fpdf2 -----------------------------------------------------------------------------------


def fpdf2() -> Draw:
    """Cells and lines; the fonts are read for each document, since it offers no other way."""
    from fpdf import FPDF

    def draw(facts: CertificateFacts) -> bytes:
        pdf: Any = FPDF(format="A4")
        pdf.set_auto_page_break(False)
        pdf.add_font("serif", fname=pylopdf_fonts_zh_cn.serif_path())
        pdf.add_font("sans", fname=pylopdf_fonts_zh_cn.sans_path())
        pdf.set_title(facts.number)
        _fpdf_first(pdf, facts)
        _fpdf_second(pdf, facts)
        return bytes(pdf.output())

    return draw


def _fpdf_first(pdf: Any, facts: CertificateFacts) -> None:
    pdf.add_page()
    pdf.set_draw_color(PALE)
    pdf.set_line_width(0.1)
    for line in rosette():
        pdf.polygon(line)
    pdf.rect(10, 10, 190, 277)
    for size, top, text in ((27, 38, facts.title), (19, 52, facts.subtitle)):
        pdf.set_font("serif", size=size)
        pdf.set_xy(0, top)
        pdf.cell(210, 10, text, align="C")
    pdf.image(io.BytesIO(facts.photo), 27, 76, 35, 53)
    pdf.set_font("serif", size=13)
    for turn, (name, value) in enumerate(fields(facts)):
        pdf.text(73, 84 + 10.6 * turn, name)
        pdf.text(98, 84 + 10.6 * turn, value)
    pdf.set_xy(27, 138)
    pdf.multi_cell(156, 8, sentence(facts))
    pdf.set_fill_color(INK)
    for x, y in modules(facts):
        pdf.rect(27 + 0.5 * x, 225 + 0.5 * y, 0.5, 0.5, style="F")
    pdf.set_font("sans", size=7)
    pdf.text(27, 268, facts.verify_url[:60])
    pdf.circle(146, 246, 23)
    pdf.set_font("serif", size=14)
    signed = (facts.authority, f"委托{facts.handling_body}办理", chinese_date(facts.issued_on))
    for turn, text in enumerate(signed):
        pdf.set_xy(105, 240 + 7 * turn)
        pdf.cell(80, 7, text, align="C")


def _fpdf_second(pdf: Any, facts: CertificateFacts) -> None:
    pdf.add_page()
    pdf.set_font("serif", size=11)
    pdf.set_xy(27, 40)
    with pdf.table(width=156, first_row_as_headings=False) as table:
        for line in (HEADS, *rows(facts)):
            row = table.row()
            for cell in line:
                row.cell(cell)


# --- reportlab -------------------------------------------------------------------------------


def reportlab() -> Draw:
    """A canvas; the font is named, not embedded."""
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))

    def draw(facts: CertificateFacts) -> bytes:
        out = io.BytesIO()
        canvas: Any = Canvas(out, pagesize=(210 * mm, 297 * mm))
        canvas.setTitle(facts.number)
        canvas.scale(mm, mm)
        _canvas_first(canvas, facts)
        canvas.showPage()
        canvas.scale(mm, mm)
        _canvas_second(canvas, facts)
        canvas.save()
        return out.getvalue()

    return draw


def _canvas_first(canvas: Any, facts: CertificateFacts) -> None:
    from reportlab.lib.utils import ImageReader

    canvas.setStrokeColor(PALE)
    canvas.setLineWidth(0.1)
    for line in rosette():
        path = canvas.beginPath()
        path.moveTo(line[0][0], 297 - line[0][1])
        for x, y in line[1:]:
            path.lineTo(x, 297 - y)
        path.close()
        canvas.drawPath(path)
    canvas.rect(10, 10, 190, 277)
    for size, top, text in ((9.5, 46, facts.title), (6.7, 58, facts.subtitle)):
        canvas.setFont("STSong-Light", size)
        canvas.drawCentredString(105, 297 - top, text)
    canvas.drawImage(ImageReader(io.BytesIO(facts.photo)), 27, 168, 35, 53)
    canvas.setFont("STSong-Light", 4.6)
    for turn, (name, value) in enumerate(fields(facts)):
        canvas.drawString(73, 213 - 10.6 * turn, name)
        canvas.drawString(98, 213 - 10.6 * turn, value)
    text = sentence(facts)
    for turn in range(0, len(text), 32):
        canvas.drawString(27, 155 - turn / 4, text[turn : turn + 32])
    for x, y in modules(facts):
        canvas.rect(27 + 0.5 * x, 72 - 0.5 * y, 0.5, 0.5, stroke=0, fill=1)
    canvas.circle(146, 51, 23)
    signed = (facts.authority, f"委托{facts.handling_body}办理", chinese_date(facts.issued_on))
    for turn, line_of in enumerate(signed):
        canvas.drawCentredString(146, 55 - 7 * turn, line_of)
    canvas.setFont("STSong-Light", 2.5)
    canvas.drawString(27, 29, facts.verify_url[:60])


def _canvas_second(canvas: Any, facts: CertificateFacts) -> None:
    canvas.setStrokeColor(PALE)
    canvas.setLineWidth(0.2)
    canvas.setFont("STSong-Light", 3.9)
    for down, line in enumerate((HEADS, *rows(facts))):
        for across, cell in enumerate(line):
            canvas.rect(27 + 31 * across, 240 - 9 * down, 31, 9)
            canvas.drawCentredString(42.5 + 31 * across, 243 - 9 * down, cell)


PEERS: dict[str, Callable[[], Draw]] = {
    "WeasyPrint": weasyprint,
    "fpdf2": fpdf2,
    "reportlab": reportlab,
}
