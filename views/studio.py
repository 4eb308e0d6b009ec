"""The policy studio in the console: drafts with their faults by line, the difference, the form as
applicants will see it, and publication by a second person."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_admin import BaseView, expose
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app import clock
from app.queries import studio
from app.queries.names import region_names
from app.queries.policies import policy_titles, state_labels, with_dictionaries
from app.queries.policy_texts import TextFault, Texts
from app.rules.policy import Policy
from app.scope import current_actor
from app.services import impacts
from app.services import studio as verbs
from app.services.refusals import Conflict, Refusal
from models.codes import DRAFT_STATES
from models.draft import PolicyDraft
from models.policy import Policy as Edition
from views import downloads, entries, studio_impact
from views.guard import POLICY
from views.resource.reading import seen
from views.texts import in_words, moment

TONES = {"draft": "warn", "proposed": "info", "published": "good", "discarded": "idle"}
FRAMED = POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
"""The preview is shown in a frame of the editor, and of nothing else."""

YAML = "application/yaml; charset=utf-8"
BESIDE = _l(
    "Somebody else saved this draft while you were typing. Your text is below and not saved; "
    "the difference shows it against theirs. Saving now replaces theirs."
)
FILLED_IN = _l("Filled in by the portal")


class ForPlatform:
    """The door of every screen of the console."""

    def is_accessible(self) -> bool:
        """Platform administrators alone."""
        actor = current_actor()
        return actor is not None and actor.may(verbs.PERMISSION)

    def inaccessible_callback(self, name: str, **kwargs: Any) -> Any:
        """Everybody else is told so."""
        abort(403)


class Studio(ForPlatform, BaseView):
    """The policies with their editions, and the draft of each."""

    @expose("/")
    def index(self) -> Any:
        """Every policy: what is in force, what comes, who works on what."""
        shelves = studio.shelves()
        codes = [row.jurisdiction for shelf in shelves for row in _rows(shelf)]
        drafts = [shelf.draft for shelf in shelves if shelf.draft]
        return self.render(
            "admin/studio/index.html",
            shelves=shelves,
            titles=policy_titles(),
            regions=region_names(codes),
            people=studio.names(*(draft.edited_by for draft in drafts)),
            states=DRAFT_STATES,
            tones=TONES,
        )

    @expose("/begin", methods=["POST"])
    def begin(self) -> Any:
        """A draft of an edition to come, or of a new policy."""
        code, like = request.form.get("code", ""), request.form.get("like") or None
        return _done(lambda: verbs.begin(code, like), url_for(".index"))

    @expose("/import", methods=["POST"])
    def import_file(self) -> Any:
        """A draft with the text of a file."""
        return _done(lambda: verbs.begin_with(_file()), url_for(".index"))

    @expose("/<int(max=2147483647):key>/", methods=["GET", "POST"])
    def edit(self, key: int) -> Any:
        """The editor; POST saves, or only checks, what was typed."""
        draft = _draft(key)
        if request.method == "GET":
            return self._page(draft, draft.text)
        text = _typed()
        if request.form.get("action") == "check":
            return self._page(draft, text)
        return self._kept(draft, text, lambda: verbs.save(key, text, seen()), _("Saved."))

    @expose("/<int(max=2147483647):key>/check", methods=["POST"])
    def check(self, key: int) -> Any:
        """The faults of what was typed so far, for the page's script."""
        draft, text = _draft(key), _typed()
        _policy, faults = studio.inspected(draft.code, text)
        changed = _new_lines(_own_text(studio.standing(draft.code)), text)
        return jsonify(faults=[_shown(fault, draft.code) for fault in faults], changed=changed)

    @expose("/<int(max=2147483647):key>/file", methods=["POST"])
    def replace(self, key: int) -> Any:
        """The text of a file in the place of the draft's."""
        return _done(lambda: verbs.replace(key, _file(), seen()), _url(key))

    @expose("/<int(max=2147483647):key>/proposal", methods=["POST"])
    def propose(self, key: int) -> Any:
        """Save what was typed and ask a second person to publish it from a day on."""
        draft, text = _draft(key), _typed()

        def act() -> PolicyDraft:
            saved = verbs.save(key, text, seen())
            return verbs.propose(key, saved.version, _day(request.form.get("effective_from")))

        return self._kept(draft, text, act, _("A second person can publish it now."))

    @expose("/<int(max=2147483647):key>/return", methods=["POST"])
    def send_back(self, key: int) -> Any:
        """Open a proposal for changes again."""
        reason = request.form.get("reason", "")
        return _done(lambda: verbs.send_back(key, seen(), reason), _url(key))

    @expose("/<int(max=2147483647):key>/publication", methods=["POST"])
    def publish(self, key: int) -> Any:
        """Publish what somebody else proposed."""
        return _done(lambda: verbs.publish(key, seen()), _url(key))

    @expose("/<int(max=2147483647):key>/discard", methods=["POST"])
    def discard(self, key: int) -> Any:
        """Give a draft up."""
        return _done(lambda: verbs.discard(key, seen()), url_for(".index"), url_for(".index"))

    @expose("/<int(max=2147483647):key>/impact")
    def impact(self, key: int) -> Any:
        """The panel of the impact alone, for the page's script."""
        draft = _draft(key)
        policy, _faults = studio.inspected(draft.code, draft.text)
        return self.render("admin/studio/impact.html", **studio_impact.panel(draft, policy))

    @expose("/<int(max=2147483647):key>/impact", methods=["POST"])
    def ask_impact(self, key: int) -> Any:
        """Have the impact of the saved text computed."""
        try:
            impacts.ask(key, _day(request.form.get("as_of")))
        except Refusal as fault:
            flash(in_words(fault.sentence), "error")
        return redirect(_url(key))

    @expose("/<int(max=2147483647):key>/preview/<kind>")
    def preview(self, key: int, kind: str) -> Any:
        """The form of a kind as applicants will see it, from the text that is saved."""
        draft = _draft(key)
        policy, _faults = studio.inspected(draft.code, draft.text)
        if policy is None or kind not in policy.kinds:
            abort(404)
        shown = with_dictionaries(policy.kinds[kind])
        page = render_template(
            "admin/studio/preview.html",
            kind=shown,
            slots=[{"slot": slot, "to_try": True} for slot in shown.slots([clock.today().year])],
            texts={spec.name: FILLED_IN for spec in shown.fields if spec.locked},
        )
        return page, 200, {"Content-Security-Policy": FRAMED}

    @expose("/<int(max=2147483647):key>/draft.yaml")
    def export(self, key: int) -> Any:
        """A draft as a file, to the byte."""
        draft = _draft(key)
        return downloads.file(draft.text.encode(), YAML, f"{draft.code}.yaml", attached=True)

    @expose("/edition/<int(max=2147483647):key>.yaml")
    def edition(self, key: int) -> Any:
        """The policy's own document of an edition as a file, to the byte."""
        row = studio.edition(key) or abort(404)
        name = f"{row.code}-{row.edition}.yaml"
        return downloads.file(Texts.of(row.source).own.encode(), YAML, name, attached=True)

    def _kept(self, draft: PolicyDraft, text: str, act: Callable[[], Any], said: str) -> Any:
        """Back to the editor; what is refused is said above what was typed, which stays."""
        key = draft.id
        try:
            act()
        except Refusal as fault:
            now = _draft(key)
            beside = fault.code == "stale" and now.state == "draft"
            flash(in_words(BESIDE if beside else fault.sentence), "error")
            if isinstance(fault, Conflict) and now.state != "draft":
                return redirect(_url(key))
            return self._page(now, text, now.text if beside else None), fault.status
        flash(said, "success")
        return redirect(_url(key))

    def _page(self, draft: PolicyDraft, text: str, against: str | None = None) -> str:
        """The editor with a text, the saved one or what was typed."""
        policy, faults = studio.inspected(draft.code, text)
        saved = policy if text == draft.text else studio.inspected(draft.code, draft.text)[0]
        editions = studio.editions_of(draft.code)
        before = studio.standing_of(editions)
        in_force = _own_text(before)
        old = in_force if against is None else against
        page: str = self.render(
            "admin/studio/draft.html",
            **studio_impact.panel(draft, saved),
            text=text,
            saved=text == draft.text,
            number=draft.edition or (editions[-1].edition if editions else 0) + 1,
            before=before,
            state=DRAFT_STATES[draft.state],
            tone=TONES[draft.state],
            faults=[_shown(fault, draft.code) for fault in faults],
            lines=studio.difference(old, text),
            beside=against is not None,
            changes=studio.places_changed(in_force, text),
            new_lines=_new_lines(old, text),
            wording=list(_wording(policy)) if policy else [],
            taken_over=studio.taken_over(policy) if policy else [],
            kinds=list(policy.kinds.values()) if policy else [],
            day=studio.first_day(draft, policy),
            alone=_alone(draft),
            history=list(_history(draft)),
        )
        return page


