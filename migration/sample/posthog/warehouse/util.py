import re

from django.core.exceptions import ValidationError

_NOT_ALLOWED = re.compile(r"[^a-zA-Z0-9_]+")
_VALID_NAME = re.compile(r"^[a-zA-Z_][a-zA-Z0-9_.]*$")


def normalize_name(name: str) -> str:
    """The name under which a table can be written in a query without quotes."""
    return _NOT_ALLOWED.sub("_", name.strip()).strip("_").lower()


def validate_table_name(name: str) -> None:
    if not _VALID_NAME.match(name):
        raise ValidationError(f"{name!r} is not a valid table name", code="invalid_table_name")


def human_size(mib: float | None) -> str:
    if mib is None:
        return "unknown"
    if mib >= 1024:
        return f"{mib / 1024:.1f} GiB"
    return f"{mib:.1f} MiB"


def split_url_pattern(url_pattern: str) -> tuple[str, str]:
    """Splits "https://bucket/folder/*.csv" into the bucket and the path in it."""
    _, _, rest = url_pattern.partition("://")
    bucket, _, path = rest.partition("/")
    return bucket, path
