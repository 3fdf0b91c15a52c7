"""Text files as people have them: what each becomes, what is said about it, or the sentence that refuses it."""

# ruff: noqa: E501 (a table of cases: one file, one entry)

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from mlops_lib.data import limits
from mlops_lib.data.encoding_guess import CANDIDATES, guess_encoding
from mlops_lib.data.reading import read_table
from mlops_lib.objects.dataset import ReadingOptions
from mlops_lib.objects.errors import InputError, TooLargeError

BOM = b"\xef\xbb\xbf"
NEW_YEAR = datetime.datetime(2020, 1, 1)  # noqa: DTZ001 (tables hold times without a zone)
INT, FLOAT, TEXT, DATE = "int64", "double", "string", "timestamp[us]"


@dataclass(frozen=True)
class Good:
    """A file, its names and kinds, its first row as text, how many rows are kept, and everything that is said."""

    name: str
    content: bytes | str
    kinds: Mapping[str, str]
    rows: int
    first: tuple[object, ...]
    guessed: tuple[str, ...] = ("The delimiter is a comma.", "The first row holds the names.")
    repairs: tuple[str, ...] = ()
    skipped: tuple[tuple[int, str], ...] = ()
    used: Mapping[str, object] = field(default_factory=dict)
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Bad:
    """A file and the sentence that refuses it, which says what to do about it after its first sentence."""

    name: str
    content: bytes | str
    says: str
    options: Mapping[str, object] = field(default_factory=dict)


COMMA, NAMES, NONE = "The delimiter is a comma.", "The first row holds the names.", "There is no row of names."
SEMICOLON = "The delimiter is a semicolon."
AB = {"a": INT, "b": INT}
KOREAN = "부서,급여\n영업부,100\n인사부,200\n"
JAPANESE = "氏名,部署,年齢\n山田太郎,営業部,30\n佐藤花子,人事部,41\n"
CHINESE = "姓名,城市,年龄\n张伟,北京,30\n王芳,上海,41\n"
TAIWANESE = "姓名,縣市,年齡\n陳大文,台北,30\n林小姐,高雄,41\n"
FRENCH = "nom,ville,âge\nRené,Orléans,30\nZoë,Besançon,41\n"
RUSSIAN = "Город,Население\nМосква,13000000\nКазань,1300000\n"
POLISH = "Imię,Miasto,n\nŁukasz,Łódź,1\nBłażej,Gdańsk,2\n"

