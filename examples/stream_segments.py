"""Load a model once, and print the segments of several recordings while they are being made.

python examples/stream_segments.py tests/data/english.flac tests/data/german.flac
"""

import sys

import panglot


def main() -> None:
    """Print segments as they come."""
    with panglot.load("base") as model:
        print(model.compute_reason)
        for path in sys.argv[1:]:
            with model.stream(path) as segments:
                for segment in segments:
                    print(f"{path} {segment.start:7.2f} {segment.language} {segment.text}", flush=True)


if __name__ == "__main__":
    main()