def _rows(shelf: studio.Shelf) -> Iterator[Any]:
    yield from (row for row in (shelf.current, *shelf.coming) if row)


def _draft(key: int) -> PolicyDraft:
    found = studio.draft(key)
    return found if found is not None else abort(404)


def _own_text(row: Edition | None) -> str:
    """What a draft is compared with: nothing for a new policy."""
    return Texts.of(row.source).own if row else ""


def _url(key: int) -> str:
    return url_for(".edit", key=key)


def _typed() -> str:
    """The text of the editor: forms send every end of a line as two signs."""
    return request.form.get("text", "").replace("\r\n", "\n")


def _file() -> bytes:
    sent = request.files.get("file")
    return sent.read() if sent else b""


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _done(act: Callable[[], PolicyDraft], back: str, onward: str | None = None) -> Any:
    """Do it and go to the draft, or go back and say why not."""
    try:
        draft = act()
    except Refusal as fault:
        flash(in_words(fault.sentence), "error")
        return redirect(back)
    return redirect(onward or _url(draft.id))


def _shown(fault: TextFault, code: str) -> dict[str, Any]:
    """A fault for the editor; `elsewhere` is the policy whose text it is in, when not this one."""
    return {
        "line": fault.line,
        "column": fault.column,
        "path": fault.path,
        "elsewhere": fault.file if fault.file != code else None,
        "message": in_words(fault.message),
    }


