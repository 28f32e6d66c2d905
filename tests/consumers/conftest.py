"""The consumers in JavaScript: one process of node that answers all tests."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parent

Ask = Callable[..., Any]
"""Has an export read: `ask("mermaid", text)` says what Mermaid found in it."""


@pytest.fixture(scope="session")
def ask() -> Iterator[Ask]:
    node = shutil.which("node")
    reason = (
        "node is not installed"
        if node is None
        else "its packages are not there: npm ci --prefix tests/consumers --ignore-scripts"
        if not (FOLDER / "node_modules").is_dir()
        else ""
    )
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if node is None or reason:
        pytest.skip(reason)
    with subprocess.Popen(
        [node, "read.mjs"], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        encoding="utf-8",
    ) as process:  # fmt: skip
        questions, answers = process.stdin, process.stdout
        assert questions is not None
        assert answers is not None

        def asked(format_name: str, text: str, **more: Any) -> Any:
            question = {"format": format_name, "text": text, **more}
            questions.write(f"{json.dumps(question)}\n")
            questions.flush()
            return json.loads(answers.readline())

        yield asked
        questions.close()
        process.wait(10)
