"""Django's admin on the same table, as shipped and tuned; imported once its settings are there."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.urls import path

from bench.queue_peers import SIZE, Fetch, Page, Spot, page


class Worker(models.Model):
    """A worker, as far as the list shows one."""

    name = models.CharField(max_length=64)
    id_number_masked = models.CharField(max_length=32)
    id_number_digest = models.CharField(max_length=64)

    class Meta:
        managed, db_table, app_label = False, "worker", "admin"

    def __str__(self) -> str:
        return f"{self.name} {self.id_number_masked}"


class Application(models.Model):
    """An application, as far as the list shows one."""

    reference = models.CharField(max_length=24)
    kind = models.CharField(max_length=32)
    level = models.CharField(max_length=32)
    state = models.CharField(max_length=32)
    office_code = models.CharField(max_length=6)
    region_code = models.CharField(max_length=6)
    submitted_at = models.DateTimeField()
    due_on = models.DateField()
    worker = models.ForeignKey(Worker, models.DO_NOTHING)

    class Meta:
        managed, db_table, app_label = False, "application", "admin"


class Shipped(admin.ModelAdmin):
    """The admin as it comes, with the columns, the order and the search of the queue."""

    list_display = ("worker", "kind", "level", "region_code", "submitted_at", "reference", "due_on")
    ordering = ("submitted_at", "id")
    search_fields = ("worker__name__startswith",)
    list_per_page = SIZE

    def lookup_allowed(self, *_: Any) -> bool:
        """Any filter may stand in the address."""
        return True


class Tuned(Shipped):
    """Without the count of the whole table."""

    show_full_result_count = False


sites = {"django admin": Shipped, "django admin, tuned": Tuned}
urlpatterns = []
for _number, _shape in enumerate(sites.values()):
    _site = admin.AdminSite(f"site{_number}")
    _site.register(Application, _shape)
    urlpatterns.append(path(f"site{_number}/", _site.urls))


def admins(spot: Spot) -> dict[str, dict[Page, Fetch]]:
    """Both, signed in as a superuser whose tables stand in a schema of their own."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA IF NOT EXISTS bench_django")
    call_command("migrate", verbosity=0)
    user, _ = get_user_model().objects.get_or_create(
        username="bench", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client()
    client.force_login(user)
    base = urlencode(spot.wanted)
    asked = {
        "first": "",
        "deep": f"&p={spot.depth // SIZE + 1}",
        "kind": f"&kind={spot.kind}",
        "name": f"&q={spot.name}",
        "identity": f"&worker__id_number_digest={spot.digest}",
    }
    return {
        name: {
            key: page(client, f"/site{number}/admin/application/?{base}{query}")
            for key, query in asked.items()
        }
        for number, name in enumerate(sites)
    }
