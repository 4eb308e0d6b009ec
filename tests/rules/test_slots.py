"""The pictures that a case asks for: one for each turn and page, from one line of the policy."""

from app.rules.fields import Slot, asked_slots, slot_label
from app.rules.policy import Policy
from app.rules.words import Words

LABEL = Words("继续教育证明", "Proof")


def names(policy: Policy, kind: str, turns: tuple[int, ...]) -> list[str]:
    return [one.name for one in policy.kinds[kind].slots(turns) if one.page == 1]


def test_bj_43_the_material_groups_of_a_late_renewal(beijing: Policy) -> None:
    assert names(beijing, "late_renewal", (2019,)) == [
        "portrait",
        "id_front",
        "id_back",
        "certificate",
        "loss_statement",
        "credit_proof_2019",
    ]


def test_bj_44_each_turn_has_a_proof_of_its_own(beijing: Policy) -> None:
    slots = beijing.kinds["late_renewal"].slots((2017, 2020))
    proofs = [one for one in slots if one.origin == "credit_proof"]
    assert [(one.name, one.turn, one.page) for one in proofs[::4]] == [
        ("credit_proof_2017", 2017, 1),
        ("credit_proof_2020", 2020, 1),
    ]
    assert [one.name for one in proofs[:4]] == [
        "credit_proof_2017",
        "credit_proof_2017_2",
        "credit_proof_2017_3",
        "credit_proof_2017_4",
    ]
    assert [one.required for one in proofs[:4]] == [True, False, False, False]
    assert proofs[0].label.zh == "继续教育证明（2017年登记）"
    assert proofs[1].label.zh == "继续教育证明（2017年登记）（第2页）"


def test_bj_50_without_turns_a_proof_is_asked_for_once(beijing: Policy) -> None:
    assert names(beijing, "replacement", ()) == [
        "portrait",
        "id_front",
        "id_back",
        "qualification",
        "credit_proof",
    ]


def test_a_kind_that_was_settled_stays_as_it_is(beijing: Policy) -> None:
    settled = beijing.kinds["renewal"].settling((2020,))
    assert settled.settling((2023,)) == settled


def test_pages_of_other_pictures_are_numbered_too(beijing: Policy) -> None:
    plain = Slot("paper", LABEL, LABEL, pages=2)
    kind = beijing.kinds["first"].settling(())
    assert all(one.page == 1 for one in kind.slots())
    assert [one.name for one in asked_slots(plain, (2020,))] == ["paper", "paper_2"]


def test_what_a_single_slot_is_called_is_found_from_the_policy_s_own_names(beijing: Policy) -> None:
    for kind in beijing.kinds.values():
        labels = {slot.name: slot.label for slot in kind.materials}
        for turns in ((), (2017, 2020)):
            for one in kind.slots(turns):
                assert slot_label(one.name, labels) == one.label, one.name
    assert slot_label("sketch", {"portrait": LABEL}) is None
