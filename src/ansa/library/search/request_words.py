"""Separates the words of a request from the picture: "show me photos of a dog" asks for "a dog".

A request may stand before the picture ("find", "show me", "pictures with", "our trip to"), behind
it ("dog photos", "that we took", "please"), or be all there is. Words that stand for a picture
elsewhere are not touched: "a photo album", "a man taking pictures of birds", "an open door".
"""

from __future__ import annotations

import re

_PICTURE = r"(?:photos?|photographs?|pictures?|pics?|pix|images?|imgs?|shots?|snaps?|snapshots?)"
_SOME = (
    r"(?:all|any|some|every|each|more|only|just|the|a|an|my|our|your|those|these|this|that|few"
    r"|lots of|a (?:few|lot of|couple of|bunch of|number of)|of|nice|good|great|best|beautiful"
    r"|lovely|cool|other|various|different)"
)
_US = r"(?:me|us)"
_SUBJECT = r"(?:i|we|you|he|she|they)"
_ASK = re.compile(
    rf"""(?:please|pls|hey|hi|hello|ok|okay)\b[,!]?
    | (?:can|could|would|will)\ you\b
    | (?:can|could|may)\ (?:i|we)\ (?:see|have|get)\b
    | (?:i|we)(?:'d|\ would)\ (?:like|love)(?:\ you)?\ to(?:\ (?:see|find|view|have))?\b
    | (?:i|we)(?:'d|\ would)\ like\b(?=\ {_SOME}\b)
    | (?:i|we)\ (?:want|need|wanna|wish)(?:\ to)?(?:\ (?:see|find|view|get|have))?\b
    | (?:i|we)(?:'m|\ am|'re|\ are)\ (?:looking|searching)\ for\b
    | help\ {_US}(?:\ to)?(?:\ find)?\b
    | let(?:'s|\ {_US})\ see\b
    | (?:find|show|give|get|fetch|bring|send|list|display|search|open)\ {_US}\b
    | (?:find|search\ for|search|look\ for|looking\ for|searching\ for|fetch|bring\ up|pull\ up)\b
    | (?:show|display|list|get|see|view|open|give)\b
      (?=\ (?:{_SOME}\ )*{_PICTURE}\b|\ (?:all|any|some|every|my|our|those|these|only)\b)
    | show\b(?=\ \w+s\b|\ (?:a|an|the)\b)
    | (?:where|what)(?:\ (?:is|are|was|were)|'s)\b(?=\ (?:the|my|our|all|those)\b)
    | (?:do|did)\ (?:i|we|you)\ have\b | (?:have|had)\ (?:i|we)\ (?:got|taken)\b
    | (?:is|are)\ there\b | (?:which|what|how\ many)\b(?=\ {_PICTURE}\b)
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""How a request begins, in pieces that may follow one another."""

_PICTURE_OF = re.compile(
    rf"""(?:{_SOME}\ )*{_PICTURE}\b(?![-'’]\w)\ ?
    (?:
        (?:(?:that|which)\ )?{_SUBJECT}(?:'ve|\ have|\ had)?
        \ (?:took|taken|shot|made|have|got|captured)\b
      | (?:that|which)\ (?:were|was|are|is)\b(?:\ (?:taken|shot|made))? | taken\b | made\b | shot\b
    )?\ ?
    (?:
        (?:of|with|from|showing|shows?|depicting|containing|contains?|featuring|including|having
           |has|have|about|for)\b
      | (?:that|which)\ (?:show|contain|have|has|feature|include|depict)s?\b
      | (?:in|on)\ which\b(?:\ there\ (?:is|are)\b)? | where\b(?:\ there\ (?:is|are)\b)?
      | (?=(?:in|on|at|by|near|during|without|before|after|since|between|inside|under)\b) | $
    )""",
    re.VERBOSE | re.IGNORECASE,
)
"""Words for pictures, with what leads on to what they show."""

_EXPERIENCE = re.compile(
    r"""(?:(?:the|that|those|all|our|my)\ )?(?:(?:times?|days?|moments?|places?)\ )?
    (?:(?:when|where|that|which)\ )?(?:i|we)
    (?:'ve\ been|\ have\ been|\ was|\ were|\ went|\ visited|\ stayed|\ travell?ed|\ flew|\ drove
       |\ spent|\ saw)\b(?:\ (?:to|in|at|on|for))?(?:\ holidays?|\ vacation)?(?:\ (?:to|in|at))?""",
    re.VERBOSE | re.IGNORECASE,
)
"""Words for having been somewhere: "when we were at"."""

_SOMETHING = re.compile(
    r"(?:something|anything|everything|stuff|things)\b(?: (?:like|with|that is|that's))?(?= \w)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    rf"""(?:^|[\s,]+)(?:
        please | pls | thanks | thank\ you | do\ (?:i|we|you)\ have | (?:are|is)\ there
      | (?:(?:that|which)\ )?{_SUBJECT}(?:'ve|\ have)?\ (?:took|taken|shot|made|have|got|captured
          |photographed|saw|see)(?:\ (?:of|with|in|at|on|from|there))?
      | (?:taken|shot|made)(?:\ by\ (?:me|us))? | (?:that|which)\ (?:was|were|are|is)\ taken
      | (?:from|in|of|on)\ (?:my|our|the|this)
        \ (?:library|collection|gallery|camera\ roll|phone|computer|disk|drive|photos)
    )[\s.!?]*$""",
    re.VERBOSE | re.IGNORECASE,
)
_PICTURES_BEHIND = re.compile(
    rf"(?<!\S)(?P<before>\S+)\s+{_PICTURE}(?:\s+of)?[\s.!?]*$", re.IGNORECASE
)
_NEEDS_NOUN = frozenset(
    """a an the of with and or taking take takes took holding at for to in on his her their this
    that no not without shooting making drawing looking viewing""".split()  # noqa: SIM905
)
"""Words before "photos" that make it a part of the picture."""

_JOINERS_BEFORE = re.compile(
    r"(?:(?:of|from|and|or|but|with|during|to|for|then|where|while|which|that|showing)\b|[,;:&])\s*",
    re.IGNORECASE,
)
_JOINERS_BEHIND = re.compile(
    r"(?:^|\s+)(?:in|at|on|from|of|and|or|but|with|by|to|near|during|around|for|the|a|an|my|our"
    r"|while|when|where|taken|shot|which|that|between|since|&)[\s,;:.]*$|[\s,;:?!.]+$",
    re.IGNORECASE,
)
_TRAVEL = re.compile(
    r"""(?:(?:on|from|of|during|for)\ )?
    (?:(?:the|a|an|my|our|your|his|her|their|this|that|family|summer|winter|city|short|long|last
        |first|big|little|recent|old)\ )*
    (?:trips?|roadtrips?|road\ trips?|holidays?|vacations?|travels?|travell?ing|journeys?|visits?
       |getaways?|stays?|tours?|city\ breaks?|excursions?|outings?|honeymoons?|adventures?
       |days|days?\ out|time|visiting|touring|exploring)
    (?:\ (?:to|in|at|around|through|across|of|from|with|there|back))*""",
    re.VERBOSE | re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"^(?:all|any|some|every)(?! of (?:us|them|you)\b)(?: of)? (?:(?:my|our|the) )?(?=\w)",
    re.IGNORECASE,
)
"""Words for how many pictures are asked for: nothing of what they show."""

_MOST_PIECES = 12
_LONGEST = 1_000  # characters of a text that may hold a request


def picture_words(text: str, *, facts: bool = False) -> str:
    """Returns what a text says of the picture, without the words that only ask for it.

    Args:
        text: plain words of a query, without the words for facts.
        facts: whether facts were in it, so that joining words and words for travelling may be left
            over.

    Returns:
        The words, in their order; empty if the text only asks.
    """
    said = " ".join(text.split()).strip(" ,;?!")
    if len(said) > _LONGEST:
        return said
    whole = said
    for _ in range(_MOST_PIECES):
        shorter = _without_lead(said)
        if shorter == said:
            break
        said = shorter
    said = _without_tail(said)
    if said != whole:
        said = _HOW_MANY.sub("", said)
    if facts:
        said = _without_joiners(said)
        if _TRAVEL.fullmatch(said):
            return ""
        # "trip to <place> beach" leaves "trip to beach" or "trip beach".
        lead = _TRAVEL.match(said)
        if lead and said[lead.end() : lead.end() + 1].isspace():
            said = said[lead.end() :]
        said = _without_joiners(said.strip())
    return _without_lead(said)


def _without_lead(said: str) -> str:
    """Removes one piece of a request at the beginning."""
    for pattern in (_ASK, _PICTURE_OF, _EXPERIENCE, _SOMETHING):
        found = pattern.match(said)
        if found and found.end() and _ends_word(said, found.end()):
            return said[found.end() :].strip(" ,;:")
    return said


def _ends_word(said: str, end: int) -> bool:
    return end == len(said) or not (said[end - 1].isalnum() and said[end].isalnum())


def _without_tail(said: str) -> str:
    for _ in range(_MOST_PIECES):
        shorter = _BEHIND.sub("", said).strip(" ,;?!")
        pictures = _PICTURES_BEHIND.search(shorter)
        if pictures and pictures["before"].casefold().strip(",") not in _NEEDS_NOUN:
            shorter = shorter[: pictures.end("before")]
        if shorter == said:
            return said
        said = shorter
    return said


def _without_joiners(said: str) -> str:
    for _ in range(_MOST_PIECES):
        shorter = said
        if found := _JOINERS_BEFORE.match(shorter):
            shorter = shorter[found.end() :]
        shorter = _JOINERS_BEHIND.sub("", shorter).strip(" ,;")
        if shorter == said:
            break
        said = shorter
    return said
