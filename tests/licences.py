#!/usr/bin/env python3
"""Fails when a dependency is under a licence that is not permissive.

Reads `cargo metadata`; an SPDX expression passes when one of its OR branches
needs only licences of the list. Each exception gives its reason.
"""
import json
import re
import subprocess
import sys

PERMISSIVE = {
    "MIT", "MIT-0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause",
    "BSD-3-Clause", "BSD-1-Clause", "ISC", "Zlib", "0BSD", "Unlicense", "CC0-1.0", "BSL-1.0",
    "Unicode-3.0", "Unicode-DFS-2016", "NCSA", "bzip2-1.0.6", "Ubuntu-font-1.0", "OFL-1.1",
    "CDLA-Permissive-2.0",
}
# Crate: reason.
EXCEPTIONS = {
    "cssparser": "MPL-2.0, file-level copyleft; used unchanged through scraper",
    "cssparser-macros": "MPL-2.0, file-level copyleft; used unchanged through scraper",
    "dtoa-short": "MPL-2.0, file-level copyleft; used unchanged through scraper",
    "selectors": "MPL-2.0, file-level copyleft; used unchanged through scraper",
    "option-ext": "MPL-2.0, file-level copyleft; used unchanged",
    "webdriver": "MPL-2.0, file-level copyleft; used unchanged, in tests only",
}


def permissive(expression):
    """Whether an SPDX expression can be met by licences of the list alone."""
    words = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    logic, last = [], None
    for word in words:
        if word in ("(", ")"):
            logic.append(word)
        elif word in ("AND", "OR"):
            logic.append(word.lower())
        elif word == "WITH":
            logic.pop()
        elif logic and last == "WITH":
            logic.append(str(f"{before} WITH {word}" in PERMISSIVE))
        else:
            before = word
            logic.append(str(word in PERMISSIVE))
        last = word
    # Nothing is left in it but True, False, and, or and parentheses.
    return bool(logic) and eval(" ".join(logic))  # noqa: S307


def main():
    """Lists what does not pass; exit code 1 when there is any."""
    text = subprocess.run(
        ["cargo", "metadata", "--format-version", "1", "--locked"],
        check=True, capture_output=True, text=True,
    ).stdout
    packages = json.loads(text)["packages"]
    bad = [
        f"{p['name']} {p['version']}: {p.get('license') or 'no licence stated'}"
        for p in packages
        if p["name"] not in EXCEPTIONS and not permissive(p.get("license") or "")
    ]
    for line in sorted(bad):
        print(f"not permissive: {line}")
    print(f"{len(packages)} packages, {len(bad)} not permissive")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
