"""``python -m panglot`` is the command ``panglot``."""

from panglot.cli import main

if __name__ == "__main__":
    main()
