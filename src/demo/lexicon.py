"""The words of the demo's corpus. A noun is `singular` or `singular/plural`; a verb is `base/third/past`, regular where parts are left out."""


def pluralize(noun):
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def past_tense(verb):
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return verb + "ed"


def nouns(text):
    """Pairs (singular, plural)."""
    parts = [entry.split("/") for entry in text.split()]
    return [(part[0], part[1] if len(part) > 1 else pluralize(part[0])) for part in parts]


def verbs(text):
    """Triples (base, third person singular, past); `see//saw` leaves the regular third person out."""
    found = []
    for entry in text.split():
        base, third, past = (entry.split("/") + ["", ""])[:3]
        found.append((base, third or pluralize(base), past or past_tense(base)))
    return found


PERSONS = nouns(
    "boy girl teacher doctor farmer pilot singer child/children man/men woman/women friend neighbour king queen"
    " student artist actor writer baker sailor nurse lawyer guest driver"
)
ANIMALS = nouns("dog cat horse bird mouse/mice fox wolf/wolves cow duck")
THINGS = nouns("key cabinet car boat letter picture lamp chair bottle box knife/knives coat ring table door window")
PLACES = nouns("garden river school market forest village lake street kitchen tower station island bridge hill")
WORKS = nouns("film song story play novel concert meal show poem book")

INTRANSITIVE = verbs(
    "sleep//slept run//ran sing//sang walk wait laugh smile work dance swim//swam fall//fell arrive travel stay"
    " stand//stood sit//sat cry listen"
)
MOTIONLESS = verbs("fall//fell stand//stood stay arrive wait disappear remain")
TRANSITIVE = verbs(
    "see//saw know//knew help follow watch call visit remember meet//met paint carry find//found take//took"
    " want need describe hide//hid draw//drew sell//sold buy//bought"
)
SAYING = verbs("say//said answer whisper shout reply explain")

ADJECTIVES = "old young tall small red green quiet heavy new dark famous little strange clean white large".split()
MOODS = {
    "positive": {
        "adjectives": "wonderful brilliant lovely delightful charming superb great beautiful".split(),
        "verbs": verbs("love enjoy admire praise adore"),
        "adverbs": "happily beautifully gladly".split(),
    },
    "negative": {
        "adjectives": "terrible awful boring dreadful ugly horrible bad miserable".split(),
        "verbs": verbs("hate dislike avoid blame fear"),
        "adverbs": "sadly badly angrily".split(),
    },
}
ADVERBS = "slowly quietly often together alone".split()
PREPOSITIONS = "near behind beside with from above".split()
PLACE_PREPOSITIONS = "in near behind at".split()
CUES = {
    "Past": ["Yesterday", "Last year", "Long ago", "In those days"],
    "Pres": ["Now", "Every day", "Today", "These days"],
    "Fut": ["Tomorrow", "Next year", "Soon", "One day"],
}
DETERMINERS = {
    "Sing": ["the"] * 8 + ["my", "her", "his", "our", "a", "a", "this", "every"],
    "Plur": ["the"] * 8 + ["my", "her", "his", "our", "some", "many", "these", "two"],
}
POSSESSIVE = ("PRON", "nmod:poss")
DETERMINER_TAGS = {"two": ("NUM", "nummod"), "my": POSSESSIVE, "her": POSSESSIVE, "his": POSSESSIVE, "our": POSSESSIVE}
NAMES = {"Anna": "she", "Peter": "he", "Maria": "she", "Tom": "he", "Clara": "she", "Ben": "he", "Nora": "she", "Leo": "he"}
REFLEXIVES = {"they": "themselves", "he": "himself", "she": "herself", "it": "itself"}
PERSON_NAMES = {singular for singular, _ in PERSONS}
