from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.django_projects import PYTHON
from tests.outside import act, sink


def has(*modules: str) -> bool:
    """Whether the interpreter of the projects can import these modules."""
    code = "import importlib, sys, django.conf; django.conf.settings.configure(); [*map(importlib.import_module, sys.argv[1:])]"
    return subprocess.run([PYTHON, "-c", code, *modules], capture_output=True, check=False).returncode == 0


VERSION = subprocess.run([PYTHON, "-m", "django", "--version"], capture_output=True, text=True, check=True).stdout
DJANGO = tuple(map(int, VERSION.split(".")[:2]))


# ---- mail


SEND = """\
from django.core import mail
from django.core.mail import EmailMessage, get_connection, mail_admins, send_mail, send_mass_mail
from django.core.mail.backends import console, filebased, smtp

send_mail("one", "text", "from@example.com", ["to@example.com"])
send_mass_mail([("two", "text", "from@example.com", ["to@example.com"])])
mail_admins("three", "text")
EmailMessage("four", "text", "from@example.com", ["to@example.com"]).send()
{more}
value = [message.subject.rpartition(" ")[2] for message in mail.outbox]
"""
BY_NAME = """\
for number, made in enumerate((
    get_connection("django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=PORT),
    get_connection("anymail.backends.mailgun.EmailBackend"),
    smtp.EmailBackend(host="127.0.0.1", port=PORT),
    filebased.EmailBackend(file_path="mails"),
    console.EmailBackend(),
)):
    made.send_messages([EmailMessage(f"made{number}", "text", "from@example.com", ["to@example.com"])])
"""


@pytest.mark.parametrize("settings", [
    "EMAIL_HOST = '127.0.0.1'\nEMAIL_PORT = PORT\n",
    "EMAIL_BACKEND = 'django.core.mail.backends.filebased.EmailBackend'\nEMAIL_FILE_PATH = 'mails'\n",
    "EMAIL_BACKEND = 'mails.Backend'\n",
    "EMAIL_BACKEND = 'anymail.backends.mailgun.EmailBackend'\nANYMAIL = {'MAILGUN_API_KEY': 'x'}\n",
], ids=["smtp", "file", "own", "not installed"])
def test_mail(tmp_path: Path, settings: str) -> None:
    with sink(b"220 ready\r\n") as server:
        port = f"PORT = {server.port}\nADMINS = [('a', 'admin@example.com')]\n"
        own = {"mails.py": "from django.core.mail.backends.base import BaseEmailBackend\n\n\nclass Backend(BaseEmailBackend):\n"
                           "    def send_messages(self, messages):\n        raise SystemExit('sent')\n"}
        outcome = act(tmp_path, SEND.format(more=f"PORT = {server.port}\n" + BY_NAME), port + settings, own)
    assert outcome.value == ["one", "two", "three", "four", "made0", "made1", "made2", "made3", "made4"]
    assert (server.lines, outcome.refused) == ([], ()) and not (tmp_path / "mails").exists()


@pytest.mark.skipif(not has("django.core.mail.handler"), reason="MAILERS came with Django 6.1")
def test_mailers(tmp_path: Path) -> None:
    with sink(b"220 ready\r\n") as server:
        outcome = act(tmp_path, SEND.format(more="EmailMessage('five', 'x', 'f@example.com', ['t@example.com']).send(using='bulk')\n"), f"""
            ADMINS = ["admin@example.com"]
            MAILERS = {{
                "default": {{"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {{"host": "127.0.0.1", "port": {server.port}}}}},
                "bulk": {{"BACKEND": "django.core.mail.backends.filebased.EmailBackend", "OPTIONS": {{"file_path": "mails"}}}},
            }}
        """)
    assert outcome.value == ["one", "two", "three", "four", "five"]
    assert (server.lines, outcome.refused) == ([], ()) and not (tmp_path / "mails").exists()


# ---- caches


