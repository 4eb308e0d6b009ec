"""Checking what was typed: one marshmallow schema from field descriptions, for screens and API
alike."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from app.rules import identifiers
from app.rules.fields import FieldSpec
from app.services.refusals import LOOK_AGAIN, Invalid

_IDENTIFIERS: dict[str, tuple[Callable[[str], str | None], Any]] = {
    "phone": (identifiers.check_phone, _l("Enter a mainland mobile number of 11 digits.")),
    "id_number": (
        identifiers.check_id_number,
        _l("The format or the check digit of the identity number is wrong."),
    ),
    "credit_code": (
        identifiers.check_credit_code,
        _l("The unified social credit code has 18 characters, the last one a check character."),
    ),
}


def load(
    specs: Iterable[FieldSpec], values: Mapping[str, Any], *, partly: bool = False
) -> dict[str, Any]:
    """The typed values of a filled form, empty ones as None.

    With `partly`, fields that were not given stay out. Raises Invalid with one message a field;
    a key that is no field, or a locked one, is a fault too.
    """
    given = {key: _stripped(value) for key, value in values.items()}
    specs = list(specs)
    for spec in specs:
        if not spec.asked(given):
            given.pop(spec.name, None)  # a question that is not asked has no answer
    open_specs = [spec for spec in specs if not spec.locked and spec.asked(given)]
    try:
        return dict(schema_for(open_specs, given)().load(given, partial=partly))
    except ValidationError as fault:
        messages = fault.normalized_messages()  # type: ignore[no-untyped-call]
        raise Invalid(
            LOOK_AGAIN,
            {key: _first(message) for key, message in messages.items()},
        ) from fault


def schema_for(
    specs: Iterable[FieldSpec], values: Mapping[str, Any] = {}, name: str = "Form"
) -> type[Schema]:
    """A schema class whose fields are these descriptions; it refuses keys that it does not know."""
    members: dict[str, Any] = {spec.name: _field(spec, spec.needed(values)) for spec in specs}
    members["Meta"] = type("Meta", (), {"unknown": RAISE})
    members["error_messages"] = {"unknown": _("There is no such field.")}
    return type(name, (Schema,), members)


def _stripped(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    return value or None if isinstance(value, (list, tuple)) else value


def _first(message: Any) -> Any:
    while isinstance(message, (list, dict)):
        message = next(iter(message.values() if isinstance(message, dict) else message))
    return message


def _field(spec: FieldSpec, needed: bool) -> fields.Field[Any]:
    options: dict[str, Any] = {
        "required": needed,
        "allow_none": not needed,
        "error_messages": {
            "required": _("Please fill this in."),
            "null": _("Please fill this in."),
        },
        "metadata": {"description": spec.name},
    }
    return _KINDS.get(spec.kind, _text)(spec, options)


def _text(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    checks: list[Callable[[Any], Any]] = [_printable]
    if spec.min or spec.max:
        checks.append(
            validate.Length(
                min=spec.min,
                max=spec.max,
                error=_bounds(spec, _("Between %(low)s and %(high)s characters.")),
            )
        )
    if spec.pattern:
        checks.append(
            validate.Regexp(spec.pattern, error=_("This does not have the form that is asked for."))
        )
    return fields.String(validate=checks, **options)


def _email(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    options["error_messages"]["invalid"] = _("Enter a full e-mail address.")
    return fields.Email(validate=validate.Length(max=spec.max or 254), **options)


def _identifier(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    check, sentence = _IDENTIFIERS[spec.kind]
    return fields.String(validate=partial(_holds, check, sentence), **options)


def _choice(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    codes = [choice.code for choice in spec.choices]
    return fields.String(
        validate=validate.OneOf(codes, error=_("Choose one of the entries.")), **options
    )


def _choices(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    codes = [choice.code for choice in spec.choices]
    count = validate.Length(
        min=spec.min or (1 if options["required"] else None),
        max=spec.max,
        error=_bounds(spec, _("Choose %(low)s to %(high)s entries.")),
    )
    known = validate.ContainsOnly(codes, error=_("Choose only from the entries."))
    return fields.List(fields.String(), validate=[known, _distinct, count], **options)


def _number(
    make: Callable[..., fields.Field[Any]], spec: FieldSpec, options: dict[str, Any]
) -> fields.Field[Any]:
    sentence = _bounds(spec, _("A number from %(low)s to %(high)s."))
    options["error_messages"]["invalid"] = sentence
    return make(validate=validate.Range(min=spec.min, max=spec.max, error=sentence), **options)


def _date(_spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    options["error_messages"]["invalid"] = _("Enter a date such as 2020-07-01.")
    return fields.Date(**options)


def _month(spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    pattern = r"^(19|20)\d{2}-(0[1-9]|1[0-2])$"
    return fields.String(
        validate=validate.Regexp(pattern, error=_("Enter a month such as 2020-07.")), **options
    )


def _boolean(_spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    options["error_messages"]["invalid"] = _("Choose yes or no.")
    return fields.Boolean(**options)


def _region(_spec: FieldSpec, options: dict[str, Any]) -> fields.Field[Any]:
    return fields.String(
        validate=validate.Regexp(r"^\d{6}$", error=_("Choose a region from the list.")), **options
    )


_KINDS: dict[str, Callable[[FieldSpec, dict[str, Any]], fields.Field[Any]]] = {
    "integer": partial(_number, partial(fields.Integer, strict=False)),
    "year": partial(_number, fields.Integer),
    "lookup": partial(_number, fields.Integer),
    "decimal": partial(_number, partial(fields.Decimal, places=1)),
    "date": _date,
    "month": _month,
    "choice": _choice,
    "choices": _choices,
    "boolean": _boolean,
    "email": _email,
    "phone": _identifier,
    "id_number": _identifier,
    "credit_code": _identifier,
    "region": _region,
}


def _bounds(spec: FieldSpec, sentence: Any) -> str:
    low = (
        spec.min
        if spec.min is not None
        else (1 if spec.kind in ("choices", "text", "textarea", "lookup") else 0)
    )
    return str(sentence) % {"low": low, "high": spec.max if spec.max is not None else 2_000_000_000}


def _holds(check: Callable[[str], str | None], sentence: Any, value: str) -> None:
    if check(value) is not None:
        raise ValidationError(str(sentence))


def _distinct(values: list[str]) -> None:
    if len(set(values)) != len(values):
        raise ValidationError(_("Choose each entry once."))


def _printable(value: str) -> None:
    if any(
        (ord(sign) < 32 and sign not in "\n\r\t") or "\ud800" <= sign <= "\udfff" for sign in value
    ):
        raise ValidationError(_("There is a character that cannot be stored."))
