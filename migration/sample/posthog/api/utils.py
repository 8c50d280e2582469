import json
from functools import wraps

from django.core.exceptions import ValidationError
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from posthog.models.team import Team


class BadRequest(Exception):
    pass


def _team_or_error(request: HttpRequest, team_id: int) -> tuple[Team | None, JsonResponse | None]:
    if not request.user.is_authenticated:
        return None, JsonResponse({"detail": "Log in first."}, status=401)
    team = Team.objects.filter(pk=team_id).first()
    if team is None or not request.user.can_access(team):
        return None, JsonResponse({"detail": "No such project."}, status=404)
    return team, None


def team_required(view):
    """For views that are functions: `team` takes the place of `team_id`."""

    @wraps(view)
    def wrapper(request: HttpRequest, team_id: int, **kwargs):
        team, error = _team_or_error(request, team_id)
        return error or view(request, team, **kwargs)

    return wrapper


@method_decorator(csrf_exempt, name="dispatch")
class TeamView(View):
    team: Team

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        team, error = _team_or_error(request, kwargs.pop("team_id"))
        if error:
            return error
        self.team = team
        self.kwargs.pop("team_id", None)
        try:
            return super().dispatch(request, *args, **kwargs)
        except BadRequest as error:
            return JsonResponse({"detail": str(error)}, status=400)

    def payload(self, *required: str) -> dict:
        try:
            data = json.loads(self.request.body or b"{}")
        except ValueError:
            raise BadRequest("This is not JSON.") from None
        missing = [name for name in required if name not in data]
        if missing:
            raise BadRequest(f"Missing: {', '.join(missing)}")
        return data

    def clean(self, item) -> None:
        try:
            item.full_clean()
        except ValidationError as error:
            raise BadRequest("; ".join(error.messages)) from error

    def get_object(self, model, pk):
        return get_object_or_404(model, team=self.team, pk=pk)
