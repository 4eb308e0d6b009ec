"""Checks, derivations and masks of identity numbers, credit codes, telephones and names."""

import re
import unicodedata
from datetime import date
from typing import Literal

# Provinces by GB/T 2260; 81 to 83 begin the numbers of residents of Hong Kong, Macau and Taiwan.
PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
COMPOUND_SURNAMES = (
    "欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 宇文 司徒 夏侯 轩辕 端木 独孤 南宫 "
    "西门 司空 闻人 公羊 澹台 公冶 宗政 濮阳 淳于 单于 太叔 申屠 仲孙 钟离 百里 呼延 东郭 赫连 "
    "拓跋 左丘 第五 完颜 纳兰 万俟 闾丘 亓官 鲜于 梁丘"
)


def normalise_id_number(value: str) -> str:
    """Half-width, upper case, without blanks: what people paste becomes what is stored."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", value)).upper()


def check_id_number(value: str) -> str | None:
    """The problem of an 18-character citizen number (GB 11643), or None (X-23).

    Codes: `format`, `region` (no such province), `birth` (no such day), `check` (check digit).
    """
    number = normalise_id_number(value)
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        return "format"
    if not PROVINCES.match(number):
        return "region"
    try:
        born_on(number)
    except ValueError:
        return "birth"
    return None if id_check_digit(number[:17]) == number[17] else "check"


def id_check_digit(first17: str) -> str:
    """The 18th character of a citizen number by ISO 7064 MOD 11-2."""
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, first17, strict=True))
    return "10X98765432"[total % 11]


def born_on(id_number: str) -> date:
    """The date of birth in a citizen number (X-21); raises ValueError for no such day."""
    born = date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    if born.year < 1900:
        raise ValueError(f"not a year of birth: {born.year}")
    return born


def sex_of(id_number: str) -> Literal["male", "female"]:
    """The sex in a citizen number: its 17th digit is odd for men (X-21)."""
    return "male" if int(id_number[16]) % 2 else "female"


def check_credit_code(value: str) -> str | None:
    """The problem of a unified social credit code (GB 32100-2015): `format`, `check` or None."""
    if len(value) != 18 or any(char not in CREDIT_ALPHABET for char in value):
        return "format"
    return None if credit_code_check_char(value[:17]) == value[17] else "check"


def credit_code_check_char(first17: str) -> str:
    """The 18th character of a credit code: weights are powers of 3, modulo 31."""
    total = sum(CREDIT_ALPHABET.index(char) * pow(3, i, 31) for i, char in enumerate(first17))
    return CREDIT_ALPHABET[-total % 31]


def check_phone(value: str) -> str | None:
    """`format` unless the value is a mobile number of the mainland, eleven digits from 1."""
    return None if re.fullmatch(r"1[3-9][0-9]{9}", value) else "format"


def mask_id_number(value: str) -> str:
    """410105********4514; of other documents a quarter at either end stays."""
    if len(value) == 18:
        return value[:6] + "*" * 8 + value[14:]
    shown = len(value) // 4
    return value[:shown] + "*" * (len(value) - 2 * shown) + value[len(value) - shown :]


def mask_phone(value: str) -> str:
    """138****0000; of other lengths the last four characters are hidden."""
    return f"{value[:3]}****{value[7:]}" if len(value) == 11 else f"{value[:-4]}****"


def mask_name(value: str) -> str:
    """The surname and stars: 张*, 李**, 欧阳**; a name of one character is hidden."""
    surname = 2 if len(value) > 2 and value[:2] in COMPOUND_SURNAMES.split() else 1
    return value[:surname] + "*" * (len(value) - surname) if len(value) > 1 else "*" * len(value)


def mask_email(value: str) -> str:
    """The first character, three stars and the domain: b***@163.com."""
    account, at, domain = value.partition("@")
    return f"{account[:1]}***{at}{domain}"


def mask_address(value: str) -> str:
    """The first six characters, at most half of the address, and four stars."""
    return value[: min(6, len(value) // 2)] + "****"
