#!/usr/bin/env python3
"""Makes the fonts of this folder again, from Debian packages and one package of npm.

    sudo apt-get install fonts-inter fonts-jetbrains-mono fonts-noto-core fonts-noto-mono fonts-noto-cjk npm
    pip install fonttools==4.68.0 brotli
    assets/fonts/make.py

Every font is cut down to what the window shows, and renamed, as a changed font should be. README.md says what each
is for. Contextual alternates and ligatures are left out on purpose: Inter would draw the bytes `->` as one arrow.
"""

import os
import subprocess
import sys
import tempfile

from fontTools import subset
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

# The head table's dates come from here: the same packages make the same bytes.
os.environ["SOURCE_DATE_EPOCH"] = "1700000000"

HERE = os.path.dirname(os.path.abspath(__file__))
INTER = "/usr/share/fonts/opentype/inter/Inter-Regular.otf"
JETBRAINS = "/usr/share/fonts/truetype/jetbrains-mono/JetBrainsMono-Regular.ttf"
NOTO = "/usr/share/fonts/truetype/noto/"
CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
CJK_SIMPLIFIED = 2  # The face of the collection whose shapes are those of mainland China.
EMOJI = "@fontsource/noto-emoji@5.3.2"
EMOJI_FILE = "package/files/noto-emoji-emoji-400-normal.woff2"


def span(first, last):
    return set(range(first, last + 1))


# Latin, Greek, Cyrillic, marks, punctuation, currencies, fractions.
LETTERS = (
    span(0x20, 0x7E) | span(0xA0, 0x52F) | span(0x1E00, 0x1FFF) | span(0x2000, 0x209C) | span(0x20A0, 0x20C0)
    | span(0x2100, 0x218B) | {0xFFFC, 0xFFFD}
)
# Arrows, operators, technical (⏮ ⏭), control pictures, enclosed, boxes, blocks, shapes, dingbats, Braille, more arrows.
SYMBOLS = span(0x2190, 0x2426) | span(0x2460, 0x27BF) | span(0x27C0, 0x297F) | span(0x2B00, 0x2BFF)
SYMBOLS |= {0x1F5D0}  # The sign for copying, beside code in the book.
# The abbreviations among the control pictures (␀, not ␣): made as large as a line is high, since they are so small.
CONTROLS = span(0x2400, 0x2421) | {0x2424}
# Digits of right-to-left scripts run left to right. Text is shaped font by font, so they have a font of their own.
ARABIC_DIGITS = span(0x660, 0x669) | span(0x6F0, 0x6F9)
HEBREW = span(0x591, 0x5F4) | span(0xFB1D, 0xFB4F)
ARABIC = (span(0x600, 0x6FF) | span(0x750, 0x77F) | span(0x8A0, 0x8FF)) - ARABIC_DIGITS


def cjk():
    """The characters of GB 2312, JIS X 0208 and Big5's first level, kana, and the hangul of KS X 1001."""
    wanted = span(0x3000, 0x30FF) | span(0x3105, 0x312F) | span(0x31F0, 0x31FF) | span(0x3200, 0x33FF) | span(0xFF01, 0xFFEE)
    wanted |= {ord(c) for c in "塡剝頰𠮟"}  # Of the jōyō kanji, those that JIS X 0208 has in other shapes.
    for code in range(0xA1, 0xFF):
        for low in range(0xA1, 0xFF):
            for charset in ("gb2312", "euc_jp", "euc_kr"):
                try:
                    character = bytes((code, low)).decode(charset)
                except UnicodeDecodeError:
                    continue
                # The hanja of KS X 1001 are of another century's newspapers; its hangul are in use.
                if charset != "euc_kr" or "\uac00" <= character <= "\ud7a3":
                    wanted.add(ord(character))
    for code in range(0xA4, 0xC7):
        for low in (*range(0x40, 0x7F), *range(0xA1, 0xFF)):
            if (code, low) <= (0xC6, 0x7E):
                try:
                    wanted.add(ord(bytes((code, low)).decode("big5")))
                except UnicodeDecodeError:
                    continue
    return {code for code in wanted if code >= 0x2E80}


