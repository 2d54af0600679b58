"""Trains the model of the classifier: `python train.py FEATURES_PROGRAM`.

FEATURES_PROGRAM is the built example `features`, which reads labels as the classifier does. Writes `data/model.bin`, and with
`--folds DIR` for each fold a model that did not see its sources, and the labels of those sources; with `--own` also for folds of the
known captions and of the labels written for this project, in files that begin with `own`. The same labels and the same versions of
`requirements.txt` give the same bytes.
"""

import os

# One thread, so that sums are always made in the same order.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import csv
import struct
import subprocess
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy.sparse as sp

import labels as data
import mixture
from network import Network, softmax

KINDS = 16
KINDS_OF_WORDS = (1, 4)
SEEN_MIN = 3
SOURCES_MIN = 2
MEMBERS = 2
ALSO_SHARE = 0.25


@dataclass
class Evidence:
    """What the program reads of a label."""

    sides: int
    words: int
    headings: int
    rules: list
    caption: tuple | None
    features: list


def read_evidence(program, labels):
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf8", newline="", delete=False) as file:
        writer = csv.writer(file)
        writer.writerow(["label", "section_path"])
        writer.writerows([label.text, label.section] for label in labels)
    out = subprocess.run([program, file.name], check=True, capture_output=True, text=True).stdout
    Path(file.name).unlink()
    found = [parse(line) for line in out.splitlines()]
    assert len(found) == len(labels)
    return found


def parse(line):
    sides, words, headings, rules, caption, features = line.split("\t")
    rules = [(row, *map(int, rest)) for row, *rest in (rule.split(":") for rule in rules.split())]
    row, _, ambiguous = caption.partition(":")
    pairs = [(int(feature[0], 16), int(feature[2:], 16)) for feature in features.split()]
    return Evidence(int(sides), int(words), int(headings), rules, (row, ambiguous == "1") if row else None, pairs)


def read_sides(program):
    out = subprocess.run([program, "rows"], check=True, capture_output=True, text=True).stdout
    return {row: int(sides) for row, sides, _ in (line.split() for line in out.splitlines())}


def keys_of(evidence, sources):
    """The features that occur often enough, and in more than one source, ascending by hash; with their kinds."""
    seen, first, repeated = Counter(), {}, set()
    for one, source in zip(evidence, sources):
        seen.update(one.features)
        for feature in one.features:
            if first.setdefault(feature, source) != source:
                repeated.add(feature)
    kinds = {}
    for kind, key in sorted(feature for feature in repeated if seen[feature] >= SEEN_MIN):
        kinds.setdefault(key, kind)
    keys = sorted(kinds)
    return keys, [kinds[key] for key in keys]


def matrix(evidence, keys, kinds):
    place = {(kind, key): index for index, (key, kind) in enumerate(zip(keys, kinds))}
    starts, indices, values, known = [0], [], [], []
    for one in evidence:
        sizes = Counter(kind for kind, _ in one.features)
        met = 0
        for kind, key in one.features:
            index = place.get((kind, key))
            if index is not None:
                met += kind in KINDS_OF_WORDS
                indices.append(index)
                values.append(sizes[kind] ** -0.5)
        known.append(met / max(1, sum(sizes[kind] for kind in KINDS_OF_WORDS)))
        starts.append(len(indices))
    shape = (len(evidence), len(keys))
    return sp.csr_matrix((np.array(values, np.float32), np.array(indices, np.int32), np.array(starts)), shape=shape), known


def targets_of(labels, rows):
    at = {row: index for index, row in enumerate(rows)}
    targets = np.zeros((len(labels), len(rows)), np.float32)
    for index, label in enumerate(labels):
        also = [row for row in label.also if row in at]
        targets[index, at[label.row]] = 1 - (ALSO_SHARE if also else 0)
        for row in also:
            targets[index, at[row]] += ALSO_SHARE / len(also)
    return targets


class Trained:
    """A network with its features and rows: the mean of several that differ in their seed, written as one wide network."""

    def __init__(self, labels, evidence, chosen, rows, settings):
        self.rows = rows
        part = [evidence[index] for index in chosen]
        own = [labels[index] for index in chosen]
        self.keys, self.kinds = keys_of(part, [label.source for label in own])
        features, _ = matrix(part, self.keys, self.kinds)
        weights = np.array([label.weight for label in own], np.float32)
        targets = targets_of(own, rows)
        members = [Network(seed=seed, **settings).fit(features, targets, weights) for seed in range(1, MEMBERS + 1)]
        self.network = Network.mean(members)
        self.quantise()

    def quantise(self):
        """Rounds the vectors to 8 bits, with one unit for each kind."""
        kinds = np.array(self.kinds)
        self.units = np.ones(KINDS, np.float32)
        self.bytes = np.zeros(self.network.vectors.shape, np.int8)
        for kind in range(KINDS):
            part = self.network.vectors[kinds == kind]
            if not len(part):
                continue
            self.units[kind] = np.quantile(np.abs(part), 0.9995) / 127
            self.bytes[kinds == kind] = np.clip(np.rint(part / self.units[kind]), -127, 127)
            self.network.vectors[kinds == kind] = self.bytes[kinds == kind] * self.units[kind]

    def scores(self, evidence):
        features, known = matrix(evidence, self.keys, self.kinds)
        return self.network.scores(features), known

    def write(self, path, mix):
        numbers = [float(number) for number in mix]
        network = self.network
        parts = [b"DKTM", struct.pack("<4I", 1, len(self.keys), network.width, len(self.rows))]
        parts += [bytes([len(row)]) + row.encode() for row in self.rows]
        parts.append(np.array(self.keys, "<u4").tobytes())
        parts.append(self.bytes.tobytes())
        floats = [self.units, network.hidden_bias, network.output.T.ravel(), network.output_bias]
        parts += [np.ascontiguousarray(part, "<f4").tobytes() for part in floats]
        parts.append(struct.pack(f"<I{len(numbers)}f", len(numbers), *numbers))
        path.write_bytes(b"".join(parts))


