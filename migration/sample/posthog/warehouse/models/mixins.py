from ..util import normalize_name


class HogQLNamed:
    """For models that can be selected from in a query."""

    name: str

    @property
    def hogql_name(self) -> str:
        return normalize_name(self.name)