CACHES = """
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": CACHE,
        "KEY_PREFIX": "shop", "TIMEOUT": 1000, "VERSION": 7,
    },
    "redis": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"},
    "own": {"BACKEND": "caching.Patterns", "LOCATION": "anywhere"},
    "none": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}
"""
OWN_CACHE = {"caching.py": """
    from django.core.cache.backends.dummy import DummyCache


    class Patterns(DummyCache):
        def __init__(self, *arguments):
            raise SystemExit("the real one")

        def delete_pattern(self, pattern):
            pass

        def eval(self, script):
            pass

        client = property(lambda self: None)
"""}


def test_caches(tmp_path: Path) -> None:
    """What others keep there stays; keys and lifetimes are those of the project; each alias is one of its own."""
    kept = tmp_path / "cache"
    kept.mkdir()
    (kept / "valuable.djcache").write_bytes(b"x")
    outcome = act(tmp_path / "repo", """
        from django.core.cache import cache, caches

        for alias in caches:
            caches[alias].set("a", alias)
        value = [caches[alias].get("a") for alias in caches]
        value += [cache.make_key("a"), cache.default_timeout, cache.version]
        cache.clear()
        value += [cache.get("a"), caches["redis"].get("a")]
    """, f"CACHE = {str(kept)!r}\n" + CACHES, OWN_CACHE)
    assert outcome.value == ["default", "redis", "own", None, "shop:7:a", 1000, 7, None, "redis"]
    assert [path.name for path in kept.iterdir()] == ["valuable.djcache"] and outcome.refused == ()


def test_what_a_cache_has_beyond_django_s(tmp_path: Path) -> None:
    outcome = act(tmp_path, """
        from django.core.cache import caches

        cache = caches["own"]
        cache.set_many({"user:1": 1, "user:2": 2, "team:1": 3})
        value = [cache.delete_pattern("user:*"), cache.get_many(["user:1", "user:2", "team:1"])]
        value += [hasattr(cache, "keys"), hasattr(caches["default"], "delete_pattern")]
        for name in ("eval", "client"):
            try:
                getattr(cache, name)
            except OSError as error:
                value.append(str(error).partition(" (")[0])
    """, "CACHE = 'cache'\n" + CACHES, OWN_CACHE)
    assert outcome.value == [
        2, {"team:1": 3}, False, False,
        "the trial of the migrations refuses eval of the cache own, which local memory does not have",
        "the trial of the migrations refuses client of the cache own, which local memory does not have",
    ]  # fmt: skip
    assert [one.remedy for one in outcome.refused] == ["", ""]


# ---- files


STORAGES = """
MEDIA_ROOT = PLACE / "media"
MEDIA_URL = "/files/"
STATIC_URL = "/static/"
"""
FORMS = {
    "the default": "",
    "STORAGES": """
STORAGES = {
    "default": {"BACKEND": "storing.Bucket"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "private": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": PLACE / "private"}},
}
""",
    "DEFAULT_FILE_STORAGE": "DEFAULT_FILE_STORAGE = 'storing.Bucket'\n",
}
BUCKET = {"storing.py": """
    from django.core.files.storage import Storage


    class Bucket(Storage):
        bucket = "s3://real"

        def __init__(self, **options):
            raise SystemExit("the real one")
"""}


