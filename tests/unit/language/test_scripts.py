import pytest

from panglot.errors import LanguageError
from panglot.language import LANGUAGES, matches, scripts_of

WORDS = {
    "af": "môre", "am": "ሰላም", "ar": "مرحبا", "as": "নমস্কাৰ", "az": "salam", "ba": "һаумыһығыҙ", "be": "прывітанне",
    "bg": "здравей", "bn": "নমস্কার", "bo": "བཀྲ་ཤིས", "br": "demat", "bs": "zdravo", "ca": "bon dia", "cs": "dobrý",
    "cy": "helô", "da": "farvel", "de": "grüße", "el": "καλημέρα", "en": "hello", "es": "mañana", "et": "tere",
    "eu": "kaixo", "fa": "سلام", "fi": "päivää", "fo": "góðan", "fr": "ça va", "gl": "bos días", "gu": "નમસ્તે",
    "ha": "sannu", "haw": "aloha ʻoe", "he": "שלום", "hi": "नमस्ते", "hr": "bok", "ht": "bonjou", "hu": "viszontlátásra",
    "hy": "բարեւ", "id": "selamat", "is": "halló", "it": "città", "ja": "東京へ行くバス", "jw": "sugeng",
    "ka": "გამარჯობა",
    "kk": "сәлем", "km": "សួស្តី", "kn": "ನಮಸ್ಕಾರ", "ko": "안녕하세요", "la": "salve", "lb": "moien", "ln": "mbote",
    "lo": "ສະບາຍດີ", "lt": "ačiū", "lv": "paldies", "mg": "salama", "mi": "kia ora", "mk": "здраво", "ml": "നമസ്കാരം",
    "mn": "сайн уу", "mr": "नमस्कार", "ms": "terima", "mt": "bonġu", "my": "မင်္ဂလာပါ", "ne": "धन्यवाद", "nl": "goedendag",
    "nn": "takk", "no": "kjøre", "oc": "adiu", "pa": "ਸਤਿ", "pl": "dziękuję", "ps": "سلام", "pt": "não", "ro": "bună",
    "ru": "спасибо", "sa": "नमो", "sd": "سلام", "si": "ආයුබෝවන්", "sk": "ďakujem", "sl": "hvala", "sn": "mhoro",
    "so": "nabad", "sq": "faleminderit", "sr": "здраво svima", "su": "wilujeng", "sv": "smörgås", "sw": "habari",
    "ta": "வணக்கம்", "te": "నమస్కారం", "tg": "салом", "th": "สวัสดี", "tk": "salam", "tl": "kumusta", "tr": "teşekkürler",
    "tt": "сәлам", "uk": "привіт", "ur": "شکریہ", "uz": "raxmat", "vi": "cảm ơn", "yi": "שלום", "yo": "ẹ káàárọ̀",
    "zh": "你好",
}  # fmt: skip


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_word_of_each_language_is_in_its_scripts(code):
    assert matches(WORDS[code], code) == 1.0
    assert matches("Ελλάδα" if code != "el" else "hello", code) == 0.0


def test_every_script_of_the_table_is_found_in_some_text():
    found = {script for word in WORDS.values() for script in scripts_of(word)} | set(scripts_of("ᠮᠣᠩᠭᠣᠯ ᮞᮥᮔ᮪ᮓ ꦗꦮ"))
    assert {script for language in LANGUAGES.values() for script in language.scripts} == found


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("", {}),
        ("123 … 🙂 \u0301", {}),
        ("abc где", {"Latin": 0.5, "Cyrillic": 0.5}),
        ("Ａｱ々〆ー", {"Han": 0.4, "Katakana": 0.4, "Latin": 0.2}),
        ("5 µm", {"Latin": 1.0}),
        ("1ª 2º", {"Latin": 1.0}),
        ("𝐱𝐲", {}),
        ("㐀𠀀", {"Han": 1.0}),
        ("한글", {"Hangul": 1.0}),
    ],
)
def test_scripts_of(text, shares):
    assert scripts_of(text) == pytest.approx(shares)


def test_matches_counts_letters_only():
    assert matches("2026: 100 %!", "ru") == 1.0
    assert matches("Привет, Tom!", "ru") == pytest.approx(6 / 9)
    assert matches("Thank you", "ja") == 0.0
    assert matches("hello", "en-US") == 1.0


def test_unknown_languages_are_refused():
    with pytest.raises(LanguageError):
        matches("hello", "xx")
