"""A certificate and those that it follows or that followed it: 首次登记证书 to the one of today."""

from sqlalchemy import select

from app.extensions import db
from models.certificate import Certificate


def lineage(row: Certificate) -> list[Certificate]:
    """The certificates from the first of its line to the last one, this one among them; one
    statement, however many there are. Those outside the actor's scope are left out."""
    query = select(Certificate).where(Certificate.worker_id == row.worker_id)
    every = {one.id: one for one in db.session.scalars(query.order_by(Certificate.id))}
    after = {one.predecessor_id: one for one in every.values() if one.predecessor_id is not None}
    first = row
    while first.predecessor_id in every:
        first = every[first.predecessor_id]
    line = [first]
    while line[-1].id in after:
        line.append(after[line[-1].id])
    return line
