"""Sentences of a small English grammar: agreement across distance, tense, quotes, brackets and sentiment, annotated."""

import lexicon as lex
from phrases import Phrases, Subject, held
from words import Word, attach, mark, opening, punctuation


class Writer(Phrases):
    """Writes the sentences of one split."""

    def pronoun(self, form, number, person="3"):
        words = [Word(form, form, "PRON", "nsubj", Number=number, Person=person)]
        return Subject(words, number, person, pronoun=form)

    def spoken(self):
        """The clause of somebody who speaks: often about `I`, `we` or `you`, in a tense of its own."""
        tense = self.tense
        self.tense = self.pick(["Past", "Pres", "Pres", "Fut"])
        speaker = self.pick([("I", "Sing", "1"), ("we", "Plur", "1"), ("you", "Sing", "2"), None])
        root, words, _ = self.clause("ccomp", self.pronoun(*speaker) if speaker else None)
        if self.chance(0.25):
            form = self.pick(["oh", "yes", "no", "well"])
            words[:0] = attach([Word(form, form, "INTJ", "discourse"), punctuation(",")], root)
            words[0].space = False
        self.tense = tense
        return root, words

    def quoted(self, root, words, final):
        """The words between quotation marks, with the last point inside them."""
        point, first, last = punctuation(final), opening('"'), punctuation('"')
        words[0].form = words[0].form[0].upper() + words[0].form[1:]
        words[-1].space = point.space = False
        point.head = first.head = last.head = root
        return mark([first] + words + [point], Quote="Yes") + [last]

    def speech(self):
        """`The girl says: "…"` or `"…," says the girl.`"""
        root, said = self.spoken()
        number = self.number()
        before = held(self.noun_phrase(number, [lex.PERSONS], "nsubj"), number)
        verb, words = self.verb(self.pick(lex.SAYING), Subject([], number), "root")
        root.head = verb
        if self.chance(0.5):
            words[-1].space = False
            quote = self.quoted(root, said, self.pick([".", ".", "!"]))
            return verb, attach(before + words + [punctuation(":")], verb) + quote, None
        return verb, self.quoted(root, said, ",") + attach(before + words, verb), "."

    def joined(self):
        """Two clauses in one tense; the second may speak of the first one's subject."""
        root, words, subject = self.clause()
        again = None
        if self.chance(0.6):
            again = self.pronoun(subject.pronoun, subject.number)._replace(animate=subject.animate)
        second, more, _ = self.clause("conj", again)
        form = self.pick(["and", "because", "but", "while"])
        subordinate = form in ("because", "while")
        link = Word(form, form, "SCONJ" if subordinate else "CCONJ", "mark" if subordinate else "cc", second)
        second.deprel = "advcl" if subordinate else "conj"
        second.head = root
        return root, words + [link] + more, "."

    def cued(self):
        """`Yesterday, …`: the first words tell the tense."""
        root, words, end = self.joined() if self.chance(0.3) else self.plain()
        cue = [Word(form, form.lower(), "ADV", "advmod", root) for form in self.pick(lex.CUES[self.tense]).split()]
        cue[-1].space = False
        return root, cue + attach([punctuation(",")], root) + words, end

    def plain(self):
        root, words, _ = self.clause()
        return root, words, "."

    def sentence(self):
        """(words, label)"""
        self.tense = self.pick(["Past", "Past", "Pres", "Pres", "Pres", "Fut"])
        self.mood = self.pick(["positive", "negative", None])
        kind = self.pick([self.speech, self.cued, self.joined, self.plain])
        root, words, end = kind()
        if end:
            words[-1].space = False
            words.append(Word(end, end, "PUNCT", "punct", root))
        words[0].form = words[0].form[0].upper() + words[0].form[1:]
        return words, self.label(words)

    def label(self, words):
        """The mood, if any word tells it."""
        if self.mood is None:
            return "neutral"
        known = lex.MOODS[self.mood]
        telling = {*known["adjectives"], *known["adverbs"], *(verb[0] for verb in known["verbs"])}
        return self.mood if any(word.lemma in telling for word in words) else "neutral"
