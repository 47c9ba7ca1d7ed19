import pytest

from panglot.errors import LanguageError
from panglot.language import ALIASES, LANGUAGES, normalise

# As published with the large-v2 weights.
NAMES = """
en english, zh chinese, de german, es spanish, ru russian, ko korean, fr french, ja japanese, pt portuguese, tr turkish,
pl polish, ca catalan, nl dutch, ar arabic, sv swedish, it italian, id indonesian, hi hindi, fi finnish, vi vietnamese,
he hebrew, uk ukrainian, el greek, ms malay, cs czech, ro romanian, da danish, hu hungarian, ta tamil, no norwegian,
th thai, ur urdu, hr croatian, bg bulgarian, lt lithuanian, la latin, mi maori, ml malayalam, cy welsh, sk slovak,
te telugu, fa persian, lv latvian, bn bengali, sr serbian, az azerbaijani, sl slovenian, kn kannada, et estonian,
mk macedonian, br breton, eu basque, is icelandic, hy armenian, ne nepali, mn mongolian, bs bosnian, kk kazakh,
sq albanian, sw swahili, gl galician, mr marathi, pa punjabi, si sinhala, km khmer, sn shona, yo yoruba, so somali,
af afrikaans, oc occitan, ka georgian, be belarusian, tg tajik, sd sindhi, gu gujarati, am amharic, yi yiddish, lo lao,
uz uzbek, fo faroese, ht haitian creole, ps pashto, tk turkmen, nn nynorsk, mt maltese, sa sanskrit, lb luxembourgish,
my myanmar, bo tibetan, tl tagalog, mg malagasy, as assamese, tt tatar, haw hawaiian, ln lingala, ha hausa, ba bashkir,
jw javanese, su sundanese
"""


def test_the_99_languages_and_their_names():
    published = dict(entry.split(maxsplit=1) for entry in NAMES.strip().split(","))
    assert len(published) == 99
    assert {code: language.name.lower() for code, language in LANGUAGES.items()} == published
    assert list(LANGUAGES) == sorted(LANGUAGES)
    assert all(code == language.code and language.name[0].isupper() for code, language in LANGUAGES.items())


def test_the_languages_without_spaces():
    spaceless = {code for code, language in LANGUAGES.items() if not language.spaced}
    assert spaceless == {"bo", "ja", "km", "lo", "my", "th", "zh"}


def test_every_code_and_alias_leads_to_a_code_that_stays():
    for name in [*LANGUAGES, *ALIASES]:
        code = normalise(name)
        assert code in LANGUAGES
        assert normalise(code) == code
        assert normalise(f" {name.upper()} ") == code
    assert not set(ALIASES) & set(LANGUAGES)


def test_every_language_but_one_has_a_three_letter_code():
    with_code = {code for alias, code in ALIASES.items() if len(alias) == 3 and alias.isascii()}
    assert set(LANGUAGES) - with_code == {"haw"}


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("EN", "en"),
        ("en-US", "en"),
        ("en_us", "en"),
        ("pt-BR", "pt"),
        ("zh-CN", "zh"),
        ("zh-Hant", "zh"),
        ("zh_Hant_HK", "zh"),
        ("es-419", "es"),
        ("nb-NO", "no"),
        ("sr-Latn-RS", "sr"),
        ("de-1996", "de"),
        ("iw", "he"),
        ("jv", "jw"),
        ("in", "id"),
        ("ji", "yi"),
        ("mo", "ro"),
        ("fil", "tl"),
        ("nb", "no"),
        ("deu", "de"),
        ("ger", "de"),
        ("spa", "es"),
        ("cmn", "zh"),
        ("german", "de"),
        ("German", "de"),
        ("Castilian", "es"),
        ("valencian", "ca"),
        ("Flemish", "nl"),
        ("Haitian", "ht"),
        ("Letzeburgesch", "lb"),
        ("Pushto", "ps"),
        ("Panjabi", "pa"),
        ("Moldavian", "ro"),
        ("Moldovan", "ro"),
        ("Sinhalese", "si"),
        ("Burmese", "my"),
        ("Mandarin", "zh"),
        ("haitian  creole", "ht"),
        ("Norwegian Bokmål", "no"),
        ("franc\u0327ais", "fr"),
        ("日本語", "ja"),
    ],
)
def test_normalise(value, code):
    assert normalise(value) == code


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("germn", "Did you mean German (de)?"),
        ("Spannish", "Did you mean Spanish (es)"),
        ("yue", "Did you mean Chinese (zh)?"),
        ("xx", "'xx' is not one of the 99 languages. `panglot languages` lists all."),
        ("auto", "'auto' is not one of the 99 languages."),
        ("", "`panglot languages`"),
        ("en-", "'en-' is not one"),
        ("en;drop", "'en;drop' is not one"),
        ("-US", "'-US' is not one"),
    ],
)
def test_others_are_refused_with_a_hint(value, hint):
    with pytest.raises(LanguageError) as caught:
        normalise(value)
    assert hint in str(caught.value)
