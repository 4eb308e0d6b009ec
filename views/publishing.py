"""The verbs of whatever an office publishes: propose, confirm, take back, each by two people."""

from flask_babel import lazy_gettext as _l

from app.services import publications
from views.resource.declaration import Action, by_another


def publishing(name: str, model: type) -> tuple[Action, ...]:
    """The buttons of what an office publishes: the name of its resource, and its rows."""
    permission = f"{name}.publish"
    return (
        Action(
            "propose",
            _l("Propose"),
            lambda key: publications.propose(model, key),
            permission,
            _l("Ask a second person to confirm it?"),
            when=lambda row: row.state == "draft",
        ),
        Action(
            "confirm",
            _l("Confirm and publish"),
            lambda key: publications.confirm(model, key),
            permission,
            _l("Publish it to everybody below your office?"),
            "primary",
            when=lambda row: row.state == "proposed" and by_another(row),
        ),
        Action(
            "retract",
            _l("Take back"),
            lambda key: publications.retract(model, key),
            permission,
            _l("Take it back to a draft? A second person has to confirm it for what is published."),
            when=lambda row: row.state in ("proposed", "published"),
        ),
        Action(
            "confirm_retraction",
            _l("Confirm taking it back"),
            lambda key: publications.confirm_retraction(model, key),
            permission,
            _l("Take it back to a draft? Nobody below your office will see it any more."),
            "primary",
            when=lambda row: row.state == "retracting" and by_another(row),
        ),
        Action(
            "keep",
            _l("Leave it published"),
            lambda key: publications.keep(model, key),
            permission,
            _l("Leave it published as it is?"),
            when=lambda row: row.state == "retracting",
        ),
    )
