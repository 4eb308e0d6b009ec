"""What a policy says of regions, held against the regions that there are."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.rules.policy import Policy
from app.rules.reading import Fault
from app.rules.regions import covers
from app.rules.words import Words
from models.policy import Policy as Edition
from models.region import Region

NO_REGION = Words("没有代码为{code}的区划", "There is no region with the code {code}")
MOVED = Words("政策的适用区划不能更改，应为{code}", "A policy stays in its region: {code}")
NOWHERE = Words(
    "{code}之下没有这一级的区划，请改用存在的层级",
    "There is no region of this level within {code}: choose a level that exists there",
)


def misplaced(session: Session, policy: Policy) -> Iterator[Fault]:
    """A region that does not exist or is not the policy's own any more, offices that do not exist,
    and stages of review at a level that exists nowhere in the policy's region."""
    region = policy.region_code
    rows = session.execute(select(Region.code, Region.level)).all()
    if region not in {code for code, _level in rows}:
        yield Fault("region_code", NO_REGION.fill(code=region))
        return
    yield from _moved(session, policy)
    codes = {code for code, _level in rows if covers(region, code)}
    levels = {level for code, level in rows if code in codes}
    for kind in policy.kinds.values():
        for i, stage in enumerate(kind.review):
            path = f"kinds.{kind.code}.review[{i}]"
            if stage.level not in levels:
                yield Fault(f"{path}.level", NOWHERE.fill(code=region))
            for code in {*stage.offices, *stage.offices.values()} - {row.code for row in rows}:
                yield Fault(f"{path}.offices", NO_REGION.fill(code=code))


def _moved(session: Session, policy: Policy) -> Iterator[Fault]:
    query = select(Edition.jurisdiction).where(Edition.code == policy.code)
    for jurisdiction in session.scalars(query.distinct()):
        if jurisdiction != policy.region_code:
            yield Fault("region_code", MOVED.fill(code=jurisdiction))
