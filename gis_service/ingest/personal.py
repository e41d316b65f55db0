"""Columns that hold names, identity or telephone numbers of residents: files that carry them are refused."""

import re
import unicodedata

import numpy as np
import pandas as pd

from gis_service.ingest.dataset import FileSpec
from gis_service.ingest.fields import normalised
from gis_service.ingest.notes import refusal
from gis_service.ingest.source import RawTable

_IDENTITY = re.compile(r"身份证|证件号|公民身份|护照|^idcard|idcardno|identitycard|identitynumber|passport|^sfz")
_PERSON = re.compile(
    r"姓名|户主|房主|业主(?!户|数|委员会|大会)|租客|租户(?!数)|居民名|成员名单|手机|电话|联系方式|联系人|微信"
    r"|^phone|^mobile|^tel|telephone|phonenumber|residentname|ownername|householder|contactname|fullname"
)
_RESIDENT_KINDS = ("regions", "buildings", "estates")
_IDENTITY_NUMBER = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"
)
_MOBILE_NUMBER = r"(?:\+?86[- ]?)?1[3-9]\d{9}"
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK_DIGITS = "10X98765432"


def refuse_personal_columns(spec: FileSpec, table: RawTable, used: set[str]) -> None:
    """Refuse a file that carries personal data of residents.

    Parameters
    ----------
    spec
        The file. Facilities may have a telephone and a name; identity numbers are refused in every kind.
    table
        The file as read.
    used
        Headers that hold a field of ours; their values are looked at for identity numbers only.

    Raises
    ------
    InputError
        A header reads like a person's name, identity or telephone number, or a column holds identity numbers with a
        valid check digit (GB 11643) or, under an unknown header, mobile numbers. The text names the column and the
        first row, never the value.
    """
    resident = spec.kind in _RESIDENT_KINDS
    for header in table.columns.columns:
        name = normalised(header)
        if _IDENTITY.search(name) or (resident and _PERSON.search(name)):
            raise refusal(
                spec.label,
                f"“{header}”列像是居民的姓名、证件或电话，本系统不收个人信息，请删除该列后重新导入",
                f"column {header!r} looks like names, identity or telephone numbers of residents, which this system "
                "does not take; delete the column and import again",
            )
    for header in table.columns.columns:
        values = table.columns[header].dropna().astype("str")
        found = values[[_holds_identity(value) for value in values]]
        if not len(found) and resident and header not in used:
            mobile = values[values.str.fullmatch(_MOBILE_NUMBER)]
            found = mobile if 2 * len(mobile) > len(values) else mobile[:0]
        if len(found):
            _refuse_values(spec, table, header, found)


def _refuse_values(spec: FileSpec, table: RawTable, header: str, found: "pd.Series[str]") -> None:
    row = int(table.rows[table.columns.index.get_indexer(found.index[:1])[0]])
    unit_zh, unit_en = ("行", "row") if table.is_table else ("个要素", "feature")
    raise refusal(
        spec.label,
        f"“{header}”列第 {row} {unit_zh}起有身份证号或手机号，本系统不收个人信息，请删除该列后重新导入",
        f"column {header!r} holds identity or mobile numbers from {unit_en} {row} on, which this system does not take; "
        "delete the column and import again",
    )


def _holds_identity(value: str) -> bool:
    """Return whether an identity number stands anywhere in a text."""
    if len(value) < len(_WEIGHTS) + 1:
        return False
    return any(_checks(found) for found in _IDENTITY_NUMBER.findall(unicodedata.normalize("NFKC", value)))


def _checks(number: str) -> bool:
    digits = np.array([int(digit) for digit in number[:17]])
    return _CHECK_DIGITS[int(digits @ _WEIGHTS) % 11] == number[17].upper()
