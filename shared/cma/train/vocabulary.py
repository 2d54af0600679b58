"""Writes `data/vocabulary.txt`: the words of the labels to train with, which the spelling of a label is corrected to."""

import re
from collections import Counter, defaultdict

import labels as data

if __name__ == "__main__":
    sources, counts = defaultdict(set), Counter()
    for label in data.read():
        if "ocr" in label.source or "scan" in label.source:
            continue
        for word in re.findall("[a-z]{4,}", label.text.lower()):
            sources[word].add(label.source)
            # A single source prints its own misspelling again and again.
            counts[word] += not label.is_evidence
    words = sorted(word for word, own in sources.items() if len(own) >= 2 or counts[word] >= 3)
    (data.DATA / "vocabulary.txt").write_text("".join(f"{word}\n" for word in words), encoding="utf8")
    print(len(words), "words")
