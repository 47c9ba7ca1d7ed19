import pytest

from panglot.service.text.profanity import LANGUAGES, mask_profanity
from panglot.testing import make_segment, make_transcript


def masked(text, language="en"):
    return mask_profanity(make_transcript(make_segment(text, language=language))).text


@pytest.mark.parametrize(
    ("language", "text", "clean"),
    [
        ("en", "What the FUCK, you motherfucking shithead!", "What the F***, you m************ s*******!"),
        ("de", "So eine Scheiße, Arschloch.", "So eine S******, A********."),
        ("es", "¡Mierda, qué cabrón!", "¡M*****, qué c*****!"),
        ("fr", "Putain, quel connard.", "P*****, quel c******."),
        ("it", "Che cazzo, stronzo!", "Che c****, s******!"),
        ("nl", "Godverdomme, wat een klootzak.", "G**********, wat een k*******."),
        ("pl", "Kurwa, spierdalaj.", "K****, s*********."),
        ("pt", "Caralho, que merda.", "C******, que m****."),
        ("ru", "Блядь, пошёл нахуй.", "Б****, пошёл н****."),
    ],
)
def test_the_first_letter_stays(language, text, clean):
    assert masked(text, language) == clean


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Scunthorpe, a class act: snigger, assess, shiitake, Dick and the cockpit."),
        ("de", "Der Arschinskij und die Zwicker dicken an."),
        ("es", "La computadora, el putter y la disputa."),
        ("fr", "Le concert, la bitume et les dépûtés."),
        ("it", "Lo stronzio e lo zoccolo di Troia."),
        ("nl", "De eikel van de eik, en kanker is een ziekte."),
        ("pl", "Ciotka ma duplikat i pieprz."),
        ("pt", "Uma cerveja e um cuco no disputado mercado."),
        ("ru", "Ребёнок колебался, потребление, мандат, команда, рубля."),
        ("ja", "fuck"),
    ],
)
def test_harmless_words_stay(language, text):
    assert masked(text, language) == text


def test_the_languages_are_the_nine_that_are_documented():
    assert LANGUAGES == ("de", "en", "es", "fr", "it", "nl", "pl", "pt", "ru")
