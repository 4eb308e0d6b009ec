"""Whether the certificate of a policy can be drawn: its template and its seal, before it is
published."""

from collections.abc import Iterator

import typst

from app.documents.seals import UnusableSeal, seal
from app.documents.trial import missing
from app.documents.typesetting import UnknownTemplate, added
from app.rules.policy import TEMPLATE, Policy
from app.rules.reading import Fault
from app.rules.words import Words

NO_SEAL = Words(
    "印章图片不可用（{why}），请放入可解码的PNG图片，或删除此项",
    "The seal cannot be used ({why}): put a PNG there that can be decoded, or take this out",
)
NO_TEMPLATE = Words(
    "没有名为{name}.typ的证书模板，请放入TEMPLATE_PATHS的目录",
    "There is no template {name}.typ: put it into a folder of TEMPLATE_PATHS",
)
BROKEN = Words("证书模板不能排版：{why}", "The template does not run: {why}")
LEAVES_OUT = Words(
    "证书模板没有印出：{texts}（见docs/certificates.md）",
    "The template does not print: {texts} (see docs/certificates.md)",
)


def faults(policy: Policy) -> Iterator[Fault]:
    """What is wrong with the files that a policy names for its certificate.

    The template that the portal ships is not tried again each time; an authority's is, so that no
    certificate comes out without what tells whose it is and whether it holds.
    """
    terms = policy.certificate
    if terms.seal:
        try:
            seal(terms.seal)
        except UnusableSeal as fault:
            yield Fault("certificate.seal", NO_SEAL.fill(why=fault))
    if terms.template == TEMPLATE and added(f"{TEMPLATE}.typ") is None:
        return
    try:
        left_out = missing(terms.template)
    except UnknownTemplate:
        yield Fault("certificate.template", NO_TEMPLATE.fill(name=terms.template))
    except typst.TypstError as fault:
        yield Fault("certificate.template", BROKEN.fill(why=str(fault).partition("\n")[0]))
    else:
        if left_out:
            texts = "、".join(left_out)
            yield Fault("certificate.template", LEAVES_OUT.fill(texts=texts))
