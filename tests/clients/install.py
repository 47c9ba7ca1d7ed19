"""Install other people's clients, each in an environment of its own under build/clients, for the tests that run them.

What is there already, with the pins of today, is left alone. Needed: the package index, and for the clients of Node
also node, npm and the npm registry.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).parent
CLIENTS = HERE.parents[1] / "build" / "clients"
NODE = "node"
STAMP = "installed.txt"
"""Holds the hash of the pins that an environment was made with; written last."""


def main() -> None:
    """Install what was asked for, or everything; say what could not be."""
    names = [*sorted(path.stem for path in HERE.glob("*.txt")), NODE]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(names)}; all if none is given")
    chosen = parser.parse_args().names or names
    unknown = set(chosen) - set(names)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    failed = [name for name in chosen if not _install(name)]
    if failed:
        raise SystemExit(f"not installed: {', '.join(failed)}; tests that need them are skipped")


def missing(name: str) -> str | None:
    """Return why an environment cannot be used, None where it can."""
    if name == NODE and shutil.which("node") is None:
        return "there is no node on the PATH"
    if _stamp(name).exists() and _stamp(name).read_text() == _pins(name):
        return None
    return f"build/clients/{name} is not there or out of date: python tests/clients/install.py {name}"


def _install(name: str) -> bool:
    if missing(name) is None:
        print(f"{name}: there")
        return True
    if name == NODE and (shutil.which("node") is None or shutil.which("npm") is None):
        print(f"{name}: there is no node or no npm on the PATH")
        return False
    folder = CLIENTS / name
    shutil.rmtree(folder, ignore_errors=True)
    try:
        (_install_node if name == NODE else _install_python)(folder)
    except subprocess.CalledProcessError as error:
        print(f"{name}: {error}")
        return False
    _stamp(name).write_text(_pins(name))
    print(f"{name}: installed")
    return True


def _install_python(folder: Path) -> None:
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(folder / "bin" / "python")]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--requirement", HERE / f"{folder.name}.txt"], check=True)


def _install_node(folder: Path) -> None:
    folder.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / NODE / name, folder)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=folder, check=True)


def _stamp(name: str) -> Path:
    return CLIENTS / name / STAMP


def _pins(name: str) -> str:
    path = HERE / NODE / "package-lock.json" if name == NODE else HERE / f"{name}.txt"
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
