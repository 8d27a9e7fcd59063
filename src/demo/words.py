"""Annotated words, and sentences of them as CoNLL-U."""


class Word:
    """One word with its annotation; `head` is another word, or None for the root."""

    def __init__(self, form, lemma, upos, deprel, head=None, **feats):
        self.form, self.lemma, self.upos, self.deprel, self.head = form, lemma, upos, deprel, head
        self.feats = feats
        self.misc = {}
        self.space = True


def attach(words, head):
    """Hangs every word that has no head yet on `head`."""
    for word in words:
        if word.head is None and word is not head:
            word.head = head
    return words


def mark(words, **misc):
    for word in words:
        word.misc.update(misc)
    return words


def punctuation(form):
    return Word(form, form, "PUNCT", "punct")


def opening(form):
    word = punctuation(form)
    word.space = False
    return word


def text_of(words):
    return "".join(word.form + (" " if word.space else "") for word in words).rstrip()


def conllu(words, label, name):
    """One sentence as CoNLL-U. MISC keys: Quote and Bracket (inside them), Subject (the number that is waiting for its verb)."""
    place = {id(word): i + 1 for i, word in enumerate(words)}
    lines = [f"# sent_id = {name}", f"# text = {text_of(words)}", f"# label = {label}"]
    for word in words:
        head = place[id(word.head)] if word.head else 0
        feats = "|".join(f"{key}={value}" for key, value in sorted(word.feats.items())) or "_"
        notes = [f"{key}={value}" for key, value in sorted(word.misc.items())] + ([] if word.space else ["SpaceAfter=No"])
        columns = [place[id(word)], word.form, word.lemma, word.upos, "_", feats, head, word.deprel, "_", "|".join(notes) or "_"]
        lines.append("\t".join(str(column) for column in columns))
    return "\n".join(lines) + "\n\n"
