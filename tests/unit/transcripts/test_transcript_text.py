import pytest

from panglot.testing import make_segment
from panglot.transcripts import join_segments
from panglot.transcripts.text import ending, one_line, width


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ([], ""),
        ([("en", " Hello."), ("en", "Bye. ")], "Hello. Bye."),
        ([("zh", "你好。"), ("zh", "再见。")], "你好。再见。"),
        ([("zh", "你好。"), ("ja", "はい。")], "你好。 はい。"),
        ([("en", "Say"), ("zh", "你好"), ("en", "now")], "Say 你好 now"),
        ([("en", "a"), ("en", "  "), ("en", "b")], "a b"),
        ([("th", "ครับ"), ("th", "ครับ"), ("ko", "네"), ("ko", "네")], "ครับครับ 네 네"),
    ],
)
def test_join_segments(parts, text):
    assert join_segments([make_segment(part, language=language) for language, part in parts]) == text


def test_one_line_leaves_no_breaks_and_no_controls():
    assert one_line(" a\t b\r\n\x00c\u2028d\x1b ") == "a b c d"
    assert one_line("\u200fשלום\u200f") == "\u200fשלום\u200f"


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("東京", 4), ("e\u0301", 1), ("ｱ", 1), ("Ａ", 2), ("", 0)])
def test_width(text, columns):
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("end.", "sentence"),
        (" end.”)", "sentence"),
        ("什么？", "sentence"),
        ("है।", "sentence"),
        ("كيف؟", "sentence"),
        ("wait…", "sentence"),
        ("Dr.", None),
        ("J.", None),
        ("12.", None),
        ("1990.", "sentence"),
        ("so,", "clause"),
        ("そして、", "clause"),
        ("word", None),
        ("”", None),
        ("", None),
    ],
)
def test_ending(text, kind):
    assert ending(text) == kind