def copyright_of(font):
    return str(font["name"].getName(0, 3, 1) or font["name"].getName(0, 1, 0))


def finish(font, name, notice):
    """Names the font, keeps whose work it is and its licence, and writes it."""
    table = font["name"]
    table.names = []
    postscript = name.replace(" ", "")
    for number, words in {
        0: notice, 1: name, 2: "Regular", 3: postscript, 4: name, 5: "Version 1.0", 6: postscript,
        13: "This Font Software is licensed under the SIL Open Font License, Version 1.1.",
        14: "https://openfontlicense.org",
    }.items():
        table.setName(words, number, 3, 1, 0x409)
    if "CFF " in font:
        top = font["CFF "].cff
        top.fontNames = [postscript]
        for key in ("FullName", "FamilyName", "Notice", "Copyright"):
            if key in top[0].rawDict:
                top[0].rawDict[key] = {"FullName": name, "FamilyName": name}.get(key, notice)
    for tag in ("STAT", "meta", "DSIG"):
        if tag in font:
            del font[tag]
    path = os.path.join(HERE, postscript + (".otf" if "CFF " in font else ".ttf"))
    font.save(path)
    print(f"{os.path.getsize(path):>9}  {len(font.getBestCmap()):>6} characters  {os.path.basename(path)}")


