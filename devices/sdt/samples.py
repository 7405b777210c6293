"""Cards of people who do not exist, for simulators and tests.

Every number is computed and passes its check, and belongs to nobody: region 199999 and 99, country 999 and ZZZ are
assigned to no place. Hong Kong, Macau and Taiwan have one region each; there the sequence is the only invention.
"""

from __future__ import annotations

import zlib
from datetime import date

from devices.sdt.card import CardKind
from devices.sdt.chip import FOR_EVER, ChipText
from devices.sdt.numbers import check_7_3_1, check_mod_11_2

REGIONS = {CardKind.RESIDENT: "199999", CardKind.HMT: "810000", CardKind.FOREIGNER_2023: "999999"}
NAMES = {
    CardKind.RESIDENT: "张样本",
    CardKind.HMT: "陈样本",
    CardKind.FOREIGNER_2017: "SAMPLE, ANNA MARIA",
    CardKind.FOREIGNER_2023: "SAMPLE, JOHN",
}
BIRTH = date(1985, 3, 14)


def number(kind: CardKind, birth: date, sequence: int) -> str:
    """A number of this kind that passes its check; `sequence` 0 to 999 (0 to 9 counts for a foreigner of 2017)."""
    if kind is CardKind.FOREIGNER_2017:
        body = f"ZZZ0000{birth:%y%m%d}{sequence % 10}"
        return body + check_7_3_1(body)
    body = f"{REGIONS[kind]}{birth.year:04}{birth:%m%d}{sequence:03}"
    return body + check_mod_11_2(body)


def person(kind: CardKind = CardKind.RESIDENT, birth: date = BIRTH, name: str = "") -> ChipText:
    """All a card of this kind holds. The same words give the same person; the name is one the card has room for."""
    name = name or NAMES[kind]
    sequence = zlib.crc32(name.encode()) % 1000
    latin = name.isascii()
    common = ChipText(
        kind,
        name="" if latin and kind in (CardKind.FOREIGNER_2017, CardKind.FOREIGNER_2023) else name,
        latin_name=name if latin else "",
        sex="1" if sequence % 2 else "2",
        birth=f"{birth.year:04}{birth:%m%d}",
        number=number(kind, birth, sequence),
        valid_from="20200102",
    )
    return ChipText(**{**vars(common), **_rest(kind)})


def _rest(kind: CardKind) -> dict[str, str]:
    """What nobody reads, filled in as such a card would."""
    home = {"address": "样本省样本市样本路1号", "authority": "样本市公安局", "valid_to": FOR_EVER}
    abroad = {"nationality": "ZZZ", "valid_to": "20300102"}
    return {
        CardKind.RESIDENT: {**home, "nation": "01"},
        CardKind.HMT: {**home, "valid_to": "20250102", "pass_number": "H00000000", "issues": "01"},
        CardKind.FOREIGNER_2017: {**abroad, "card_version": "01", "authority_code": "0000"},
        CardKind.FOREIGNER_2023: {**abroad, "renewals": "00"},
    }[kind]