@pytest.mark.parametrize("form", FORMS)
def test_storages(tmp_path: Path, form: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    if form == "DEFAULT_FILE_STORAGE" and DJANGO >= (5, 1):
        pytest.skip("went with Django 5.1")
    outcome = act(tmp_path / "repo", """
        from pathlib import Path

        from django.conf import settings
        from django.core.files.base import ContentFile
        from django.core.files.storage import default_storage, storages

        value = [default_storage.save("a/b.txt", ContentFile(b"x")), default_storage.url("a/b.txt")]
        value += [default_storage.exists("a/b.txt"), default_storage.open("a/b.txt").read().decode()]
        value += [Path(settings.MEDIA_ROOT, "a/b.txt").read_text(), Path(settings.MEDIA_ROOT).parts[-3:]]
        default_storage.delete("a/b.txt")
        value += [default_storage.exists("a/b.txt")]
        for alias in storages.backends:
            value += [alias, storages[alias].save("c", ContentFile(b"y")), storages[alias].url("c")]
        try:
            value += [default_storage.bucket]
        except (OSError, AttributeError) as error:
            value += [str(error).partition(" (")[0]]
    """, f"PLACE = Path({str(place)!r})\n" + STORAGES + FORMS[form], BUCKET)
    aliases = ["private", "c", "/files/c"] if form == "STORAGES" else []
    assert outcome.value == [
        "a/b.txt", "/files/a/b.txt", True, "x", "x", ["trial", "files", "media"], False,
        "default", "c", "/files/c", "staticfiles", "c", "/static/c", *aliases, outcome.value[-1],
    ]  # fmt: skip
    assert list(place.iterdir()) == []
    if form == "the default":
        assert outcome.value[-1].endswith("has no bucket") and outcome.refused == ()
    else:
        assert "refuses bucket of the storage" in outcome.value[-1] and len(outcome.refused) == 1


def test_a_storage_that_code_makes_by_itself(tmp_path: Path) -> None:
    """It reads what is there; what it writes and deletes is so for the trial alone."""
    place = tmp_path / "private"
    (place / "sub").mkdir(parents=True)
    for name in ("kept.txt", "changed.txt", "sub/gone.txt"):
        (place / name).write_text("real")
    outcome = act(tmp_path / "repo", f"""
        from django.core.files.base import ContentFile
        from django.core.files.storage import FileSystemStorage

        storage = FileSystemStorage(location={str(place)!r})
        value = [storage.open("kept.txt").read().decode(), sorted(storage.listdir("")[1]), storage.listdir("sub")]
        with storage.open("changed.txt", "w") as stream:
            stream.write("ours")
        storage.delete("sub/gone.txt")
        value += [storage.save("kept.txt", ContentFile(b"second")) != "kept.txt", storage.save("new/x", ContentFile(b"x"))]
        value += [storage.open("changed.txt").read().decode(), storage.exists("sub/gone.txt"), storage.exists("new/x")]
        again = FileSystemStorage(location={str(place)!r})
        value += [again.exists("sub/gone.txt"), again.open("new/x").read().decode(), again.size("kept.txt")]
    """)
    assert outcome.value == ["real", ["changed.txt", "kept.txt"], [[], ["gone.txt"]], True, "new/x", "ours", False, True, False, "x", 4]
    assert {str(path.relative_to(place)): path.read_text() for path in place.rglob("*") if path.is_file()} == {
        "kept.txt": "real", "changed.txt": "real", "sub/gone.txt": "real",
    }  # fmt: skip


def test_files_of_sessions(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    outcome = act(tmp_path / "repo", """
        from django.contrib.sessions.backends.file import SessionStore

        store = SessionStore()
        store["a"] = 1
        store.save()
        value = SessionStore(store.session_key)["a"]
    """, f"SESSION_FILE_PATH = {str(tmp_path / 'sessions')!r}\n")
    assert outcome.value == 1 and list((tmp_path / "sessions").iterdir()) == []


# ---- tasks


CELERY = {
    "shop/queue.py": """
        from celery import Celery

        app = Celery("shop", broker=BROKER)
        app.config_from_object("django.conf:settings", namespace="CELERY")
        done = []


        @app.task
        def note(word):
            done.append(word)
            return word


        @app.task(name="shop.fails")
        def fails():
            raise ValueError("not now")
    """,
}
DO_TASKS = """\
from celery import chain, chord, group

from shop.queue import app, done, fails, note

value = [note.delay("delay").get(), note.apply_async(["async"], countdown=3600).state]
value += [app.send_task("shop.queue.note", ["sent"]).get(), group(note.s("g1"), note.s("g2"))().get()]
value += [chain(note.s("c1"), note.s())().get(), chord([note.s("h1"), note.s("h2")])(note.s()).get()]
value += [fails.delay().state, app.send_task("elsewhere.reindex", [1]).id != ""]
value += [done]
"""


@pytest.mark.skipif(not has("celery"), reason="this interpreter has no Celery")
@pytest.mark.parametrize("when", ["with the settings", "later"])
@pytest.mark.parametrize("transport", ["amqp", "filesystem"])
def test_celery(tmp_path: Path, when: str, transport: str) -> None:
    """Done at once where the app knows the task, else not sent; a failing one is told of; nobody is connected to."""
    with sink() as server:
        broker = f"amqp://guest:secretword@127.0.0.1:{server.port}//" if transport == "amqp" else "filesystem://"
        files = {path: text.replace("BROKER", repr(broker)) for path, text in CELERY.items()}
        settings = f"CELERY_BROKER_TRANSPORT_OPTIONS = {{'data_folder_in': {str(tmp_path / 'in')!r}, 'data_folder_out': {str(tmp_path / 'in')!r}}}\n"
        settings += "CELERY_TASK_ALWAYS_EAGER = False\n" + ("import shop.queue\n" if when == "with the settings" else "")
        code = DO_TASKS + "\ntry:\n    app.control.revoke('x')\nexcept Exception as error:\n    value += [str(error)]\n"
        outcome = act(tmp_path / "repo", code, settings, files)
    assert outcome.value[:-1] == [
        "delay", "SUCCESS", "sent", ["g1", "g2"], "c1", ["h1", "h2"], "FAILURE", True,
        ["delay", "async", "sent", "g1", "g2", "c1", "c1", "h1", "h2", ["h1", "h2"]],
    ]  # fmt: skip
    assert server.lines == [] and not (tmp_path / "in").exists()
    said = outcome.said
    assert said[0] == "failed: the task shop.fails, done at once where a worker does it later: ValueError: not now"
    assert said[1] == "refused: sending the task elsewhere.reindex, which this app of Celery's does not know, so that it can't do it at once"
    assert said[2].startswith(f"refused: a connection to the broker {transport}://") and len(said) == 3
    assert "secretword" not in json.dumps([outcome.value, said])


TASKS = {"shop/work.py": """
    from PACKAGE import task

    done = []


    @task(queue_name="slow", priority=5)
    def note(word):
        done.append(word)
        return word


    @task
    def fails():
        raise ValueError("not now")
"""}


@pytest.mark.parametrize("package", ["django.tasks", "django_tasks"])
def test_tasks_of_django(tmp_path: Path, package: str) -> None:
    if not has(package):
        pytest.skip(f"this interpreter has no {package}")
    outcome = act(tmp_path, """
        import datetime

        from shop.work import done, fails, note

        later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
        results = [note.enqueue("now"), note.using(run_after=later).enqueue("later"), fails.enqueue()]
        value = [done, [str(result.status) for result in results]]
    """, """
        TASKS = {"default": {"BACKEND": "nowhere.Backend", "QUEUES": ["default", "slow"], "OPTIONS": {"x": 1}}}
    """, {path: text.replace("PACKAGE", package) for path, text in TASKS.items()})
    assert outcome.value == [["now", "later"], ["SUCCESSFUL", "SUCCESSFUL", "FAILED"]]
    assert outcome.said == ["failed: the task shop.work.fails, done at once where a worker does it later: builtins.ValueError"]


@pytest.mark.skipif(not has("celery"), reason="this interpreter has no Celery")
def test_a_task_that_breaks_the_transaction(tmp_path: Path) -> None:
    """What it did to the database is taken back, and the migration goes on as if a worker did it later."""
    files = {"shop/queue.py": CELERY["shop/queue.py"].replace("BROKER", "'memory://'") + """

        @app.task
        def breaks():
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO words VALUES ('task')")
                cursor.execute("SELECT 1 FROM nowhere")
    """}
    outcome = act(tmp_path, """
        from django.db import connection, transaction

        from shop.queue import breaks

        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE words (word text)")
            with transaction.atomic():
                cursor.execute("INSERT INTO words VALUES ('before')")
                breaks.delay()
                cursor.execute("INSERT INTO words VALUES ('after')")
            cursor.execute("SELECT word FROM words")
            value = [word for word, in cursor.fetchall()]
    """, "", files, database=True)
    assert outcome.value == ["before", "after"]
    assert [one.how for one in outcome.refused] == ["failed"] and "no such table: nowhere" in outcome.refused[0].what