def cut(font, codes, features):
    """Keeps only these characters, and of the layout only these features."""
    options = subset.Options()
    options.hinting = False
    options.layout_features = features
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG", "STAT"]
    if not features:
        options.layout_closure = False
        options.drop_tables += ["GPOS", "GSUB", "GDEF"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    return font


def always(font, tags):
    """Makes single substitutions that a reader would have to switch on into what the font draws."""
    table = font["GSUB"].table
    swaps = {}
    for tag in tags:
        for record in table.FeatureList.FeatureRecord:
            if record.FeatureTag == tag:
                for index in record.Feature.LookupListIndex:
                    for lookup in table.LookupList.Lookup[index].SubTable:
                        lookup = getattr(lookup, "ExtSubTable", lookup)
                        swaps.update(getattr(lookup, "mapping", {}))
    for cmap in font["cmap"].tables:
        if cmap.isUnicode():
            for code, glyph in cmap.cmap.items():
                cmap.cmap[code] = swaps.get(glyph, glyph)


def collect(name, wanted, sources, width=None):
    """One font out of the first source that has each character; with a width, every glyph is made to fit it."""
    fonts = [TTFont(source) for source in sources]
    names = [".notdef", "space"]
    glyphs = {".notdef": TTGlyphPen(None).glyph(), "space": TTGlyphPen(None).glyph()}
    metrics = {".notdef": (600, 0), "space": (width or 260, 0)}
    cmap = {0x20: "space"}
    notices = []
    for code in sorted(wanted):
        for font in fonts:
            source = font.getBestCmap().get(code)
            if source is None:
                continue
            outlines = font.getGlyphSet()
            unit = 1000 / font["head"].unitsPerEm
            advance = outlines[source].width * unit
            bounds = BoundsPen(outlines)
            outlines[source].draw(bounds)
            left, bottom, right, top = (unit * edge for edge in bounds.bounds or (0, 0, 0, 0))
            across, up, shift, lift = 1, 1, 0, 0
            if code in CONTROLS:
                cell = width or 780
                across = min((cell - 40) / (right - left), 1.6)
                up = min(900 / (top - bottom), 1.6)
                shift, lift = (cell - (left + right) * across) / 2, 350 - (top + bottom) * up / 2
                advance = cell
            elif width and advance:
                # Box drawing must meet its neighbours; everything else keeps a little air.
                if advance != width:
                    across = up = min(1, (width - 40) / max(right - left, 1))
                    shift = (width - (left + right) * across) / 2
                # A glyph that was made smaller is lifted, so that its middle stays where it was.
                lift = 350 * (1 - up)
                advance = width
            recording = DecomposingRecordingPen(outlines)
            outlines[source].draw(recording)
            pen = TTGlyphPen(None)
            recording.replay(TransformPen(pen, (unit * across, 0, 0, unit * up, shift, lift)))
            glyph = f"uni{code:04X}"
            names.append(glyph)
            glyphs[glyph] = pen.glyph()
            metrics[glyph] = (round(advance), 0)
            cmap[code] = glyph
            if copyright_of(font) not in notices:
                notices.append(copyright_of(font))
            break
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics(
        {glyph: (advance, getattr(table[glyph], "xMin", 0)) for glyph, (advance, _) in metrics.items()}
    )
    builder.setupHorizontalHeader(ascent=1069, descent=-293)
    builder.setupOS2(sTypoAscender=1069, sTypoDescender=-293, usWinAscent=1069, usWinDescent=293)
    builder.setupPost(keepGlyphNames=False, isFixedPitch=1 if width else 0)
    builder.setupNameTable({})
    finish(builder.font, name, "\n".join(notices))


def emoji():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", EMOJI], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        (archive,) = os.listdir(folder)
        subprocess.run(["tar", "xzf", archive, EMOJI_FILE], cwd=folder, check=True)
        font = TTFont(os.path.join(folder, EMOJI_FILE), lazy=False)
    font.flavor = None
    return cut(font, set(font.getBestCmap()), ["ccmp"])


def main():
    marks = ["ccmp", "locl", "mark", "mkmk", "kern"]

    inter = TTFont(INTER)
    # Digits of one width, for tables; an l with a tail, which is no I.
    always(inter, ["tnum", "cv05"])
    sans = LETTERS | {c for c in SYMBOLS if c < 0x2300 or 0x25A0 <= c < 0x2600}
    finish(cut(inter, sans - CONTROLS, marks), "Framescope Sans", copyright_of(TTFont(INTER)))

    jetbrains = TTFont(JETBRAINS)
    finish(cut(jetbrains, (LETTERS | SYMBOLS) - CONTROLS, marks), "Framescope Mono", copyright_of(TTFont(JETBRAINS)))

    symbols = [NOTO + file for file in (
        "NotoSansMono-Regular.ttf", "NotoSansSymbols2-Regular.ttf", "NotoSansMath-Regular.ttf",
        "NotoSansSymbols-Regular.ttf", "NotoSans-Regular.ttf",
    )]
    proportional = symbols[1:] + symbols[:1]
    wanted = (LETTERS | SYMBOLS) - {0x20}
    collect("Framescope Symbols", wanted - set(inter.getBestCmap()), proportional)
    collect("Framescope Symbols Mono", wanted - set(jetbrains.getBestCmap()), symbols, width=600)

    hebrew = NOTO + "NotoSansHebrew-Regular.ttf"
    finish(cut(TTFont(hebrew), HEBREW | {0x25CC}, marks), "Framescope Hebrew", copyright_of(TTFont(hebrew)))
    arabic = NOTO + "NotoSansArabic-Regular.ttf"
    collect("Framescope Arabic Digits", ARABIC_DIGITS, [arabic])
    joining = [*marks, "init", "medi", "fina", "isol", "rlig", "calt"]
    finish(cut(TTFont(arabic), ARABIC | {0x25CC}, joining), "Framescope Arabic", copyright_of(TTFont(arabic)))

    chinese = TTFont(CJK, fontNumber=CJK_SIMPLIFIED)
    notice = copyright_of(chinese)
    finish(cut(chinese, cjk(), []), "Framescope CJK", notice)

    pictures = emoji()
    finish(pictures, "Framescope Emoji", copyright_of(pictures))


if __name__ == "__main__":
    sys.exit(main())