GOOD = [
    # encodings
    Good("plain ASCII", "a,b\n1,2\n3,4\n", AB, 2, (1, 2), used={"encoding": "utf-8", "comment": "", "header_row": 1}),
    Good("UTF-8 with a mark", BOM + b"a,b\n1,2\n", AB, 1, (1, 2), used={"encoding": "utf-8"}),
    Good(
        "UTF-8 without a mark", KOREAN, {"부서": TEXT, "급여": INT}, 2, ("영업부", 100),
        ("The encoding is utf-8.", COMMA, NAMES), used={"encoding": "utf-8"},
    ),
    Good(
        "UTF-16 with a mark", KOREAN.encode("utf-16"), {"부서": TEXT, "급여": INT}, 2, ("영업부", 100),
        used={"encoding": "utf-16-le"},
    ),
    Good(
        "UTF-16 big-endian without a mark", JAPANESE.encode("utf-16-be"), {"氏名": TEXT, "部署": TEXT, "年齢": INT}, 2,
        ("山田太郎", "営業部", 30), ("The encoding is utf-16-be.", COMMA, NAMES), used={"encoding": "utf-16-be"},
    ),
    Good("UTF-32", "a,b\n1,2\n".encode("utf-32"), AB, 1, (1, 2), used={"encoding": "utf-32-le"}),
    Good(
        "Korean in cp949", KOREAN.encode("cp949"), {"부서": TEXT, "급여": INT}, 2, ("영업부", 100),
        ("The encoding is cp949 (Korean).", COMMA, NAMES), used={"encoding": "cp949"},
    ),
    Good(
        "Korean beyond EUC-KR in cp949", "이름,n\n똠방각하,1\n펲시,2\n한국,3\n".encode("cp949"), {"이름": TEXT, "n": INT}, 3,
        ("똠방각하", 1), ("The encoding is cp949 (Korean).", COMMA, NAMES),
    ),
    Good(
        "Japanese in Shift-JIS", JAPANESE.encode("cp932"), {"氏名": TEXT, "部署": TEXT, "年齢": INT}, 2,
        ("山田太郎", "営業部", 30), ("The encoding is cp932 (Japanese).", COMMA, NAMES), used={"encoding": "cp932"},
    ),
    Good(
        "half-width kana in Shift-JIS", "ｶﾅ氏名,n\nﾔﾏﾀﾞ ﾀﾛｳ,1\nｻﾄｳ ﾊﾅｺ,2\n".encode("cp932"), {"ｶﾅ氏名": TEXT, "n": INT}, 2,
        ("ﾔﾏﾀﾞ ﾀﾛｳ", 1), ("The encoding is cp932 (Japanese).", COMMA, NAMES),
    ),
    Good(
        "Chinese in gb18030", CHINESE.encode("gb18030"), {"姓名": TEXT, "城市": TEXT, "年龄": INT}, 2, ("张伟", "北京", 30),
        ("The encoding is gb18030 (Chinese (simplified)).", COMMA, NAMES), used={"encoding": "gb18030"},
    ),
    Good(
        "Chinese in Big5", TAIWANESE.encode("big5"), {"姓名": TEXT, "縣市": TEXT, "年齡": INT}, 2, ("陳大文", "台北", 30),
        ("The encoding is big5 (Chinese (traditional)).", COMMA, NAMES), used={"encoding": "big5"},
    ),
    Good(
        "French in cp1252", FRENCH.encode("cp1252"), {"nom": TEXT, "ville": TEXT, "âge": INT}, 2, ("René", "Orléans", 30),
        ("The encoding is cp1252 (western European).", COMMA, NAMES), used={"encoding": "cp1252"},
    ),
    Good(
        "German prices in cp1252", "Größe;Preis €\n5;1,50\n6;2,75\n".encode("cp1252"), {"Größe": INT, "Preis €": FLOAT}, 2,
        (5, 1.5),
        ("The encoding is cp1252 (western European).", "The decimal sign is a comma.", SEMICOLON, NAMES),
        used={"encoding": "cp1252", "delimiter": ";", "decimal": ","},
    ),
    Good(
        "a byte that cp1252 does not have", b"a,b\n\xe9t\xe9 \x81,1\n", {"a": TEXT, "b": INT}, 1, ("été \x81", 1),
        ("The encoding is latin-1 (western European). It may also be cp1251 (Cyrillic).", COMMA, NAMES), used={"encoding": "latin-1"},
    ),
    Good(
        "Russian in cp1251", RUSSIAN.encode("cp1251"), {"Город": TEXT, "Население": INT}, 2, ("Москва", 13_000_000),
        ("The encoding is cp1251 (Cyrillic).", COMMA, NAMES), used={"encoding": "cp1251"},
    ),
    Good(
        "a wrong guess corrected", RUSSIAN.encode("koi8-r"), {"Город": TEXT, "Население": INT}, 2, ("Москва", 13_000_000),
        (COMMA, NAMES), used={"encoding": "koi8-r"}, options={"encoding": "koi8-r"},
    ),
    Good(
        "UTF-8 with broken bytes", "이름,n\n김철수,1\n".encode() + b"\xec\x9d,2\n", {"이름": TEXT, "n": INT}, 2, ("김철수", 1),
        ("The encoding is utf-8.", COMMA, NAMES),
        ("Not valid UTF-8: 1 place does not fit, the first on line 3 (byte 0xEC); each is now \ufffd.",),
    ),
    Good(
        "cp949 with a broken byte", KOREAN.encode("cp949") + b"\xff,3\n", {"부서": TEXT, "급여": INT}, 3, ("영업부", 100),
        ("The encoding is cp949 (Korean).", COMMA, NAMES),
        ("Not valid cp949: 1 place does not fit, the first on line 4 (byte 0xFF); each is now \ufffd.",),
    ),
    Good(
        "UTF-16 cut off in a letter", "a,b\n1,x\n2,y\n".encode("utf-16-le")[:-1], {"a": INT, "b": TEXT}, 2, (1, "x"),
        ("The encoding is utf-16-le.", COMMA, NAMES),
        ("Not valid UTF-16-LE: 1 place does not fit, the first on line 3 (byte 0x0A); each is now \ufffd.",),
    ),
    # delimiters
    Good("semicolons", "a;b\n1;2\n", AB, 1, (1, 2), (SEMICOLON, NAMES), used={"delimiter": ";"}),
    Good("tabs", "a\tb\n1\t2\n", AB, 1, (1, 2), ("The delimiter is a tab.", NAMES), used={"delimiter": "\t"}),
    Good("bars", "a|b\n1|2\n", AB, 1, (1, 2), ("The delimiter is a vertical bar.", NAMES)),
    Good("carets, with commas in cells", "id^who\n1^Kim, A\n2^Lee, B\n", {"id": INT, "who": TEXT}, 2, (1, "Kim, A"),
         ("The delimiter is a caret (^).", NAMES)),
    Good("tildes", "id~who\n1~Kim\n2~Lee\n", {"id": INT, "who": TEXT}, 2, (1, "Kim"), ("The delimiter is a tilde (~).", NAMES)),
    Good("colons", "id:who:n\n1:Kim:3\n2:Lee:4\n", {"id": INT, "who": TEXT, "n": INT}, 2, (1, "Kim", 3),
         ("The delimiter is a colon.", NAMES)),
    Good("times of day are no columns", "start\n12:30\n13:45\n", {"start": TEXT}, 2, ("12:30",)),
    Good("two bars", "a||b\n1||2\n3||4\n", AB, 2, (1, 2), ("The delimiter is two vertical bars.", NAMES)),
    Good("a table from R", '"a" "who"\n1 "Kim A"\n2 "Lee B"\n', {"a": INT, "who": TEXT}, 2, (1, "Kim A"),
         ("The delimiter is a blank.", NAMES)),
    Good("aligned columns", "city          people  area\nNew York      8336817   778\nLos Angeles   3979576  1213\n",
         {"city": TEXT, "people": INT, "area": INT}, 2, ("New York", 8_336_817, 778),
         ("Cells are separated by two or more blanks.", NAMES), used={"delimiter": "  "}),
    Good("aligned numbers without names", " 0.5  18.00   2.3\n 0.7   0.00  17.0\n 0.9   0.00   7.1\n",
         {"column 1": FLOAT, "column 2": FLOAT, "column 3": FLOAT}, 3, (0.5, 18.0, 2.3),
         ("Cells are separated by one or more blanks.", NONE),
         ("The columns had no names; they are now 'column 1' to 'column 3'.",), used={"delimiter": "\\s+", "header": False}),
    Good("full names are no columns", "who\nAnna Smith\nBob Jones\nCy Young\n", {"who": TEXT}, 3, ("Anna Smith",)),
    Good("a delimiter that was said", "a§b\n1§\"x§y\"\n", {"a": INT, "b": TEXT}, 1, (1, "x§y"),
         ("The encoding is utf-8.", NAMES), used={"delimiter": "§"}, options={"delimiter": "§"}),
    Good("one column", "x\n1\n2\n", {"x": INT}, 2, (1,)),
    Good("Excel's hint", "sep=;\na;b\n1;2\n", AB, 1, (1, 2),
         ("Line 2 holds the names.", "Line 1 says that the delimiter is ';'."), ("1 line above the names was left out.",),
         used={"delimiter": ";", "header_row": 2}),
    # quotes and line ends
    Good("quoted delimiters, quotes and line breaks", 'a,b\n"x, ""y""\nz",1\n', {"a": TEXT, "b": INT}, 1, ('x, "y"\nz', 1)),
    Good("carriage returns", "a,b\r1,2\r3,4\r", AB, 2, (1, 2)),
    Good("mixed line ends", "a,b\r\n1,2\n3,4\r5,6\r\n", AB, 3, (1, 2)),
    Good("empty lines", "a,b\n\n1,2\n\n\n3,4\n", AB, 2, (1, 2), repairs=("3 empty lines were left out.",)),
    Good("an unclosed quote", 'a,b\nx,1\n"y,2\nz,3\n', {"a": TEXT, "b": INT}, 2, ("x", 1),
         skipped=((3, "a quotation mark is opened and never closed"),)),
    # comments
    Good("comments above and between", "# made by a tool\n# 2020-01-01\na,b\n1,2\n# half\n3,4\n", AB, 2, (1, 2),
         (COMMA, "Line 3 holds the names.", "3 lines that begin with '#' were left out (lines 1, 2 and 5)."),
         used={"comment": "#", "header_row": 3}),
    Good("names behind a hash", "# tool 1.0\n#id,who,n\n1,Kim,2\n2,Lee,3\n", {"#id": INT, "who": TEXT, "n": INT}, 2,
         (1, "Kim", 2), (COMMA, "Line 2 holds the names.", "1 line that begins with '#' was left out (line 1)."),
         used={"comment": "#", "header_row": 2}),
    Good("values behind a hash", "#1,Kim,2\n#2,Lee,3\n#3,Oh,4\n", {"column 1": TEXT, "column 2": TEXT, "column 3": INT}, 3,
         ("#1", "Kim", 2), (COMMA, NONE), ("The columns had no names; they are now 'column 1' to 'column 3'.",)),
    Good("a comment sign that was said", "a,b\n1,2\n%x\n3,4\n", AB, 2, (1, 2),
         repairs=("1 line that begins with '%' was left out (line 3).",), options={"comment": "%"}),
    Good("a hash inside a quoted cell", '# c\na,b\n"x\n# not one",1\n', {"a": TEXT, "b": INT}, 1, ("x\n# not one", 1),
         (COMMA, "Line 2 holds the names.", "1 line that begins with '#' was left out (line 1).")),
    Good("no comments, as was said", "#a,b\n#1,2\n3,4\n", {"#a": TEXT, "b": INT}, 2, ("#1", 2), options={"comment": ""}),
    # titles and names
    Good("a title and an empty line", "Staff 2020\n\nname;n\nKim;1\nLee;2\n", {"name": TEXT, "n": INT}, 2, ("Kim", 1),
         (SEMICOLON, "Line 3 holds the names."), ("1 line above the names was left out.",), used={"header_row": 3}),
    Good("settings above the names", "By;Anna\nDate;2020-01-01\nid;name;n\n1;Kim;5\n2;Lee;6\n",
         {"id": INT, "name": TEXT, "n": INT}, 2, (1, "Kim", 5), (SEMICOLON, "Line 3 holds the names."),
         ("2 lines above the names were left out.",), used={"header_row": 3}),
    Good("a title that Excel filled up", "Sales,,,\n,,,\nname,city,n,m\nKim,Seoul,1,2\nLee,Busan,3,4\n",
         {"name": TEXT, "city": TEXT, "n": INT, "m": INT}, 2, ("Kim", "Seoul", 1, 2), (COMMA, "Line 3 holds the names."),
         ("2 lines above the names were left out.",)),
    Good("the line of the names, as was said", "Report\nx,y,z\nu,v,w\n", {"x": TEXT, "y": TEXT, "z": TEXT}, 1,
         ("u", "v", "w"), (COMMA,), ("1 line above the names was left out.",), used={"header": True, "header_row": 2},
         options={"header_row": 2}),
    Good("a table without names below a title", "Report\n1,2\n3,4\n", {"column 1": INT, "column 2": INT}, 2, (1, 2),
         (COMMA,), ("1 line above the table was left out.", "The columns had no names; they are now 'column 1' to 'column 2'."),
         used={"header": False, "header_row": 2}, options={"header": False, "header_row": 2}),
    Good("no names, dates", "2020-01-01,Seoul\n2020-01-02,Busan\n", {"column 1": DATE, "column 2": TEXT}, 2, (NEW_YEAR, "Seoul"),
         (COMMA, NONE), ("The columns had no names; they are now 'column 1' to 'column 2'.",), used={"header": False}),
    Good("no names, only labels", "M,Seoul\nF,Busan\nM,Seoul\nF,Seoul\n", {"column 1": TEXT, "column 2": TEXT}, 4,
         ("M", "Seoul"), (COMMA, NONE), ("The columns had no names; they are now 'column 1' to 'column 2'.",)),
    Good("no names, as was said", "a,b\nc,d\n", {"column 1": TEXT, "column 2": TEXT}, 2, ("a", "b"), (COMMA,),
         ("The columns had no names; they are now 'column 1' to 'column 2'.",), options={"header": False}),
    Good("years as names", "country,2019,2020\nKorea,1.5,2.5\nJapan,3.5,4.5\n", {"country": TEXT, "2019": FLOAT, "2020": FLOAT},
         2, ("Korea", 1.5, 2.5)),
    Good("blank and repeated names", "a,,a, b \n1,2,3,4\n", {"a": INT, "column 2": INT, "a (2)": INT, "b": INT}, 1,
         (1, 2, 3, 4), repairs=("Column 2 had no name; it is now 'column 2'.",
                                "The name 'a' appeared more than once; column 3 is now 'a (2)'.",
                                "The name of column 4 was tidied (blanks, line breaks or signs) to 'b'.")),
    Good("names with a delimiter at the end", "a,b,\n1,2\n3,4\n", AB, 2, (1, 2)),
    Good("rows with a delimiter at the end", "a,b\n1,2,\n3,4,\n", AB, 2, (1, 2),
         repairs=("Column 3 has neither name nor value (rows end with a delimiter) and was left out.",)),
    # rows that do not fit
    Good("too few and too many values", "a,b\n1,2\n3\n4,5,6\n7,8\n9,10\n", AB, 3, (1, 2),
         skipped=((3, "1 value instead of 2"), (4, "3 values instead of 2"))),
    Good("a line of totals", "a,b,c\n1,2,3\n4,5,6\n7,8,9\nTotal,17\n", {"a": INT, "b": INT, "c": INT}, 3, (1, 2, 3),
         skipped=((5, "2 values instead of 3"),)),
    Good("files joined end to end", "a,b\n1,2\na,b\n3,4\n", AB, 2, (1, 2), skipped=((3, "it repeats the names"),)),
]  # fmt: skip

