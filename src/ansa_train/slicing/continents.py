"""The part of the world that a country lies in, by its ISO 3166-1 code.

The parts are those of the United Nations' standard M49.
"""

from __future__ import annotations

_CODES = {
    "Africa": """DZ EG LY MA SD TN EH IO BI KM DJ ER ET TF KE MG MW MU YT MZ RE RW SC SO SS UG TZ ZM
        ZW AO CM CF TD CG CD GQ GA ST BW SZ LS NA ZA BJ BF CV CI GM GH GN GW LR ML MR NE NG SH SN SL
        TG""",
    "Latin America": """AI AG AW BS BB BQ VG KY CU CW DM DO GD GP HT JM MQ MS PR BL KN LC MF VC SX
        TT TC VI BZ CR SV GT HN MX NI PA AR BO BV BR CL CO EC FK GF GY PY PE GS SR UY VE""",
    "North America": "BM CA GL PM US",
    "Asia": """KZ KG TJ TM UZ CN HK MO KP JP MN KR TW BN KH ID LA MY MM PH SG TH TL VN AF BD BT IN
        IR MV NP PK LK AM AZ BH CY GE IQ IL JO KW LB OM QA SA PS SY TR AE YE""",
    "Europe": """BY BG CZ HU PL MD RO RU SK UA AX DK EE FO FI GG IS IE IM JE LV LT NO SJ SE GB AL AD
        BA HR GI GR VA IT MT ME MK PT SM RS SI ES XK AT BE FR DE LI LU MC NL CH""",
    "Oceania": """AU CX CC HM NZ NF FJ NC PG SB VU GU KI MH FM NR MP PW UM AS CK PF NU PN WS TK TO
        TV WF""",
}
_OF = {code: part for part, codes in _CODES.items() for code in codes.split()}


def continent(code: str) -> str | None:
    """The part of the world of a two-letter code; None if the code is unknown."""
    return _OF.get(code.upper())
