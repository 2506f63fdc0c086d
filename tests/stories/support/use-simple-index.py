"""Has Poetry projects ask the simple index that pip asks, instead of PyPI's own interface, which mirrors do not have.

The projects name no index, as most people's do not. Usage: use-simple-index.py PROJECT...
"""

import hashlib
import json
import os
import re
import sys
import tomllib
from pathlib import Path

from pip._internal.models.index import PyPI

URL = os.environ.get("PIP_INDEX_URL") or PyPI.simple_url


def content_hash(text: str) -> str:
    """As Poetry computes it (poetry/packages/locker.py), for a project without a [project] table."""
    content = tomllib.loads(text)["tool"]["poetry"]
    relevant = {key: content.get(key) for key in ("dependencies", "source", "extras", "dev-dependencies")}
    if "group" in content:
        relevant["group"] = content["group"]
    return hashlib.sha256(json.dumps(relevant, sort_keys=True).encode()).hexdigest()


def main() -> None:
    for project in map(Path, sys.argv[1:]):
        settings, lock = project / "pyproject.toml", project / "poetry.lock"
        text, locked = settings.read_text(), lock.read_text()
        if f'content-hash = "{content_hash(text)}"' not in locked:
            sys.exit(f"{lock} does not belong to {settings}")
        changed = f'{text}\n[[tool.poetry.source]]\nname = "simple"\nurl = "{URL}/"\npriority = "primary"\n'
        source = f'\n[package.source]\ntype = "legacy"\nurl = "{URL}"\nreference = "simple"\n'
        locked = re.sub(r"(?=\n\[\[package\]\]|\n\[metadata\])", source, locked)
        # The first of them stands before the first package.
        locked = locked.replace(source, "", 1).replace(content_hash(text), content_hash(changed))
        settings.write_text(changed)
        lock.write_text(locked)


main()