BAD = [
    Bad("nothing", b"", "'t.csv' is empty."),
    Bad("only a mark", BOM, "'t.csv' is empty."),
    Bad("only names", "a,b\n", "The file has a row of names and no row of values."),
    Bad("only comments", "# a\n# b\n", "The file has no readable row.", {"comment": "#"}),
    Bad(
        "fewer names than values", "a,b\nr1,1,2\nr2,3,4\n",
        "Line 1 has 2 names, but line 2 has 3 values, and most rows that follow differ, too (2 of the first 2).",
    ),
    Bad(
        "a title that might be a name", "Report\nx,y,z\nu,v,w\n",
        "Line 1 has 1 name, but line 2 has 3 values, and most rows that follow differ, too (2 of the first 2).",
    ),
    Bad("names on a line that is not there", "a,b\n1,2\n", "The file has no line 9, only 2 lines.", {"header_row": 9}),
    Bad("names on an empty line", "a,b\n\n1,2\n", "Line 2 holds no names.", {"header_row": 2}),
    Bad("a quote among the names", 'a,"b\n1,2\n3,4\n',
        "A quotation mark among the names on line 1 is opened and never closed."),
    Bad("a delimiter that is none", "a,b\n1,2\n", "'\"' cannot be a delimiter.", {"delimiter": '"'}),
    Bad("a delimiter of nothing", "a,b\n1,2\n", "'' cannot be a delimiter.", {"delimiter": ""}),
    Bad("an encoding that is none", "a\n1\n", "There is no text encoding called 'martian'.", {"encoding": "martian"}),
    Bad("an encoding of bytes", "a\n1\n", "There is no text encoding called 'hex'.", {"encoding": "hex"}),
    Bad(
        "the wrong encoding", FRENCH.encode("cp1252"),
        "'t.csv' is not utf-8 text (5 places do not fit, the first on line 1 (byte 0xE2)).", {"encoding": "utf-8"},
    ),
    Bad("a program", b"\x7fELF\x02\x01\x01" + b"\x00" * 60, "'t.csv' looks like a program, whatever its name says."),
]  # fmt: skip


