import posixpath

from django.conf import settings

from . import util as warehouse_util
from .constants import BYTES_PER_MIB


def folder_url(team_id: int, folder: str) -> str:
    return posixpath.join(settings.BUCKET_URL, f"team_{team_id}", warehouse_util.normalize_name(folder))


def list_objects(url_pattern: str) -> list[dict]:
    """The objects behind a URL. There is no bucket here, so there are none."""
    return []


def get_size_of_folder(url_pattern: str) -> float:
    """Size in MiB"""
    return sum(item["size"] for item in list_objects(url_pattern)) / BYTES_PER_MIB
