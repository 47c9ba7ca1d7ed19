"""Write subtitles beside each recording, as SubRip for players and as WebVTT for web pages.

python examples/subtitles.py film.mp4
"""

import sys
from pathlib import Path

import panglot


def main() -> int:
    """Write two files for each recording; one that cannot be read does not stop the others."""
    failed = 0
    with panglot.load("base") as model:
        for path in map(Path, sys.argv[1:]):
            try:
                transcript = model.transcribe(path)
                transcript.save(path.with_suffix(".srt"))
                transcript.save(path.with_suffix(".vtt"), max_line_length=32)
            except panglot.PanglotError as error:
                print(f"{path}: {error}", file=sys.stderr)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
