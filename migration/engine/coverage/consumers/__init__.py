"""One file for each kind of tool that is told which files to take. This is the whole list.

A member is loaded when the first of its files is met: what it is looked for by stands in its line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from migration.engine.coverage.values import Consumer, Context, Group


@dataclass(frozen=True)
class Kind:
    """A member of the family.

    :param name: its module, which offers ``groups``.
    :param reads: the files that it reads: a name (``setup.cfg``), a start or end of names with a star
        (``Dockerfile*``, ``*.sh``), or a directory at the top (``.github/``).
    :param needles: byte strings for which Python files count, too, that hold one.
    :param words: it has nothing to say of a file that holds none of them; none: it asks for none.
    """

    name: str
    reads: tuple[str, ...]
    needles: tuple[bytes, ...] = ()
    words: tuple[str, ...] = ()

    def groups(self, path: str, text: str, context: Context) -> Sequence[Group]:
        """The entries of one file.

        :raises ValueError: if the file can't be read as what it is (SyntaxError, if it is Python).
        """
        if self.words and not any(word in text for word in self.words):
            return ()
        member = import_module(f"{__name__}.{self.name}")
        found: Sequence[Group] = member.groups(path, text, context)
        return found


CONSUMERS: tuple[Consumer, ...] = (
    Kind("pytest_collection", ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "pyproject.toml",
         "tox.ini", "setup.cfg"),
         words=("pytest",)),
    Kind("conftests", ("conftest.py",)),
    Kind("mypy_settings", ("mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg", "tox.ini",
         "pyrightconfig.json"),
         words=("mypy", "clude", "strict", "ignore")),
    Kind("linters", ("pyproject.toml", "ruff.toml", ".ruff.toml", "setup.cfg", "tox.ini", ".flake8",
         ".isort.cfg", ".pylintrc", "pylintrc", ".bandit"),
         words=("ruff", "flake8", "black", "isort", "pylint", "bandit", "lint", "ignore", "clude", "settings")),
    Kind("nearest_settings", ("ruff.toml", ".ruff.toml", "pyproject.toml", ".editorconfig", ".eslintrc*",
         "eslint.config*", ".prettierrc*", "prettier.config*", ".stylelintrc*", "stylelint.config*",
         "tsconfig.json", ".markdownlint*", "biome.json*", ".clang-format")),
    Kind("coverage_settings", (".coveragerc", "pyproject.toml", "setup.cfg", "tox.ini", ".codecov.yml",
         "codecov.yml", ".codecov.yaml", "codecov.yaml", "sonar-project.properties"),
         words=("coverage", "source", "omit", "include", "ignore", "paths", "sonar")),
    Kind("setuptools_packages", ("pyproject.toml", "setup.cfg"),
         words=("setuptools", "[options", "[files]")),
    Kind("setup_script", ("setup.py",)),
    Kind("source_manifest", ("MANIFEST.in",)),
    Kind("build_backends", ("pyproject.toml", "hatch.toml"),
         words=("hatch", "poetry", "flit", "pdm", "uv.build", "[build")),
    Kind("import_contracts", (".importlinter", "setup.cfg", "pyproject.toml", "tach.toml"),
         words=("importlinter", "source_roots", "modules")),
    Kind("loggers", ("*.ini", "*.cfg", "*.conf", "*.yml", "*.yaml", "*.json", "*.toml"), (b"'loggers'",
         b'"loggers"', b"getLogger('", b'getLogger("'),
         words=("loggers", "getLogger(")),
    Kind("package_scans", (), (b".scan(", b"beartype_package", b"install_import_hook", b".wire(",
         b"in_app_include", b"in_app_exclude", b"find_modules(", b"packages_to_scan", b"include_packages",
         b"instrument_packages"), words=(".scan(", "beartype_package", "install_import_hook", ".wire(", "in_app_",
         "find_modules(", "packages")),
    Kind("message_extraction", ("babel.cfg", "babel.ini", "babel-mapping*")),
    Kind("dockerfiles", ("Dockerfile*", "Containerfile*", "*.Dockerfile", "*.dockerfile")),
    Kind("compose_files", ("docker-compose*", "compose*", "*.compose.yml", "*.compose.yaml"),
         words=("services",)),
    Kind("ci_filters", (".github/", ".gitlab-ci.yml", ".gitlab-ci.yaml", ".gitlab/", "azure-pipelines*",
         ".azure-pipelines/", "bitbucket-pipelines.yml", ".circleci/", ".semaphore/", ".woodpecker/",
         ".woodpecker.yml", ".drone.yml", "cloudbuild.yaml", ".buildkite/", "renovate.json", "mergify.yml",
         ".mergify.yml")),
    Kind("commit_hooks", (".pre-commit-config.yaml", ".pre-commit-config.yml", "package.json",
         ".lintstagedrc.json", ".lintstagedrc", "lefthook.yml", ".lefthook.yml")),
    Kind("command_lines", ("Makefile*", "makefile", "GNUmakefile", "*.mk", "*.sh", "*.bash", "*.zsh",
         "justfile", "Justfile", "Taskfile*", "Procfile*", "tox.ini", "pyproject.toml", "package.json",
         "noxfile.py", "tasks.py", "fabfile.py", "Dockerfile*", ".github/", ".gitlab-ci.yml", ".gitlab/",
         ".circleci/", ".buildkite/", "azure-pipelines*", "bitbucket-pipelines.yml", ".pre-commit-config.yaml",
         "bin/", "scripts/", "script/", "ci/", "docker-compose*", "compose*", ".travis.yml")),
    Kind("ignore_files", ("*.gitignore", "*.dockerignore", "*.containerignore", "*.prettierignore",
         "*.eslintignore", "*.npmignore", "*.helmignore", "*.gcloudignore", "*.slugignore", "*.stylelintignore",
         "*.semgrepignore", "*.vercelignore", "*.cfignore", "*.ebignore", "*.ignore", "*.rgignore",
         "*.markdownlintignore")),
    Kind("git_attributes", (".gitattributes",)),
    Kind("codeowners", ("CODEOWNERS",)),
)  # fmt: skip
NEEDLES = tuple(sorted({needle for consumer in CONSUMERS for needle in consumer.needles}))