def read(tmp_path: Path, content: bytes | str, options: Mapping[str, object]):  # type: ignore[no-untyped-def]
    path = tmp_path / "upload"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, "t.csv", ReadingOptions(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_a_file_is_read_as_stated(tmp_path: Path, case: Good) -> None:
    result = read(tmp_path, case.content, case.options)
    reading = result.reading
    assert {f.name: str(f.type) for f in result.table.schema} == case.kinds
    assert result.table.num_rows == reading.rows_kept == case.rows
    assert reading.rows_in_file == case.rows + len(case.skipped)
    assert tuple(result.table.slice(0, 1).to_pylist()[0].values()) == case.first
    assert reading.guessed == case.guessed
    assert reading.repairs == case.repairs
    assert tuple((row.line, row.reason) for row in reading.skipped) == case.skipped
    assert {name: getattr(reading.options, name) for name in case.used} == case.used


@pytest.mark.parametrize("case", GOOD, ids=lambda case: case.name)
def test_the_options_as_used_give_the_same_table_again(tmp_path: Path, case: Good) -> None:
    first = read(tmp_path, case.content, case.options)
    again = read(tmp_path, case.content, vars(first.reading.options))
    assert again.table.equals(first.table)
    assert again.reading.options == first.reading.options
    assert again.reading.skipped == first.reading.skipped


@pytest.mark.parametrize("case", BAD, ids=lambda case: case.name)
def test_a_file_is_refused_in_one_sentence(tmp_path: Path, case: Bad) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, case.content, case.options)
    assert str(caught.value).startswith(case.says)
    assert caught.value.hint


