"""Reads the labels to train with, and splits their sources into folds."""

import csv
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
FOLDS = 8
"""How many folds the sources that are evidence are split into."""
OWN_FOLDS = 4
"""The same for the known captions and the labels written for this project, which are measured apart."""

# Brackets in `labels.csv` that name the heading a label is printed under.
HINTS = [
    ("(long-term borrowings)", "Long-term borrowings"), ("(long-term)", "Non-current"), ("(non-current)", "Non-current"),
    ("(short-term)", "Current"), ("(current)", "Current"), ("(other equity)", "Other equity"),
    ("(P&L)", "Profit and loss"), ("(Long Term)", "Non-current"), ("(Short Term)", "Current"),
    (", noncurrent", "Non-current"), (", current", "Current"),
]
STATEMENTS = {"PL": "Statement of profit and loss", "BS": "Balance sheet"}
FORM_SECTIONS = [
    (9, "Current liabilities"), (17, "Term liabilities"), (25, "Net worth"), (34, "Current assets"),
    (37, "Fixed assets"), (41, "Other non-current assets"), (99, "Intangible assets"),
]


@dataclass
class Label:
    """One label with its headings and its row."""

    source: str
    section: str
    text: str
    row: str
    also: list[str] = field(default_factory=list)
    sure: bool = True
    weight: float = 1.0
    family: str = ""

    @property
    def plain(self) -> str:
        return re.sub("[^a-z]+", " ", self.text.lower()).strip()

    @property
    def is_evidence(self) -> bool:
        """Whether the label was printed somewhere, so that accuracy can be measured with it."""
        return not self.source.startswith("written-") and self.source not in ("known", "form", "compiled-abbrev")

    @property
    def document(self) -> str:
        """What is held out together: the source, or where a known caption comes from."""
        return f"known: {self.family}" if self.family else self.source


def read() -> list[Label]:
    """All labels, in the order of the files."""
    labels = known() + form()
    for path in sorted((DATA / "training").glob("*.csv")):
        with path.open(encoding="utf8", newline="") as file:
            for number, record in enumerate(csv.DictReader(file)):
                labels += of_record(record, number)
    return labels


def known() -> list[Label]:
    with (DATA / "labels.csv").open(encoding="utf8", newline="") as file:
        records = list(csv.DictReader(file))
    labels = []
    for record in records:
        text, section = record["label"], ""
        for bracket, heading in HINTS:
            if bracket in text:
                text, section = text.replace(bracket, "").strip(), heading
                break
        family = record["source"].split(" (")[0].split(";")[0]
        labels.append(Label("known", section, text, record["row_code"], family=family))
    return labels


def form() -> list[Label]:
    """The labels of the form's own rows, bare and under their headings."""
    with (DATA / "rows.csv").open(encoding="utf8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["form"] in ("II", "III") and row["kind"] == "input"]
    labels = []
    for row in rows:
        code, text = row["row_code"], row["label"]
        number = code.split(".")[1]
        if not number.isdigit():
            continue
        heading = "Operating statement" if row["form"] == "II" else next(h for n, h in FORM_SECTIONS if int(number) <= n)
        labels.append(Label("form", "", text, code, weight=3.0))
        labels.append(Label("form", heading, text, code))
    return labels


def of_record(record: dict[str, str], number: int) -> list[Label]:
    """A record's label; also with the name of its statement above it, as the program reads faces of statements."""
    also = [code for code in record["also_accept"].replace(" ", "").split(",") if code]
    label = Label(record["source"], record["section_path"], record["label"], record["row_code"], also, record["sure"] == "1")
    if not label.sure:
        label.weight = 0.7
    labels = [label]
    statement = STATEMENTS.get(record["statement"])
    if statement and (not label.section or number % 3 == 0):
        section = f"{statement} > {label.section}" if label.section else statement
        labels.append(Label(f"{label.source}", section, label.text, label.row, also, label.sure, 0.5 * label.weight))
    return labels


def folds(labels: list[Label]) -> dict[str, int]:
    """A fold for each document that is evidence, such that the folds are about equally large."""
    return split(Counter(label.document for label in labels if label.is_evidence), FOLDS)


def own_folds(labels: list[Label]) -> dict[str, int]:
    """The same for the known captions and the labels written for this project. The form's own labels are never held out."""
    return split(Counter(label.document for label in labels if not label.is_evidence and label.source != "form"), OWN_FOLDS)


def split(counts: Counter, count: int) -> dict[str, int]:
    sizes, found = [0] * count, {}
    for document, own in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        fold = sizes.index(min(sizes))
        sizes[fold] += own
        found[document] = fold
    return found


def trains(labels: list[Label], held_out: set[str]) -> list[int]:
    """The labels to train with when documents are held out. Labels written for this project that repeat a held-out one are left
    out too, because some were written after a look at it."""
    repeated = {label.plain for label in labels if label.document in held_out}
    own = ("written-", "compiled-")
    return [
        index for index, label in enumerate(labels)
        if label.document not in held_out and not (label.source.startswith(own) and label.plain in repeated)
    ]
