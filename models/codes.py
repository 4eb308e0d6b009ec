"""The short codes that rows carry and the words they are shown with: no Enum columns, no magic
strings."""

from typing import Any

from flask_babel import lazy_gettext as _l

from app.rules.workflow import State

LEVELS = {
    "assistant": _l("Assistant social worker"),
    "social_worker": _l("Intermediate social worker"),
    "senior": _l("Senior social worker"),
}
KINDS = {
    "first": _l("First registration"),
    "renewal": _l("Renewal"),
    "late_renewal": _l("Late renewal"),
    "replacement": _l("Replacement"),
    "exchange": _l("Exchange for an electronic certificate"),
    "completion": _l("Completion of data"),
    "upgrade": _l("Upgrade to a higher level"),
}
WAIVABLE = {
    "exam_year": _l("The year of the examination"),
    "expires_within": _l("How early one may renew"),
    "after_expiry": _l("How late one may renew"),
    "last_registration": _l("The year of the last registration"),
    "credit_hours": _l("Hours of continuing education"),
}
"""The rules that an office may suspend for one window (HN-27)."""
APPLICATION_STATES = {
    State.draft: _l("Draft"),
    State.in_review: _l("In review"),
    State.returned: _l("Returned for correction"),
    State.rejected: _l("Not approved"),
    State.withdrawn: _l("Withdrawn"),
    State.approved: _l("Approved"),
    State.issued: _l("Issued"),
    State.closed: _l("Closed"),
}
CERTIFICATE_STATES = {
    "valid": _l("Valid"),
    "replaced": _l("Replaced"),
    "lost": _l("Lost"),
    "revoked": _l("Revoked"),
    "cancelled": _l("Cancelled"),
}
MEASURES = {
    "revoke": _l("Revoke the certificate"),
    "cancel": _l("Cancel the certificate"),
    "reissue": _l("Make the certificate anew"),
}
MEASURE_STATES = {
    "proposed": _l("Waiting for confirmation"),
    "confirmed": _l("Carried out"),
    "declined": _l("Declined"),
}
REASONS_OF: dict[str, dict[str, Any]] = {
    "revoke": {
        "fraud": _l("Obtained by deception or with untrue material"),
        "unfounded": _l("Registered without meeting the conditions"),
        "qualification_void": _l("The qualification certificate was declared void"),
        "misconduct": _l("Serious breach of law or professional ethics"),
    },
    "cancel": {
        "own_wish": _l("At the holder's own request"),
        "death": _l("The holder has died"),
        "incapacity": _l("The holder has lost full capacity for civil conduct"),
        "not_renewed": _l("Not renewed in time"),
        "twofold": _l("Registered twice"),
    },
    "reissue": {
        "name_changed": _l("Change of name"),
        "corrected": _l("An entry was corrected"),
    },
}
"""The coded reasons of each measure on a certificate."""
MEASURE_REASONS = {code: words for some in REASONS_OF.values() for code, words in some.items()}
VERDICTS = {
    "approve": _l("Approve"),
    "reject": _l("Reject"),
    "return": _l("Return for correction"),
}
RECHECK_VERDICTS = {"agree": _l("Agrees"), "disagree": _l("Disagrees")}
RECHECK_REASONS = {
    "not_eligible": _l("Conditions not met"),
    "materials": _l("Papers missing or not legible"),
    "identity": _l("Identity not established"),
    "hours": _l("Hours counted wrongly"),
    "data": _l("Data recorded wrongly"),
    "procedure": _l("Procedure not kept"),
    "other": _l("Another reason"),
}
"""Why the office above does not agree with an approval; figures are counted by them."""
REGISTRATION_STATES = {"claimed": _l("Claimed"), "verified": _l("Verified")}
CREDIT_SOURCES = {"online": _l("Online"), "offline": _l("Offline")}
CREDIT_STATES = {
    "pending": _l("To be checked"),
    "accepted": _l("Accepted"),
    "refused": _l("Refused"),
}
DELIVERIES = {
    "electronic": _l("Electronic certificate"),
    "post": _l("By post"),
    "pickup": _l("Collected in person"),
}
DELIVERY_STATES = {"pending": _l("To be sent"), "sent": _l("Sent")}
DOCUMENT_TYPES = {
    "id_card": _l("Resident identity card"),
    "hk_macau_permit": _l("Mainland travel permit for Hong Kong and Macau residents"),
    "taiwan_permit": _l("Mainland travel permit for Taiwan residents"),
    "residence_permit": _l("Residence permit for Hong Kong, Macau and Taiwan residents"),
    "passport": _l("Passport"),
}
PLANS = {
    "no": _l("No"),
    "three_areas": _l("Yes, the Three Areas Plan"),
    "hand_in_hand": _l("Yes, the Hand in Hand Plan"),
}
"""三区计划 and 牵手计划 (MC-13)."""
HONOR_LEVELS = {
    "village": _l("Village or community"),
    "township": _l("Subdistrict or township"),
    "county": _l("District or county"),
    "city": _l("Prefecture or city"),
    "province": _l("Province"),
    "ministry": _l("Ministry"),
}
"""The six levels of an honour (MC-15)."""
SEXES = {"female": _l("Female"), "male": _l("Male")}
ORGANIZATION_KINDS = {
    "service": _l("Social work service organization"),
    "association": _l("Social work association"),
    "authority": _l("Civil affairs authority"),
}
REQUEST_STATES = {
    "pending": _l("To be settled"),
    "accepted": _l("Accepted"),
    "refused": _l("Refused"),
}
PUBLICATION_STATES = {
    "draft": _l("Draft"),
    "proposed": _l("Waiting for confirmation"),
    "published": _l("Published"),
    "retracting": _l("Published, to be taken back"),
}
DOCUMENT_MODULES = {
    "policy": _l("Policy documents"),
    "education": _l("Continuing education"),
    "project": _l("Social service projects"),
    "form": _l("Forms and material"),
    "privacy": _l("Privacy policy"),
}
"""The module of the home page that a document stands in (BJ-01), or the text of a statement that it
takes the place of."""
DRAFT_STATES = {
    "draft": _l("Draft"),
    "proposed": _l("Waiting for confirmation"),
    "published": _l("Published"),
    "discarded": _l("Discarded"),
}
IMPACT_STATES = {
    "waiting": _l("Waiting"),
    "running": _l("Running"),
    "done": _l("Done"),
    "stale": _l("For an earlier text"),
    "failed": _l("Failed"),
}
PUBLIC_STATES = ("published", "retracting")
"""What everybody below the office reads; what is to be taken back is public until a second person
agrees."""
REGION_LEVELS = {
    "nation": _l("Nation"),
    "province": _l("Province"),
    "city": _l("City"),
    "county": _l("County"),
}
CHANNELS = {"sms": _l("Text message"), "email": _l("E-mail"), "inbox": _l("Message")}
BATCH_STATES = {
    "waiting": _l("Waiting"),
    "done": _l("Done"),
    "refused": _l("Not decided"),
}
EXPORT_STATES = {
    "waiting": _l("Being made"),
    "ready": _l("To be fetched"),
    "over": _l("Deleted"),
}
CORRECTIONS = {
    "person": _l("Name, identity document, sex or date of birth"),
    "qualification": _l("Qualification certificate"),
    "registration": _l("Registrations and certificates"),
    "hours": _l("Hours of continuing education"),
    "other": _l("Something else"),
}
"""What of one's data one may ask an office to correct."""
CORRECTION_STATES = {
    "open": _l("To be answered"),
    "corrected": _l("Corrected"),
    "refused": _l("Not corrected"),
}
OUTBOX_STATES = {
    "waiting": _l("Waiting"),
    "done": _l("Done"),
    "failed": _l("Failed"),
    "settled": _l("Told in another way"),
}
ACTS = {
    "create": _l("Add"),
    "update": _l("Edit"),
    "remove": _l("Remove"),
    "reveal": _l("Show the identity number"),
    "open": _l("Open an account"),
    "switch_on": _l("Switch on"),
    "switch_off": _l("Switch off"),
    "new_password": _l("New initial password"),
    "change_password": _l("Change password"),
    "propose": _l("Propose"),
    "confirm": _l("Confirm and publish"),
    "publish": _l("Confirm and publish"),
    "retract": _l("Take back"),
    "confirm_retraction": _l("Confirm taking it back"),
    "keep": _l("Leave it published"),
    "begin_draft": _l("Begin a draft"),
    "send_back": _l("Send back"),
    "discard": _l("Discard"),
    "import": _l("Take over from an older system"),
    "start": _l("Begin an application"),
    "save": _l("Save"),
    "history": _l("State earlier registrations"),
    "attach": _l("Upload a picture"),
    "detach": _l("Remove a picture"),
    "submit": _l("Submit"),
    "resubmit": _l("Submit again"),
    "undo": _l("Take back a decision"),
    "withdraw": _l("Withdraw"),
    "reopen": _l("Apply again"),
    "claim": _l("Take a case"),
    "release": _l("Leave a case to others"),
    "hand_over": _l("Hand a case over"),
    "substitute": _l("Name who stands in"),
    "end_substitution": _l("End standing in"),
    "approve": _l("Approve"),
    "reject": _l("Reject"),
    "return": _l("Return for correction"),
    "accept_hours": _l("Accept hours"),
    "refuse_hours": _l("Refuse hours"),
    "undo_hours": _l("Take out recorded hours"),
    "issue": _l("Issue the certificate"),
    "replace": _l("Replaced by a new certificate"),
    "lose": _l("Reported lost"),
    "redraw": _l("File drawn again"),
    "send_again": _l("Message sent again"),
    "told_otherwise": _l("Told in another way"),
    "identify": _l("Real name verified"),
    "name_person": _l("Name the roster record of an account"),
    "reset_password": _l("Password set anew"),
    "register": _l("Account registered"),
    "fill": _l("Filled in by one click"),
    "change_phone": _l("Telephone number changed"),
    "link": _l("Linked with an identity elsewhere"),
    "propose_amendment": _l("Propose to correct a registration"),
    "decline_amendment": _l("Decline to correct a registration"),
    "amend": _l("Correct a registration"),
    "propose_measure": _l("Propose a measure on a certificate"),
    "decline_measure": _l("Decline a measure on a certificate"),
    "revoke": _l("Revoke the certificate"),
    "cancel": _l("Cancel the certificate"),
    "reissue": _l("Make the certificate anew"),
    "annotate": _l("Make an annotated copy"),
    "verify": _l("Verify"),
    "close": _l("Close"),
    "erase": _l("Delete the pictures of identity cards"),
    "draw": _l("Draw lots for a re-check"),
    "agree": _l("Agree with an approval"),
    "disagree": _l("Disagree with an approval"),
    "ask": _l("Ask to be put on the roster"),
    "send": _l("Hand over to the post"),
    "print": _l("Print address labels"),
    "print_form": _l("Print the application form"),
    "look": _l("Look at a picture"),
    "download": _l("Download the certificate"),
    "export": _l("Export a list"),
    "add_file": _l("Attach a file"),
    "replace_file": _l("Replace a file"),
    "remove_file": _l("Take out a file"),
    "read": _l("Read a message"),
    "choose_language": _l("Choose the language"),
    "profile": _l("Change personal information"),
    "request_export": _l("Ask for a copy of one's own data"),
    "fetch_export": _l("Fetch the copy of one's own data"),
    "request_correction": _l("Ask for a correction"),
    "settle_correction": _l("Settle a request for correction"),
    "move_in": _l("Move in"),
    "move_out": _l("Move out"),
}
ROLES = {
    "platform_admin": _l("Platform administrator"),
    "province_admin": _l("Province administrator"),
    "city_admin": _l("City administrator"),
    "county_admin": _l("County administrator"),
    "province_reviewer": _l("Province reviewer"),
    "city_reviewer": _l("City reviewer"),
    "county_reviewer": _l("County reviewer"),
    "body_reviewer": _l("Reviewer of the handling body"),
    "auditor": _l("Auditor"),
    "organization": _l("Organization"),
    "applicant": _l("Applicant"),
}