def test_names_before_and_after_are_told(tmp_path: Path) -> None:
    reading = read(tmp_path, "a,,a, b ,c\n1,2,3,4,5\n", {}).reading
    assert reading.renamed == (("", "column 2"), ("a", "a (2)"), (" b ", "b"))


def test_the_size_as_utf_8_is_told(tmp_path: Path) -> None:
    text = KOREAN * 50
    reading = read(tmp_path, text.encode("utf-16"), {}).reading
    assert (reading.file_bytes, reading.decoded_bytes) == (len(text.encode("utf-16")), len(text.encode()))


def test_text_that_grows_beyond_the_limit_while_it_is_decoded_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = ("이름\n" + "김철수박영희\n" * 100).encode("utf-16")
    monkeypatch.setattr(limits, "MAX_DECODED_BYTES", len(content))
    with pytest.raises(TooLargeError, match=r"'t\.csv' unpacks to more than .*, the limit\."):
        read(tmp_path, content, {})


def test_many_comment_lines_are_counted_and_the_first_are_named(tmp_path: Path) -> None:
    content = "a,b\n" + "1,2\n# x\n" * 30
    reading = read(tmp_path, content, {"comment": "#"}).reading
    assert reading.repairs == (
        "30 lines that begin with '#' were left out (lines 3, 5, 7, 9, 11, 13, 15, 17, 19, 21 and 20 more).",
    )
    assert reading.rows_kept == 30


