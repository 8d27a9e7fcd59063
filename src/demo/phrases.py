"""Noun and verb phrases of the demo's grammar."""

import random
from typing import NamedTuple

import lexicon as lex
from words import Word, attach, mark, opening, punctuation


class Subject(NamedTuple):
    """The words of a subject and what its verb has to know of it; `pronoun` is what speaks of it later."""

    words: list
    number: str
    person: str = "3"
    animate: bool = True
    pronoun: str = "they"


def held(words, number):
    """Marks the words over which a subject's number has to be remembered: the noun and what follows it."""
    head = next(i for i, word in enumerate(words) if word.head is None)
    mark(words[head:], Subject=number)
    return words


class Phrases:
    """Writes phrases; `tense` and `mood` are those of the clause at hand."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tense, self.mood, self.bracketed = "Pres", None, False

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, items):
        return items[self.random.randrange(len(items))]

    def number(self):
        return self.pick(["Sing", "Plur"])

    def adjective(self):
        evaluative = self.mood and self.chance(0.5)
        form = self.pick(lex.MOODS[self.mood]["adjectives"] if evaluative else lex.ADJECTIVES)
        return Word(form, form, "ADJ", "amod")

    def determiner(self, number):
        form = self.pick(lex.DETERMINERS[number])
        upos, deprel = lex.DETERMINER_TAGS.get(form, ("DET", "det"))
        return Word(form, form, upos, deprel)

    def noun_phrase(self, number, kinds, deprel):
        """`the old towers`, its noun last and without a head."""
        singular, plural = self.pick(self.pick(kinds))
        noun = Word(plural if number == "Plur" else singular, singular, "NOUN", deprel, Number=number)
        words = [self.determiner(number)] + ([self.adjective()] if self.chance(0.3) else []) + [noun]
        if words[0].form == "a" and words[1].form[0] in "aeiou":
            words[0].form = "an"
        return attach(words, noun)

    def prepositional(self, depth, deprel="nmod", prepositions=lex.PREPOSITIONS):
        """`near the old towers`, sometimes with another such phrase inside."""
        preposition = self.pick(prepositions)
        kinds = [lex.PLACES] if preposition in ("in", "at") else [lex.THINGS, lex.PLACES, lex.PERSONS, lex.ANIMALS]
        words = self.noun_phrase(self.number(), kinds, deprel)
        noun = words[-1]
        words.insert(0, Word(preposition, preposition, "ADP", "case", noun))
        return words + (attach(self.prepositional(depth + 1), noun) if depth < 2 and self.chance(0.25) else [])

    def relative(self, noun, subject):
        """`who likes the dogs` or `that the dogs like`."""
        if self.chance(0.5):
            form = "who" if subject.animate and noun.lemma in lex.PERSON_NAMES else "that"
            verb, words = self.verb_phrase(subject, simple=True)
            words = [Word(form, form, "PRON", "nsubj", PronType="Rel")] + words
        else:
            number = self.number()
            verb, words = self.verb(self.pick(lex.TRANSITIVE), Subject([], number), "root")
            other = held(self.noun_phrase(number, [lex.PERSONS], "nsubj"), number)
            words = [Word("that", "that", "PRON", "obj", PronType="Rel")] + other + words
        attach(words, verb)
        verb.deprel = "acl:relcl"
        return words

    def bracket(self, noun, subject):
        """`(with the two girls)`, `(who sings)` or `(the girls laugh)`."""
        self.bracketed = True
        kind = self.random.random()
        if kind < 0.4:
            inside = self.prepositional(1)
        elif kind < 0.7:
            inside = self.relative(noun, subject)
        else:
            inside = self.clause("parataxis")[1]
        self.bracketed = False
        inside[-1].space = False
        root = next(word for word in inside if word.head is None)
        first, last = opening("("), punctuation(")")
        first.head = last.head = root
        return mark([first] + inside, Bracket="Yes") + [last]

    def subject(self):
        """A subject with what may stand between its noun and the verb."""
        number = self.number()
        if number == "Sing" and self.chance(0.06):
            name = self.pick(sorted(lex.NAMES))
            noun = Word(name, name, "PROPN", "nsubj", Number="Sing")
            return Subject(held([noun], number), number, pronoun=lex.NAMES[name])
        kinds = [lex.PERSONS] if self.chance(0.6) else self.pick([[lex.ANIMALS], [lex.THINGS, lex.WORKS]])
        words = self.noun_phrase(number, kinds, "nsubj")
        animate, person = kinds[0] is not lex.THINGS, kinds[0] is lex.PERSONS
        pronoun = "they" if number == "Plur" else self.pick(["he", "she"]) if person else "it"
        subject = Subject(words, number, animate=animate, pronoun=pronoun)
        after = self.between(words[-1], subject)
        return subject._replace(words=held(words + attach(after, words[-1]), number))

    def between(self, noun, subject):
        kind = self.random.random()
        if kind < 0.38:
            return self.prepositional(0)
        if kind < 0.55:
            return self.relative(noun, subject)
        return self.bracket(noun, subject) if kind < 0.66 and not self.bracketed else []

    # Verbs: pairs of the phrase's root, which has no head yet, and all its words.

    def verb(self, entry, subject, deprel):
        """A verb in the clause's tense with its auxiliaries."""
        base, third, past = entry
        agreement = {"Number": subject.number, "Person": subject.person, "Tense": self.tense}
        singular = subject.number == "Sing" and subject.person == "3"
        negative = self.chance(0.1)
        if not negative and self.tense != "Fut":
            form = past if self.tense == "Past" else third if singular else base
            verb = Word(form, base, "VERB", deprel, **agreement)
            return verb, [verb]
        verb = Word(base, base, "VERB", deprel, VerbForm="Inf")
        if self.tense == "Fut":
            auxiliary = Word("will", "will", "AUX", "aux", verb, Tense="Fut")
        else:
            form = "did" if self.tense == "Past" else "does" if singular else "do"
            auxiliary = Word(form, "do", "AUX", "aux", verb, **agreement)
        return verb, [auxiliary] + self.negation(verb, negative) + [verb]

    def negation(self, verb, negative):
        return [Word("not", "not", "PART", "advmod", verb, Polarity="Neg")] if negative else []

    def copula(self, subject):
        """`is very old`, with the adjective as root."""
        adjective = self.adjective()
        adjective.deprel = "root"
        if self.tense == "Fut":
            will = Word("will", "will", "AUX", "aux", adjective, Tense="Fut")
            be = [will, Word("be", "be", "AUX", "cop", adjective, VerbForm="Inf")]
        else:
            agreement = {"Number": subject.number, "Person": subject.person, "Tense": self.tense}
            be = [Word(self.form_of_be(subject), "be", "AUX", "cop", adjective, **agreement)]
        negative = self.chance(0.1) and adjective.form in lex.ADJECTIVES
        degree = [Word("very", "very", "ADV", "advmod", adjective)] if self.chance(0.2) else []
        return adjective, be + self.negation(adjective, negative) + degree + [adjective]

    def form_of_be(self, subject):
        plural = subject.number == "Plur" or subject.person == "2"
        if self.tense == "Past":
            return "were" if plural else "was"
        return "are" if plural else "am" if subject.person == "1" else "is"

    def verb_phrase(self, subject, simple=False):
        """A predicate that suits its subject: things do not act."""
        kind = self.random.random()
        if kind < (0.3 if subject.animate else 0.6):
            return self.copula(subject)
        if kind < 0.62 and subject.animate:
            return self.transitive(subject, simple)
        verb, words = self.verb(self.pick(lex.INTRANSITIVE if subject.animate else lex.MOTIONLESS), subject, "root")
        if not simple and self.chance(0.5):
            return verb, words + attach(self.prepositional(1, "obl", lex.PLACE_PREPOSITIONS), verb)
        return verb, words + (self.adverb(verb) if self.chance(0.4) else [])

    def adverb(self, verb):
        form = self.pick(lex.MOODS[self.mood]["adverbs"] if self.mood and self.chance(0.6) else lex.ADVERBS)
        return [Word(form, form, "ADV", "advmod", verb)]

    def transitive(self, subject, simple):
        verbs = lex.MOODS[self.mood]["verbs"] if self.mood and self.chance(0.6) else lex.TRANSITIVE
        verb, words = self.verb(self.pick(verbs), subject, "root")
        if subject.person == "3" and not simple and self.chance(0.08):
            form = lex.REFLEXIVES[subject.pronoun]
            return verb, words + [Word(form, form, "PRON", "obj", verb, Number=subject.number, Reflex="Yes")]
        thing = self.noun_phrase(self.number(), [lex.PERSONS, lex.THINGS, lex.WORKS, lex.ANIMALS], "obj")
        if not simple and self.chance(0.2):
            thing += attach(self.prepositional(1), thing[-1])
        return verb, words + attach(thing, verb)

    def clause(self, deprel="root", subject=None):
        """Subject and predicate, sometimes two predicates: (root, words, subject)."""
        subject = subject or self.subject()
        root, predicate = self.verb_phrase(subject)
        if self.chance(0.2) and root.upos == "VERB":
            second, more = self.verb_phrase(subject, simple=True)
            conjunction = Word("and", "and", "CCONJ", "cc", second)
            second.head, second.deprel = root, "conj"
            predicate = mark(predicate + [conjunction], Subject=subject.number) + more
            attach(more, second)
        attach(subject.words + predicate, root)
        root.deprel = deprel
        return root, subject.words + predicate, subject
