"""The verbs of an application for programs: each is a resource that is posted to."""

from typing import Any

from flask import Response, request
from flask_appbuilder.api import BaseApi, expose
from flask_babel import lazy_gettext as _l

from app.services import applications, review
from app.services.refusals import LOOK_AGAIN, Invalid
from models.application import Application
from views.guard import permitted
from views.resource.rest import PortalApi, answers

TYPES: dict[str, type] = {
    "agreed": list,
    "version": int,
    "verdict": str,
    "reason_code": str,
    "reason": str,
    "items": list,
}
WRONG = _l("This is not of the type that is asked for.")
UNKNOWN = _l("There is no such field.")
UNSEEN = _l("Send the version of the application that you looked at.")


class CaseApi(PortalApi, BaseApi):
    """Submission, withdrawal and decisions; a case that has moved on answers 409."""

    resource_name = "applications"
    openapi_spec_tag = "ApplicationVerbs"
    allow_browser_login = True

    @expose("/<int(max=2147483647):pk>/submission", methods=["POST"])
    @permitted("applications.apply")
    @answers
    def submission(self, pk: int) -> Response:
        """Hand in one's own application.
        ---
        post:
          description: >-
            Checks every rule, field and picture again and hands the application in.
            `version` is optional; when it is not the present one, nothing happens (409).
          parameters:
          - in: path
            name: pk
            schema: {type: integer}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [agreed]
                  properties:
                    agreed:
                      type: array
                      items: {type: string}
                      description: The codes of the statements that the applicant agrees to
                    version: {type: integer}
          responses:
            200: {description: The application as it is now}
            403: {description: The role does not permit it, or it is somebody else's}
            404: {description: There is no such application within the scope}
            409: {description: The application moved on, or another one is in flight}
            422: {description: What is missing or wrong, field by field}
        """
        given = _body("agreed", "version")
        return self._told(applications.submit(pk, given.get("agreed", ()), given.get("version")))

    @expose("/<int(max=2147483647):pk>/withdrawal", methods=["POST"])
    @permitted("applications.apply")
    @answers
    def withdrawal(self, pk: int) -> Response:
        """Take one's own application back.
        ---
        post:
          description: Takes the application back, where the policy allows it.
          parameters:
          - in: path
            name: pk
            schema: {type: integer}
          requestBody:
            content:
              application/json:
                schema:
                  type: object
                  properties:
                    version: {type: integer}
          responses:
            200: {description: The application as it is now}
            403: {description: The role does not permit it, or it is somebody else's}
            404: {description: There is no such application within the scope}
            409: {description: It cannot be taken back, or not any more}
        """
        return self._told(applications.withdraw(pk, _body("version").get("version")))

    @expose("/<int(max=2147483647):pk>/decisions", methods=["POST"])
    @permitted("applications.decide")
    @answers
    def decisions(self, pk: int) -> Response:
        """Decide the stage that an application is at.
        ---
        post:
          description: >-
            Approves, rejects or returns the application at its present stage. A rejection needs a
            reason, a return also the fields and materials to correct. `version` is that of the
            application that was looked at; when it is not the present one, nothing happens (409).
          parameters:
          - in: path
            name: pk
            schema: {type: integer}
          requestBody:
            required: true
            content:
              application/json:
                schema:
                  type: object
                  required: [verdict, version]
                  properties:
                    verdict: {type: string, enum: [approve, reject, return]}
                    reason_code: {type: string}
                    reason: {type: string, maxLength: 500}
                    items: {type: array, items: {type: string}}
                    version: {type: integer}
          responses:
            200: {description: The application as it is now}
            403: {description: The role, the office or the person may not decide this stage}
            404: {description: There is no such application within the scope}
            409: {description: The application moved on}
            422: {description: What is missing or wrong}
        """
        given = _body("verdict", "reason_code", "reason", "items", "version")
        if "version" not in given:
            raise Invalid.at("version", UNSEEN)
        return self._told(review.decide(pk, given.pop("verdict", ""), **given))

    def _told(self, application: Application) -> Response:
        return self.response(
            200,
            id=application.id,
            result={
                "reference": application.reference,
                "state": application.state,
                "stage": application.stage,
                "version": application.version,
            },
        )


def _body(*names: str) -> dict[str, Any]:
    """The named members of the body, those that are null left out; no body is an empty one.

    Raises Invalid for a body that is no object, a member that is not asked for, or a wrong type.
    """
    body = request.get_json(silent=True) if request.get_data(cache=True) else {}
    if not isinstance(body, dict):
        raise Invalid(_l("The body has to be a JSON object."), {})
    errors = {key: UNKNOWN for key in body if key not in names}
    found = {key: value for key, value in body.items() if key in names and value is not None}
    errors |= {key: WRONG for key, value in found.items() if not _fits(key, value)}
    if errors:
        raise Invalid(LOOK_AGAIN, errors)
    return found


def _fits(key: str, value: Any) -> bool:
    if TYPES[key] is int:
        return type(value) is int and 0 <= value < 2**31
    strings = not isinstance(value, list) or all(isinstance(one, str) for one in value)
    return isinstance(value, TYPES[key]) and strings