SAMPLES = {
    "cp949": ("이름\n김철수\n박영희\n", "서울", "퇴사여부\n예\n아니오\n", "한국어 글은 이렇게 길게 쓸 수도 있습니다. 여러 글자가 나옵니다.\n" * 40),
    "cp932": ("氏名\n山田太郎\n", "東京", "回答\nはい\nいいえ\n", "これは日本語の文章です。漢字やカタカナも使われています。\n" * 40),
    "gb18030": ("姓名\n张伟\n王芳\n", "北京", "是否离职\n是\n否\n", "这是一个比较长的中文文本，里面有很多不同的汉字。\n" * 40),
    "big5": ("姓名\n陳大文\n", "台北市", "是否離職\n是\n否\n", "這是一個比較長的中文文本，裡面有很多不同的漢字。\n" * 40),
    "cp1252": ("café", "Straße\nMünchen\n", "São Paulo\n", "Les élèves français étudient à l’école près de la forêt.\n" * 40),
    "cp1251": ("Имя\nИван\n", "да\nнет\n", "Это довольно длинный русский текст с разными буквами.\n" * 40),
    "cp1253": ("Πόλη\nΑθήνα\n", "Αυτό είναι ένα κείμενο με ελληνικά γράμματα.\n" * 40),
    "cp1250": ("Imię\nŁukasz\nBłażej\n", "Zażółć gęślą jaźń, powiedział Łukasz do Błażeja.\n" * 40),
    "euc_jp": ("氏名\n山田太郎\nサトウ ハナコ\n", "これは日本語の文章です。漢字やカタカナも使われています。\n" * 40),
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "text"), [(e, text) for e, texts in SAMPLES.items() for text in texts])
def test_short_and_long_texts_show_their_encoding(encoding: str, text: str) -> None:
    assert guess_encoding(text.encode(encoding)).best.encoding == encoding


def test_every_encoding_that_is_guessed_has_samples() -> None:
    assert {candidate.encoding for candidate in CANDIDATES} == set(SAMPLES)


def test_a_guess_on_a_single_letter_names_the_next_encoding(tmp_path: Path) -> None:
    reading = read(tmp_path, b"a,b\n\xe9,1\n", {}).reading
    assert reading.guessed[0] == "The encoding is cp1252 (western European). It may also be cp1251 (Cyrillic)."
