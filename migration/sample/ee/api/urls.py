from django.urls import path

from . import policies

urlpatterns = [
    path("", policies.policy_list, name="policies"),
    path("check/<uuid:table_id>/<str:action>/", policies.check, name="policy-check"),
]
