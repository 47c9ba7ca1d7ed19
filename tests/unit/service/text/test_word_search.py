import pytest

from panglot.errors import RequestError
from panglot.service.text.search import flat_words, search
from panglot.testing import make_segment, make_transcript, random_transcript

TRANSCRIPT = make_transcript(
    make_segment("Hopkins said: the air, the AIR!", end=6.0), make_segment("Air quality is 42.", start=10.0, end=14.0)
)


def test_words_phrases_and_numbers():
    found = search(TRANSCRIPT, ["Air", "air the quality", "42", "hopkins said", "nothing"])
    assert [(match.text, match.count, match.indexes) for match in found.matches] == [
        ("air", 3, (3, 5, 6)),
        ("42", 1, (9,)),
        ("hopkins said", 1, (0,)),
    ]
    assert found.total_count == 5
    assert found.matches[0].timestamps[0] == (3000, 4000)
    assert found.matches[2].timestamps == ((0, 2000),)


def test_phrases_cross_segments_and_items_count_once():
    found = search(TRANSCRIPT, ["the air air quality", "THE  AIR", "the air"])
    assert [(match.text, match.indexes) for match in found.matches] == [
        ("the air air quality", (4,)),
        ("the air", (2, 4)),
    ]


def test_languages_without_spaces():
    transcript = make_transcript(make_segment(words=["我", "去", "东", "京", "。", "东京", "好"], language="zh"))
    assert search(transcript, ["东京"]).matches[0].indexes == (2, 5)
    assert search(transcript, ["东京好"]).matches[0].indexes == (5,)


@pytest.mark.parametrize("items", [[], [""], ["a b c d e f"]])
def test_what_cannot_be_searched_for(items):
    with pytest.raises(RequestError):
        search(TRANSCRIPT, items)


@pytest.mark.parametrize("seed", range(10))
def test_indexes_point_at_the_words(seed):
    transcript = random_transcript(seed)
    words = flat_words(transcript)
    found = search(transcript, ["the", "von", "вода", "好", "noon"])
    for match in found.matches:
        assert match.text in [words[index].text.strip(" .,!?。").lower() for index in match.indexes]
    plain = [word.text.strip(" .,!?。").lower() for word in words]
    assert sum(match.count for match in found.matches if match.text == "the") == plain.count("the")