def _new_lines(before: str, after: str) -> list[int]:
    """The lines that the editor marks as changed."""
    if not before:
        return []
    lines = studio.difference(before, after)
    return [line.number for line in lines if line.mark == "+" and line.number]


def _wording(policy: Policy) -> Iterator[tuple[Any, str]]:
    """What the states will be called, each with its colour, once for each wording."""
    tones, seen = {str(state): tone for state, tone in entries.TONES.items()}, set()
    sets = dict.fromkeys(kind.labels or policy.labels for kind in policy.kinds.values())
    for state, words in (pair for name in sets for pair in state_labels(name).items()):
        if words not in seen:
            seen.add(words)
            yield words, tones.get(state.removesuffix("_later"), "idle")


def _alone(draft: PolicyDraft) -> bool:
    """Whether somebody else than this person has to publish it."""
    actor = current_actor()
    return actor is None or actor.account_id in (draft.proposed_by, draft.edited_by)


def _history(draft: PolicyDraft) -> Iterator[tuple[str, str, str | None]]:
    people = studio.names(draft.created_by, draft.edited_by, draft.proposed_by, draft.confirmed_by)
    base = draft.base_edition
    begun = _("Begun from edition %(number)s", number=base) if base else _("Begun")
    acts = (
        (begun, draft.created_by, draft.created_at),
        (_("Last change"), draft.edited_by, draft.edited_at),
        (_("Proposed"), draft.proposed_by, draft.proposed_at),
        (_("Published"), draft.confirmed_by, draft.confirmed_at),
    )
    for label, who, at in acts:
        if at is not None:
            yield label, people.get(who or 0, _("By a command")), moment(at)
