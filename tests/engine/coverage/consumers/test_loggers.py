from __future__ import annotations

import pytest

from tests.engine.coverage.tools import Moved

LOGS = {"shop/stock/a.py": "import logging\n\nlogging.getLogger(__name__).info('x')\n"}
INI = "[loggers]\nkeys=root,shop\n[logger_root]\nhandlers=\n[logger_shop]\nqualname={}\nlevel=INFO\n"
DICT = "LOGGING = {{'loggers': {{\n    {}: {{'level': 'INFO'}},\n}}}}\n"


@pytest.mark.parametrize("files", [
    {"logging.ini": INI.format("shop")},
    {**LOGS, "logging.ini": INI.format("crm")},
    {**LOGS, "settings.py": DICT.format("''")},
    {**LOGS, "settings.py": DICT.format("'shop.billing'")},
    {**LOGS, "other.yml": "loggers: {shop: 1}\n"},
    {**LOGS, "log.py": "import logging\nlogging.getLogger('shop').info('x')\n"},
])  # fmt: skip
def test_loggers_that_take_both_places_or_neither(files: dict[str, str]) -> None:
    assert Moved(files).told() == []


def test_a_logger_of_an_ini_file_is_listed() -> None:
    ((gap, mend),) = Moved({**LOGS, "logging.ini": INI.format("shop")}).settled().open
    assert (gap.path, gap.line, gap.before, mend) == ("logging.ini", 6, "level=INFO", None)
    assert gap.entry.hint and gap.entry.hint(gap.files[0]).endswith("backend/a.py a logger like shop (level=INFO)")


def test_a_logger_of_yaml_is_listed() -> None:
    text = "handlers: {}\nloggers:\n  shop:\n    level: INFO\n"
    assert Moved({**LOGS, "conf/log.yaml": text}).told() == ["conf/log.yaml:3 shop: level: INFO -> "]


def test_a_logger_in_python_gets_its_like() -> None:
    for key in ("'shop'", '"shop"'):
        new = key.replace("shop", "products.stock.backend")
        text = DICT.format(key)
        line = f"    {key}: {{'level': 'INFO'}},\n"
        assert Moved({**LOGS, "settings.py": text}).mended() == {"settings.py": text.replace(line, line + line.replace(key, new))}
    text = "import logging\nlogging.getLogger('shop').setLevel('INFO')\n"
    assert Moved({**LOGS, "log.py": text}).mended() == {
        "log.py": text + "logging.getLogger('products.stock.backend').setLevel('INFO')\n"
    }


def test_a_logger_below_that_passes_nothing_on_hides_the_one_above() -> None:
    own = "'shop.stock': {'propagate': False}"
    text = f"LOGGING = {{'loggers': {{'shop': {{'level': 'INFO'}}, {own}}}}}\n"
    after = text.replace("'shop.stock'", "'products.stock.backend'")
    assert Moved({**LOGS, "settings.py": text}, {"settings.py": after}).told() == []
