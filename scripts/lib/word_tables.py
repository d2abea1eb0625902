"""Makes the tables by which searches see two spellings as one, for Sources/Archive/Words.

    pip download --no-deps opencc-python-reimplemented && python3 scripts/lib/word_tables.py WHEEL

Lower case, without accents and width: from Python's unicodedata (NFKD, lower case, marks U+0300 to U+036F dropped, NFC), for the
blocks below. Traditional to simplified: the first candidate of each line of OpenCC's TSCharacters.txt, of one character to one,
in the basic plane. To change a table is to change what an index has: raise `Tokens.version` with it.
"""
import sys
import unicodedata
import zipfile

BLOCKS = [
    (0x00AA, 0x058F), (0x1D00, 0x1FFF), (0x2070, 0x209C), (0x2100, 0x2189), (0x2460, 0x24EA), (0x2C60, 0x2C7F),
    (0x2F00, 0x2FD5), (0x3131, 0x318E), (0x3200, 0x33FF), (0xA720, 0xA7FF), (0xF900, 0xFAD9), (0xFB00, 0xFB06),
    (0xFF01, 0xFFDC),
]


def fold(char):
    for _ in range(2):
        char = unicodedata.normalize("NFKD", char)
        char = "".join(x for x in char if not 0x300 <= ord(x) <= 0x36F).lower()
    return unicodedata.normalize("NFC", char)


def swift(name, about, pairs, longer=()):
    lines = ["// Made by scripts/lib/word_tables.py, which says from what. Not to be edited by hand.", ""]
    lines += [f"/// {line}" for line in about]
    lines += [f"enum {name} {{", "  /// A character and what stands for it, one after the other; line ends mean nothing.",
              '  static let pairs: StaticString = """']
    flat = "".join(a + b for a, b in sorted(pairs))
    lines += ["    " + flat[i:i + 96] for i in range(0, len(flat), 96)]
    lines += ['    """']
    if longer:
        lines += ["", "  /// A character and the characters that stand for it, separated by spaces.",
                  '  static let longer: StaticString = """']
        line = ""
        for a, b in sorted(longer):
            if len(line) + len(a + b) + 1 > 96:
                lines += ["    " + line.strip()]
                line = ""
            line += a + b + " "
        lines += ["    " + line.strip(), '    """']
    with open(f"Sources/Archive/Words/{name}.swift", "w", encoding="utf-8") as file:
        file.write("\n".join(lines + ["}", ""]))


def main():
    one, longer = [], []
    for low, high in BLOCKS:
        for code in range(low, high + 1):
            char = chr(code)
            if unicodedata.category(char) in ("Cn", "Co", "Mn"):
                continue
            folded = "".join(x for x in fold(char) if unicodedata.category(x)[0] in "LN")
            if folded == char or not folded or any(ord(x) > 0xFFFF for x in folded):
                continue
            (one if len(folded) == 1 else longer).append((char, folded))
    swift("FoldedForms", ["Characters in another case, width or form than the one that searches compare."], one, longer)
    table = zipfile.ZipFile(sys.argv[1]).read("opencc/dictionary/TSCharacters.txt").decode("utf-8")
    pairs = []
    for line in table.splitlines():
        traditional, simplified = line.split("\t")
        simplified = simplified.split(" ")[0]
        if len(traditional) == len(simplified) == 1 and traditional != simplified \
                and max(ord(traditional), ord(simplified)) <= 0xFFFF:
            pairs.append((traditional, simplified))
    swift("SimplifiedForms", ["Traditional Chinese characters and the simplified ones that searches compare."], pairs)
    print(len(one), len(longer), len(pairs))


main()