def numbers_of(weights, certainty, limit):
    return [*weights, limit, *certainty]


class Outside:
    """Opinions on labels by networks that did not see their sources."""

    def __init__(self, labels, evidence, rows, sides):
        self.labels, self.evidence, self.rows, self.sides = labels, evidence, rows, sides
        self.at = {row: index for index, row in enumerate(rows)}
        self.values, self.may, self.known = {}, {}, {}

    def add(self, indices, trained):
        scores, known = trained.scores([self.evidence[index] for index in indices])
        for index, score, share in zip(indices, scores, known):
            one = self.evidence[index]
            may = mixture.allowed(one, self.sides)
            self.values[index] = mixture.candidates(one, mixture.log_shares(score, may), self.rows, self.sides)
            self.may[index], self.known[index] = may, share

    def fit(self, indices):
        """The numbers of the mixture, fitted on some of the labels."""
        values, may = np.stack([self.values[i] for i in indices]), np.stack([self.may[i] for i in indices])
        right = np.array([self.at[self.labels[i].row] for i in indices])
        weights = mixture.fit(values, may, right)
        shares = softmax(np.where(may, values @ weights, -1e4))
        likeliest = [self.rows[index] for index in shares.argmax(1)]
        is_right = [row == self.labels[i].row or row in self.labels[i].also for i, row in zip(indices, likeliest)]
        signs = [mixture.signs(self.evidence[i], s, self.rows, self.known[i]) for i, s in zip(indices, shares)]
        certainty = mixture.fit_certainty(signs, is_right)
        probabilities = 1 / (1 + np.exp(-(np.array(signs, float) @ certainty)))
        return numbers_of(weights, certainty, mixture.passes(probabilities, is_right))


def write_labels(path, labels):
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "section_path", "label", "row_code", "also_accept"])
        writer.writerows([x.document, x.section, x.text, x.row, ",".join(x.also)] for x in labels)


def write_own(folder, labels, outside, tests, settings):
    """Writes the folds of what is not evidence, with the mixture that evidence gives."""
    numbers = outside.fit([index for own in tests for index in own])
    folds = data.own_folds(labels)
    for fold in range(data.OWN_FOLDS):
        held_out = {document for document, own in folds.items() if own == fold}
        network = Trained(labels, outside.evidence, data.trains(labels, held_out), outside.rows, settings)
        network.write(folder / f"own{fold}.bin", numbers)
        write_labels(folder / f"own{fold}.csv", [x for x in labels if x.document in held_out and x.weight >= 0.7])
        print(f"own fold {fold}: {len(held_out)} documents held out", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--folds", type=Path)
    parser.add_argument("--own", action="store_true")
    parser.add_argument("--out", type=Path, default=data.DATA / "model.bin")
    parser.add_argument("--width", type=int, default=24)
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    settings = {"width": arguments.width, "epochs": arguments.epochs}
    labels = data.read()
    evidence = read_evidence(arguments.program, labels)
    row_sides = read_sides(arguments.program)
    rows = sorted({label.row for label in labels})
    sides = np.array([row_sides[row] for row in rows])
    folds = data.folds(labels)
    outside, trained = Outside(labels, evidence, rows, sides), []
    # A label stands once in the measure, as printed: without the name of its statement.
    tests = [[i for i, x in enumerate(labels) if folds.get(x.document) == fold and x.weight >= 0.7] for fold in range(data.FOLDS)]
    for fold in range(data.FOLDS):
        held_out = {source for source, own in folds.items() if own == fold}
        trained.append(Trained(labels, evidence, data.trains(labels, held_out), rows, settings))
        outside.add(tests[fold], trained[-1])
        print(f"fold {fold}: {len(tests[fold])} labels of {len(held_out)} sources held out", file=sys.stderr, flush=True)
    if arguments.folds:
        arguments.folds.mkdir(parents=True, exist_ok=True)
        for fold, network in enumerate(trained):
            others = [index for other, own in enumerate(tests) if other != fold for index in own]
            network.write(arguments.folds / f"{fold}.bin", outside.fit(others))
            write_labels(arguments.folds / f"{fold}.csv", [labels[index] for index in tests[fold]])
        if arguments.own:
            write_own(arguments.folds, labels, outside, tests, settings)
    everything = Trained(labels, evidence, range(len(labels)), rows, settings)
    numbers = outside.fit([index for own in tests for index in own])
    everything.write(arguments.out, numbers)
    print("mixture", np.round(numbers, 3).tolist(), len(everything.keys), "features", file=sys.stderr)


if __name__ == "__main__":
    main()
