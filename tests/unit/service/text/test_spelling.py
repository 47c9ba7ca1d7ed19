from panglot.service.requests import Spelling
from panglot.service.text.spelling import respell
from panglot.testing import make_segment, make_transcript


def respelled(text, *spellings, language="en", words=None):
    segment = make_segment(text, language=language, words=words)
    given = [Spelling(sources=tuple(sources), target=target) for sources, target in spellings]
    return respell(make_transcript(segment), given)


def test_any_case_and_the_punctuation_around_stays():
    made = respelled("«sequel» or SEQUEL, but not sequels.", (["Sequel"], "SQL"))
    assert made.text == "«SQL» or SQL, but not sequels."


def test_several_words_become_one_over_their_time():
    made = respelled("I use k eight s daily.", (["K eight S", "kates"], "K8s"))
    (word,) = [word for word in made.segments[0].words if "K8s" in word.text]
    assert made.text == "I use K8s daily."
    assert (word.text, word.start, word.end) == (" K8s", 0.8, 2.0)


def test_the_longest_source_wins_and_targets_are_not_changed_again():
    made = respelled("open ai and ai", (["ai"], "AI"), (["open ai"], "OpenAI"), (["OpenAI"], "no"))
    assert made.text == "OpenAI and AI"


def test_sources_are_plain_text_and_not_patterns():
    assert respelled("a.b axb c++", (["a.b"], "1"), (["c++"], "2")).text == "1 axb 2"


def test_other_languages():
    assert respelled("Die Strasse heißt so.", (["strasse"], "Straße"), language="de").text == "Die Straße heißt so."
    made = respelled("", (["东京"], "東京"), language="zh", words=["我", "去", "东", "京", "。"])
    assert [word.text for word in made.segments[0].words] == ["我", "去", "東京", "。"]


def test_letters_that_only_look_alike_stay():
    assert respelled("ſet", (["set"], "x")).text == "ſet"


def test_a_segment_without_words_keeps_having_none():
    made = respelled("hello wrold", (["wrold"], "world"), words=[])
    assert (made.segments[0].text, made.segments[0].words) == ("hello world", ())
