"""The part of the probe that knows a value for a field: by its choices, its class, its limits.

Kept to the syntax of Python 3.8; imports nothing of ours.
"""

from __future__ import annotations

import datetime
import decimal
import uuid
from typing import Any, Dict  # noqa: UP035  Python 3.8

START = datetime.datetime(2024, 1, 1, 12, 0)


class CannotFill(Exception):
    """No row of a model can be made; the message says why."""


def value_for(field: Any, number: int) -> Any:
    """A value that the field's column takes; another number gives another value where there are several.

    :raises CannotFill: if nothing is known about the field's class.
    """
    choices = [value for value, _ in getattr(field, "flatchoices", ()) if value not in (None, "")]
    if choices:
        return choices[number % len(choices)]
    names = [cls.__name__ for cls in type(field).__mro__]
    make = next((VALUES[name] for name in [*names, field.get_internal_type()] if name in VALUES), None)
    if make is None:
        raise CannotFill(f"{field.name} is a {type(field).__module__}.{type(field).__name__}: no value is known for it")
    return make(field, number)


def text(field: Any, number: int) -> str:
    """A text of its own for each number, as long as the column takes."""
    value, size = f"{field.name} {number}", field.max_length or 100
    return value if len(value) <= size else str(number).rjust(size, "x")[-size:]


def sized(form: str, field: Any, number: int) -> str:
    """The same in a form such as ``row-{}``."""
    value = form.format(number)
    return value if len(value) <= (field.max_length or len(value)) else text(field, number)


def whole(field: Any, number: int) -> int:
    """A number within the limits of validators and column."""
    low, high = 0, 32_000
    for validator in field.validators:
        limit = getattr(validator, "limit_value", None)
        limit = limit() if callable(limit) else limit
        if isinstance(limit, (int, float, decimal.Decimal)) and validator.code == "min_value":
            low = max(low, int(limit))
        elif isinstance(limit, (int, float, decimal.Decimal)) and validator.code == "max_value":
            high = min(high, int(limit))
    return low + number % (high - low + 1) if high > low else high


def decimal_number(field: Any, number: int) -> decimal.Decimal:
    """Within the digits before the point."""
    digits = (field.max_digits or 5) - (field.decimal_places or 0)
    return decimal.Decimal(whole(field, number) % 10**digits if digits > 0 else 0)


def moment(field: Any, number: int) -> datetime.datetime:
    """Aware where the settings ask for it."""
    from django.conf import settings

    value = START + datetime.timedelta(days=number)
    return value.replace(tzinfo=datetime.timezone.utc) if settings.USE_TZ else value  # noqa: UP017  Python 3.8


VALUES: Dict[str, Any] = {  # noqa: UP006
    "EmailField": lambda field, number: sized("row{}@example.com", field, number),
    "URLField": lambda field, number: sized("https://example.com/{}", field, number),
    "SlugField": lambda field, number: sized("row-{}", field, number),
    "CommaSeparatedIntegerField": lambda field, number: str(number),
    "FilePathField": text,
    "FileField": lambda field, number: sized("row-{}.txt", field, number),
    "CharField": text,
    "TextField": text,
    "UUIDField": lambda field, number: uuid.UUID(int=number),
    "BooleanField": lambda field, number: bool(number % 2),
    "NullBooleanField": lambda field, number: bool(number % 2),
    "IntegerField": whole,
    "FloatField": lambda field, number: whole(field, number) + 0.5,
    "DecimalField": decimal_number,
    "DateTimeField": moment,
    "DateField": lambda field, number: moment(field, number).date(),
    "TimeField": lambda field, number: datetime.time(number % 24, number % 60),
    "DurationField": lambda field, number: datetime.timedelta(minutes=number),
    "BinaryField": lambda field, number: f"row {number}".encode(),
    "GenericIPAddressField": lambda field, number: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    "IPAddressField": lambda field, number: f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    "JSONField": lambda field, number: {"row": number},
    "ArrayField": lambda field, number: [value_for(field.base_field, number)] * (field.size or 1),
    "HStoreField": lambda field, number: {"row": str(number)},
    "IntegerRangeField": lambda field, number: (number, number + 1),
    "BigIntegerRangeField": lambda field, number: (number, number + 1),
    "DecimalRangeField": lambda field, number: (decimal.Decimal(number), decimal.Decimal(number + 1)),
    "DateTimeRangeField": lambda field, number: (moment(field, number), moment(field, number + 1)),
    "DateRangeField": lambda field, number: (moment(field, number).date(), moment(field, number + 1).date()),
}
