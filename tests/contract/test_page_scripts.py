"""The page's modules: their own tests, their types, and what a strict policy or a hostile name would break."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WEB = ROOT / "src" / "panglot" / "web"
CHECKS = ROOT / "tests" / "web"
COMPILER = CHECKS / "node_modules" / "typescript" / "bin" / "tsc"
FORMATTER = CHECKS / "node_modules" / "prettier" / "bin" / "prettier.cjs"
SCRIPTS = sorted((WEB / "js").rglob("*.js"))
OLDEST_NODE = (20, 19)
"""The first that reads modules without being told that they are some."""


def node() -> str:
    found = shutil.which("node")
    if found is None:
        pytest.skip("there is no node on this machine")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < OLDEST_NODE:
        pytest.skip(f"node {version.strip()} is older than {OLDEST_NODE[0]}.{OLDEST_NODE[1]}")
    return found


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=CHECKS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_modules_pass_their_own_tests() -> None:
    run(node(), "--test", *(str(each) for each in sorted((CHECKS / "unit").rglob("*.test.js"))))


def test_the_modules_have_the_types_they_say() -> None:
    program = node()
    if not COMPILER.is_file():
        pytest.skip("TypeScript is not installed: run `npm ci` in tests/web")
    run(program, str(COMPILER), "--project", "tsconfig.json")


def test_the_modules_are_formatted() -> None:
    program = node()
    if not FORMATTER.is_file():
        pytest.skip("Prettier is not installed: run `npm ci` in tests/web")
    tests = sorted((CHECKS / "unit").rglob("*.js"))
    run(program, str(FORMATTER), "--config", "prettier.json", "--check", *(str(each) for each in [*SCRIPTS, *tests]))


def test_no_line_of_a_module_is_too_long() -> None:
    """Comments are what a formatter leaves as they are."""
    long = [(each.name, line) for each in SCRIPTS for line in each.read_text("utf-8").splitlines() if len(line) > 120]
    assert not long


def test_no_module_reads_text_as_html_or_code() -> None:
    forbidden = re.compile(
        r"\b(?:innerHTML|outerHTML|insertAdjacentHTML|setHTMLUnsafe|parseFromString|createContextualFragment"
        r"|document\.write|eval|new Function|srcdoc|cssText)\b|\.setAttribute\(\s*[\"']style"
    )
    found = {each.name: forbidden.findall(each.read_text("utf-8")) for each in SCRIPTS}
    assert SCRIPTS and not any(found.values()), found


def test_modules_import_only_what_is_in_the_package() -> None:
    missing = [(each.name, target) for each in SCRIPTS for target in imports(each) if not is_packaged(each, target)]
    assert SCRIPTS and not missing


def imports(script: Path) -> list[str]:
    code = re.sub(r"/\*.*?\*/", "", script.read_text("utf-8"), flags=re.DOTALL)
    return re.findall(
        r"(?:^import\b[^\"';(]*|^export\b[^\"';(]*\bfrom\s*|\bimport\()[\"']([^\"']+)[\"']", code, flags=re.MULTILINE
    )


def is_packaged(script: Path, target: str) -> bool:
    return target.startswith(".") and (script.parent / target).resolve().is_file()


def test_the_document_has_nothing_inline_and_nothing_from_elsewhere() -> None:
    document = (WEB / "index.html").read_text("utf-8")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", document)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", document)
    addresses = re.findall(r"(?:src|href)=\"/assets/([^\"]+)\"", document)
    assert addresses and all((WEB / each).is_file() for each in addresses)


@pytest.mark.parametrize("sheet", sorted(WEB.glob("*.css")), ids=lambda each: each.name)
def test_styles_load_nothing(sheet: Path) -> None:
    assert not re.search(r"@import|url\(", sheet.read_text("utf-8"))
