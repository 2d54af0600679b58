"""A network with one hidden layer over sparse features, trained with Adam. Everything random comes from a fixed seed."""

import numpy as np
import scipy.sparse as sp

F = np.float32


def softmax(scores):
    powers = np.exp(scores - scores.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


class Network:
    """`scores = relu(features @ vectors + hidden_bias) @ output + output_bias`."""

    def __init__(self, width=32, epochs=14, rate=0.01, batch=256, drop=0.3, drop_features=0.1, seed=1):
        self.width, self.epochs, self.rate, self.batch = width, epochs, rate, batch
        self.drop, self.drop_features, self.seed = drop, drop_features, seed

    def fit(self, features, targets, weights):
        random = np.random.default_rng(self.seed)
        count, size, rows = features.shape[0], features.shape[1], targets.shape[1]
        vectors = (random.standard_normal((size, self.width)) * 0.1).astype(F)
        layers = [
            np.zeros(self.width, F),
            (random.standard_normal((self.width, rows)) / np.sqrt(self.width)).astype(F),
            np.zeros(rows, F),
        ]
        moments = [np.zeros_like(vectors), np.zeros_like(vectors)]
        layer_moments = [(np.zeros_like(layer), np.zeros_like(layer)) for layer in layers]
        steps = self.epochs * -(-count // self.batch)
        step = 0
        for _ in range(self.epochs):
            order = random.permutation(count)
            for start in range(0, count, self.batch):
                chosen = order[start:start + self.batch]
                part = features[chosen]
                used, places = np.unique(part.indices, return_inverse=True)
                kept = part.data * (random.random(len(part.data), dtype=F) >= self.drop_features) / F(1 - self.drop_features)
                part = sp.csr_matrix((kept.astype(F), places, part.indptr), shape=(len(chosen), len(used)))
                bias, output, output_bias = layers
                hidden = part @ vectors[used] + bias
                alive = (hidden > 0) * (random.random(hidden.shape, dtype=F) >= self.drop) / F(1 - self.drop)
                active = (hidden * alive).astype(F)
                error = softmax(active @ output + output_bias) - targets[chosen]
                error *= (weights[chosen] / len(chosen))[:, None]
                back = ((error @ output.T) * alive).astype(F)
                gradients = [back.sum(0), active.T @ error, error.sum(0)]
                step += 1
                rate = F(self.rate * (1 - step / (steps + 1)) * np.sqrt(1 - 0.999 ** step) / (1 - 0.9 ** step))
                gradient = part.T @ back
                first = F(0.9) * moments[0][used] + F(0.1) * gradient
                second = F(0.999) * moments[1][used] + F(0.001) * gradient * gradient
                moments[0][used], moments[1][used] = first, second
                vectors[used] -= rate * first / (np.sqrt(second) + F(1e-8))
                for layer, slope, (mean, square) in zip(layers, gradients, layer_moments):
                    mean += F(0.1) * (slope - mean)
                    square += F(0.001) * (slope * slope - square)
                    layer -= rate * mean / (np.sqrt(square) + F(1e-8))
        self.vectors = vectors
        self.hidden_bias, self.output, self.output_bias = layers
        return self

    def scores(self, features):
        return np.maximum(features @ self.vectors + self.hidden_bias, 0) @ self.output + self.output_bias

    @staticmethod
    def mean(members):
        """One network whose scores are the mean of the members' scores."""
        whole = Network(width=sum(member.width for member in members))
        whole.vectors = np.hstack([member.vectors for member in members])
        whole.hidden_bias = np.concatenate([member.hidden_bias for member in members])
        whole.output = np.vstack([member.output for member in members]) / F(len(members))
        whole.output_bias = np.mean([member.output_bias for member in members], axis=0).astype(F)
        return whole
