"""Sheets of address labels for the certificates that go by post."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.documents.typesetting import draw_pdf


@dataclass(frozen=True)
class AddressLabel:
    """One parcel: who gets it, where, and the office's own reference to the case."""

    recipient: str
    phone: str
    address: str
    reference: str


def address_labels_pdf(labels: Sequence[AddressLabel]) -> bytes:
    """A4 sheets of 3 × 8 labels, 70 × 37 mm, in the given order (BA-14, BA-25).

    Long addresses are set smaller, never cut. No label gives one empty sheet.
    """
    rows = [
        {
            "recipient": label.recipient,
            "phone": label.phone,
            "address": label.address,
            "reference": label.reference,
        }
        for label in labels
    ]
    return draw_pdf("address_labels", {"labels": rows}, {})
