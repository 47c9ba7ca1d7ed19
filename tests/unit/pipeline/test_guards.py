"""What makes a text suspicious, and that ordinary text is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panglot.pipeline.guards import compression_ratio, is_hopeless, is_loop, is_no_speech, suspicions
from panglot.testing import write

ORDINARY = {
    "en": "The ships that came in with the tide that morning carried salt, timber and a letter nobody had expected.",
    "de": "Am Morgen lag Nebel über dem Fluss, und niemand wusste, ob die Fähre überhaupt noch fahren würde.",
    "fr": "Nous avons marché longtemps le long du canal avant de trouver la petite maison aux volets bleus.",
    "es": "Mi abuela guardaba las cartas en una caja de madera, y cada domingo nos leía una, siempre la misma.",
    "ru": "Вечером мы долго сидели на берегу и слушали, как за рекой кто-то медленно играет на гармони.",
    "ar": "في الصباح الباكر خرج الصيادون إلى البحر ولم يعد منهم أحد قبل غروب الشمس.",
    "hi": "सुबह होते ही गाँव के सब लोग नदी के किनारे इकट्ठा हो गए और नाव की राह देखने लगे।",
    "zh": "早上我们沿着河边走了很久，才找到那座有蓝色窗户的小房子，门口坐着一位老人。",
    "ja": "朝になると村の人たちは川のそばに集まって、船が来るのを静かに待っていました。",
    "th": "ตอนเช้าชาวบ้านมารวมตัวกันที่ริมแม่น้ำเพื่อรอเรือที่จะพาพวกเขาไปตลาด",
    "ko": "아침이 되자 마을 사람들은 모두 강가에 모여 배가 오기를 조용히 기다리고 있었다.",
    "sw": "Asubuhi na mapema wavuvi walikwenda baharini, lakini hakuna aliyerudi kabla ya jua kutua.",
}


@pytest.mark.parametrize("language", ORDINARY)
def test_ordinary_text_is_not_suspicious(language: str) -> None:
    assert suspicions(write(ORDINARY[language]), language=language, speech=8.0) == ()


@pytest.mark.parametrize(
    "text", ["Yes.", "No, no, no!", "Ha ha ha ha.", "哈哈哈", "1, 2, 3, 4, 5, 6, 7, 8", "…", "Very, very good."]
)
def test_short_text_is_not_suspicious(text: str) -> None:
    language = "zh" if text == "哈哈哈" else "en"
    assert suspicions(write(text), language=language, speech=2.0) == ()


@pytest.mark.parametrize(
    "text",
    [
        "I don't know. " * 12,
        "the the the the the",
        "and so on and so on and so on and so on and so on",
        "好的好的好的好的好的",
        "ครับครับครับครับครับครับ",
        "Так и так и так и так и так и",
        "That began well, but then it went la la la la la la",
    ],
)
def test_loops_are_found(text: str) -> None:
    assert is_loop(text.strip())


@given(st.text(min_size=2, max_size=10).filter(lambda text: text.strip()), st.integers(6, 40))
def test_whatever_is_said_often_enough_is_a_loop(text: str, times: int) -> None:
    assert is_loop(text * times)


@pytest.mark.parametrize(
    ("text", "language"),
    [("Добрый вечер", "en"), ("Good evening", "ru"), ("こんばんは", "ar"), ("Good evening everyone 你好", "zh")],
)
def test_a_text_in_a_script_of_another_language_is_suspicious(text: str, language: str) -> None:
    assert suspicions(write(text), language=language, speech=3.0) == ("script",)


def test_a_borrowed_name_is_not_suspicious() -> None:
    assert suspicions(write("Мы купили новый iPhone вчера"), language="ru", speech=3.0) == ()


def test_nobody_speaks_that_fast() -> None:
    assert "fast" in suspicions(write(ORDINARY["en"]), language="en", speech=2.0)
    assert suspicions(write("Absolutely, yes."), language="en", speech=0.2) == (), "short speech counts as a second"


@pytest.mark.parametrize(("speech", "expected"), [(3.0, ("empty",)), (0.5, ())])
def test_no_text_is_suspicious_where_somebody_speaks_for_long(speech: float, expected: tuple[str, ...]) -> None:
    assert suspicions(write("  "), language="en", speech=speech) == expected


@pytest.mark.parametrize(("log_probability", "expected"), [(-0.99, ()), (-1.01, ("unsure",))])
def test_a_low_probability_is_suspicious(log_probability: float, expected: tuple[str, ...]) -> None:
    assert suspicions(write("Hello there", log_probability=log_probability), language="en", speech=2) == expected


@pytest.mark.parametrize(
    ("log_probability", "no_speech", "expected"), [(-1.2, 0.7, True), (-0.8, 0.9, False), (-1.2, 0.5, False)]
)
def test_no_speech_needs_both_signs(log_probability: float, no_speech: float, expected: bool) -> None:
    hypothesis = write("Thank you.", log_probability=log_probability, no_speech_probability=no_speech)
    assert is_no_speech(hypothesis) is expected


def test_a_guess_is_hopeless() -> None:
    assert is_hopeless(write("Thank you.", log_probability=-1.7), ())
    assert is_hopeless(write("Thank you."), ("fast",))
    assert not is_hopeless(write("Thank you.", log_probability=-1.5), ("unsure", "script"))


def test_compression_of_nothing_is_one() -> None:
    assert compression_ratio("") == 1.0
