import pytest

from panglot.diarization import SpeakerBounds
from panglot.errors import OptionError


@pytest.mark.parametrize(("minimum", "maximum"), [(0, None), (-1, 3), (3, 2), (1, 0)])
def test_impossible_bounds(minimum, maximum) -> None:
    with pytest.raises(OptionError, match="give"):
        SpeakerBounds(minimum=minimum, maximum=maximum)


@pytest.mark.parametrize(
    ("bounds", "count", "nearest"),
    [
        (SpeakerBounds(), 7, 7),
        (SpeakerBounds(minimum=3), 2, 3),
        (SpeakerBounds(maximum=4), 7, 4),
        (SpeakerBounds(minimum=2, maximum=2), 1, 2),
    ],
)
def test_the_nearest_allowed_number(bounds, count, nearest) -> None:
    assert bounds.nearest(count) == nearest
