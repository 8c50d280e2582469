"""What a string is for, as far as the code around it tells."""

from __future__ import annotations

import ast

import pytest

from migration.python.mentions import mentions
from migration.python.source_file import SourceFile
from migration.python.string_roles import calls, strings

ROLES = {
    "": (
        *("'X'", "x = 1; 'X'.y", "f(a, 'X')", "f('X')", "x = 'X'", "d['X']", "{'name': 'X'}", "{'X': 1}", "x == 'X'"),
        *("LOCAL_APPS = ['X']", "OTHER = ['X']\nINSTALLED_APPS = [*A]", "modify_settings(A={'append': 'X'})"),
        *("import_string(a, 'X')", "f(import_string=lambda: 'X')", "getLogger(f('X'))", "x.get('X')", "f'{f(\"X\")}'"),
        *("['-m', 'X']", "['pytest', '-m', 'X']", "f('-k', 'X')", "find(include=['X'])", "class A(B):\n    name = 'X'"),
    ),
    "path": (
        *("import_string('X')", "m.import_module('X')", "patch('X')", "mock.patch.dict('X')", "Thread(target='X')"),
        *("[sys.executable, '-m', 'X']", "run('/usr/bin/python3', '-u', '-m', 'X')", "call_command('--settings', 'X')"),
        *("files('X') / 'a'", "pkgutil.get_data('X', 'a')", "PackageLoader('X')", "setup(packages=['X'])"),
        *("setup(package_data={'X': ['a']})", "find_packages(include=['X'])", "__import__('X', fromlist=['a'])"),
        *("{'class': 'X'}", "{'()': 'X'}", "sys.modules['X']", "pytest_plugins = ['X']", "@patch('X')\ndef f(): ..."),
    ),
    "top path": ("__import__('X')", "a = __import__('X', globals())"),
    "app": (
        *("class C(AppConfig):\n    name = 'X'", "class C(apps.AppConfig):\n    name: str = 'X'"),
        *("INSTALLED_APPS = ['X']", "INSTALLED_APPS += ('X',)", "INSTALLED_APPS = a + ['X' if b else c]"),
        *("INSTALLED_APPS.append('X')", "INSTALLED_APPS.insert(0, 'X')", "settings.INSTALLED_APPS.remove('X')"),
        *("LOCAL_APPS = ['X']\nINSTALLED_APPS = DJANGO_APPS + LOCAL_APPS", "A: list[str] = ['X']\nINSTALLED_APPS += list(A)"),
        *("A = ('X',)\nINSTALLED_APPS = [*A, 'y']", "if 'X' in settings.INSTALLED_APPS: ...", "apps.is_installed('X')"),
        *("override_settings(INSTALLED_APPS=['X'])", "modify_settings(INSTALLED_APPS={'append': 'X'})"),
    ),
    "task": (
        *("send_task('X')", "app.tasks['X']", "app.tasks.get('X')", "task.name == 'X'", "@task(name='X')\ndef f(): ..."),
        *("{'task': 'X'}", "CELERY_TASK_ROUTES = {'X': q}", "task_name.startswith('X')", "f(task_routes={'X': 1})"),
    ),
    "logger": ("getLogger('X')", "self.assertLogs('X')", "{'loggers': {'X': {}}}", "assertLog(logger='X')"),
    "type": ("cast('X', y)", "TypeVar('T', bound='X')"),
}


@pytest.mark.parametrize(("role", "text"), [(role, text) for role, texts in ROLES.items() for text in texts])
def test_roles(role: str, text: str) -> None:
    source = SourceFile("a.py", text.encode(), "a")
    found = {
        node.value: own for node, own in strings(source, mentions(source, ["X"])) if isinstance(node, ast.Constant)
    }
    assert found.get("X", "") == role


def test_docstrings_imports_and_other_lines_are_left_out() -> None:
    source = SourceFile("a.py", b"'''X'''\nimport X\ny = b'X'\nz = 'other'\nf('X', 'near')\n", "a")
    found = [ast.literal_eval(node) for node, _ in strings(source, mentions(source, ["X"]))]
    assert sorted(found) == ["X", "near"]


def test_calls() -> None:
    source = SourceFile("a.py", b"a(1)\nX(b(), f'{c()}')\n@X.d()\ndef f():\n    e()\n", "a")
    found = [ast.unparse(call.func) for call in calls(source, mentions(source, ["X"]))]
    assert sorted(found) == ["X", "X.d", "b"]
