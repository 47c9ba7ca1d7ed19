"""Events as lines."""

from panglot.server.sse import ALIVE, event


def test_an_event_is_one_line_of_data_whatever_it_holds() -> None:
    assert (
        event({"text": "a\nb é"}, name="progress", id="7")
        == 'event: progress\nid: 7\ndata: {"text": "a\\nb é"}\n\n'.encode()
    )


def test_a_string_is_sent_as_it_is() -> None:
    assert event("[DONE]") == b"data: [DONE]\n\n"


def test_the_heartbeat_is_a_comment() -> None:
    assert ALIVE.startswith(b":")
    assert ALIVE.endswith(b"\n\n")
