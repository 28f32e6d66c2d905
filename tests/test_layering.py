"""Arrows between the parts go one way, and the pure core stays pure: read off the imports."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("capabilities", "smadmin", "tests")

_CORE = {"machines"}
_FIELDS = _CORE | {"fields"}
_MODELS = _FIELDS | {"models"}
_CHECKPOINTS = _MODELS | {"checkpoints"}
_AUDITING = _CHECKPOINTS | {"auditing", "request_ids"}
_AUTHORING = _AUDITING | {"authoring"}
_FORMS = _AUTHORING | {"forms"}
_TOP = _FORMS | {"drawing", "deployment", "importing", "sending", "verifying"}

MAY_IMPORT = {
    "machines": _CORE,
    "fields": _FIELDS,
    "models": _MODELS,
    "checkpoints": _CHECKPOINTS,
    "auditing": _AUDITING,
    "authoring": _AUTHORING,
    "forms": _FORMS,
    "views": _TOP | {"views"},
    "admin": _TOP | {"admin"},
    "management": _TOP | {"management"},
    "urls": {"models", "views"},
    # At the side: they look down, and only views, admin and commands look at them.
    "drawing": {"machines", "drawing"},
    "deployment": _MODELS | {"deployment", "drawing"},
    "importing": _AUTHORING | {"importing", "private_copy"},
    "sending": _AUTHORING | {"sending"},
    "verifying": _CHECKPOINTS | {"triggers", "verifying"},
    # What Django asks for by name.
    "apps": {"apps", "deployment"},
    "middleware": {"middleware"},
    "private_copy": {"private_copy"},
    "request_ids": {"request_ids"},
    "triggers": {"triggers"},
    "migrations": {"fields", "machines", "migrations", "triggers"},
    "templatetags": {"machines", "templatetags"},
}

EXCEPTIONS = {
    # An uploaded fixture is read by what wrote it, and so are rows. The readers stay in
    # `deployment`, beside the writers, because the two must agree; storing what was read is a
    # write, so that is authoring.
    "authoring": (
        "capabilities.deployment.fixtures",
        "capabilities.deployment.mapping",
        "capabilities.deployment.row_pages",
    ),
}

# The core has no clock, no chance and no I/O: the same values give the same answer, always.
IMPURE_MODULES = {
    *("datetime", "time", "random", "secrets", "uuid"),
    *("io", "os", "pathlib", "shutil", "socket", "subprocess", "sys", "tempfile", "urllib"),
}
IMPURE_NAMES = {"__import__", "compile", "eval", "exec", "input", "open", "print"}

EMPTY_WORDS = {"utils", "util", "helpers", "helper", "common", "services", "service", "core"}


def imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Every name that a module imports, anywhere in it, in full: `capabilities.models.Term`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            start = [*above, *filter(None, [node.module])] if node.level else [node.module or ""]
            yield from (".".join([*start, alias.name]) for alias in node.names)


def broken_rules(module: str, source: str, *, is_package: bool = False) -> list[str]:
    """What is wrong with a module of this name and text, in words."""
    top, _, rest = module.partition(".")
    part = rest.partition(".")[0]
    package = module if is_package else module.rpartition(".")[0]
    tree = ast.parse(source)
    names = list(imported(tree, package))
    ours = [name for name in names if name.partition(".")[0] in ("capabilities", "smadmin")]
    if top == "smadmin" or not part:
        return [f"{module} imports {name}" for name in ours if not name.startswith("smadmin")]
    if part not in MAY_IMPORT:
        return [f"{module} belongs to no layer"]
    found = []
    for name in ours:
        target = f"{name}.".split(".")[1] if name.startswith("capabilities.") else name
        excepted = tuple(f"{each}." for each in EXCEPTIONS.get(part, ()))
        if target not in MAY_IMPORT[part] and not f"{name}.".startswith(excepted):
            found.append(f"{module} imports {name}")
    if part == "machines":
        found += [f"{module} {reason}" for reason in _impurities(tree, names)]
    return found


def _impurities(tree: ast.Module, names: list[str]) -> Iterator[str]:
    for name in names:
        root = name.partition(".")[0]
        if root in IMPURE_MODULES or root not in {*sys.stdlib_module_names, "capabilities"}:
            yield f"imports {name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in IMPURE_NAMES:
            yield f"uses {node.id}"


def empty_words(path: Path) -> list[str]:
    """The words in a path that name nothing."""
    return [
        word for word in (*path.parts[:-1], path.stem) if word.lower().strip("_") in EMPTY_WORDS
    ]


def modules() -> list[Path]:
    found = [
        path.relative_to(ROOT)
        for folder in ("capabilities", "smadmin")
        for path in ROOT.joinpath(folder).rglob("*.py")
    ]
    return sorted(found)


# -- the project


def test_no_module_imports_against_the_arrows() -> None:
    found = []
    for path in modules():
        is_package = path.stem == "__init__"
        parts = path.parent.parts if is_package else path.with_suffix("").parts
        source = ROOT.joinpath(path).read_text(encoding="utf-8")
        found += broken_rules(".".join(parts), source, is_package=is_package)
    assert found == []


def test_the_rules_are_read_off_every_layer_that_has_been_written() -> None:
    parts = {path.parts[1].removesuffix(".py") for path in modules() if path.parts[0] != "smadmin"}
    assert parts - {"__init__"} <= MAY_IMPORT.keys()
    assert {"machines", "fields", "models", "auditing", "authoring", "deployment"} <= parts


def test_nothing_has_a_name_that_says_nothing() -> None:
    paths = [p.relative_to(ROOT) for folder in FOLDERS for p in ROOT.joinpath(folder).rglob("*.py")]
    assert {str(path): empty_words(path) for path in paths if empty_words(path)} == {}


# -- the rules themselves: each is broken here on purpose


@pytest.mark.parametrize(
    ("module", "source", "broken"),
    [
        ("machines.diff", "from ..fields import x", "fields.x"),
        ("machines.formats.xstate", "from ...models import Term", "models.Term"),
        ("fields", "from .models import Term", "models.Term"),
        ("fields", "from . import models", "models"),
        ("fields", "import capabilities.models", "models"),
        ("models.audit", "from ..auditing import Author", "auditing.Author"),
        ("models.audit", "from capabilities import auditing", "auditing"),
        (
            "models.audit",
            "def f():\n    from ..authoring.notes import note",
            "authoring.notes.note",
        ),
        ("auditing", "from .authoring import notes", "authoring.notes"),
        ("authoring.notes", "from ..forms import F", "forms.F"),
        ("authoring.notes", "if TYPE_CHECKING:\n    from ..views import v", "views.v"),
        ("authoring.notes", "from ..deployment import pages", "deployment.pages"),
        (
            "authoring.notes",
            "from ..deployment.fixtures_of_others import x",
            "deployment.fixtures_of_others.x",
        ),
        ("forms.notes", "from ..views.notes import v", "views.notes.v"),
        ("forms.notes", "from ..deployment import fixtures", "deployment.fixtures"),
        ("views.notes", "from ..admin import A", "admin.A"),
        ("views.notes", "from ..management.commands import up", "management.commands.up"),
        ("management.commands.up", "from ...views import v", "views.v"),
        ("drawing", "from .models import Term", "models.Term"),
        ("drawing", "from .deployment import x", "deployment.x"),
        ("deployment.fixtures", "from ..authoring import notes", "authoring.notes"),
        ("deployment.fixtures", "from ..auditing import recorded", "auditing.recorded"),
        ("deployment.fixtures", "from ..forms import F", "forms.F"),
        ("models.registry", "from ..deployment import fixtures", "deployment.fixtures"),
    ],
)
def test_an_import_against_the_arrows_is_found(module: str, source: str, broken: str) -> None:
    name = f"capabilities.{module}"
    assert broken_rules(name, source) == [f"{name} imports capabilities.{broken}"]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "machines.diff",
            "import re\nfrom collections.abc import Sequence\nfrom .machine import Key",
        ),
        ("machines.formats.xstate", "from ..machine import Machine"),
        ("fields", "from django.db import models\nfrom .machines.machine import Action"),
        ("models.audit", "import os\nfrom ..fields import NameField"),
        ("auditing", "from datetime import datetime\nfrom .models import AuditEntry"),
        ("authoring.imports", "from ..deployment import fixtures\nfrom . import terms"),
        ("authoring.imports", "from ..deployment.fixtures import read"),
        ("forms.notes", "from ..authoring import notes\nfrom ..models import Note"),
        ("views.notes", "from ..drawing import draw\nfrom ..deployment import x\nfrom . import y"),
        ("admin", "from .authoring import notes"),
        ("management.commands.up", "from ...authoring import imports\nfrom ..base import C"),
        ("drawing", "import graphviz\nfrom .machines.diagram import Diagram"),
        ("deployment.fixtures", "from ..models import Term\nfrom .selection import Selection"),
        ("deployment.machine_files", "from ..drawing import draw"),
    ],
)
def test_an_import_along_the_arrows_is_allowed(module: str, source: str) -> None:
    assert broken_rules(f"capabilities.{module}", source) == []


def test_imports_of_a_package_are_read_from_where_the_package_stands() -> None:
    assert broken_rules("capabilities.models", "from . import audit", is_package=True) == []
    assert broken_rules("capabilities.models", "from .. import forms", is_package=True) == [
        "capabilities.models imports capabilities.forms"
    ]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import django", "imports django"),
        ("from django.db import models", "imports django.db.models"),
        ("import graphviz", "imports graphviz"),
        ("import time", "imports time"),
        ("from datetime import UTC", "imports datetime.UTC"),
        ("import random", "imports random"),
        ("import os.path", "imports os.path"),
        ("def f():\n    from pathlib import Path", "imports pathlib.Path"),
        ("open('x')", "uses open"),
        ("read = open", "uses open"),
        ("eval('1')", "uses eval"),
        ("print('x')", "uses print"),
    ],
)
def test_an_impurity_in_the_core_is_found(source: str, reason: str) -> None:
    assert broken_rules("capabilities.machines.runs", source) == [
        f"capabilities.machines.runs {reason}"
    ]
    assert broken_rules("capabilities.views.runs", source) == []


def test_the_project_s_own_package_names_its_parts_in_settings_and_imports_none() -> None:
    assert broken_rules("smadmin.urls", "from smadmin import settings") == []
    assert broken_rules("smadmin.urls", "from capabilities.views import v") == [
        "smadmin.urls imports capabilities.views.v"
    ]
    assert broken_rules("capabilities.views.v", "from smadmin import settings") == [
        "capabilities.views.v imports smadmin.settings"
    ]


def test_a_module_outside_of_every_layer_is_found() -> None:
    assert broken_rules("capabilities.magic.spells", "") == [
        "capabilities.magic.spells belongs to no layer"
    ]


@pytest.mark.parametrize(
    "path", ["a/utils.py", "core/x.py", "a/_helpers.py", "Services/__init__.py"]
)
def test_a_name_that_says_nothing_is_found(path: str) -> None:
    assert len(empty_words(Path(path))) == 1


@pytest.mark.parametrize("path", ["a/scores.py", "commonest/x.py", "machines/__init__.py"])
def test_a_name_that_only_sounds_like_one_is_not(path: str) -> None:
    assert empty_words(Path(path)) == []
