"""Other right answers to the exercises of the chapter "Pretraining"."""

import torch
from torch import nn

from rnnlab import models


def handed_on_by_package(reader, classifier):
    (V, E), H = reader["embedding.weight"].shape, reader["recurrent.weight_hh_l0"].shape[1]
    one = models.LanguageModel(V, H, "gru", embedding_size=E)
    other = models.SequenceClassifier(
        V, len(classifier["decoder.bias"]), H, "gru", embedding_size=E
    )
    one, other = one.double(), other.double()
    one.load_state_dict(reader)
    other.load_state_dict(classifier)
    for part in ("embedding", "recurrent"):
        getattr(other.encoder, part).load_state_dict(getattr(one, part).state_dict())
    return other.state_dict()


def handed_on_by_loop(reader, classifier):
    new = dict(classifier)
    for name in reader:
        if name.split(".")[0] in ("embedding", "recurrent"):
            new["encoder." + name] = reader[name].clone()
    return new


def sgd_by_autograd(weights, gradients, rate, frozen):
    leaves = {name: nn.Parameter(weight.clone()) for name, weight in weights.items()}
    for name, leaf in leaves.items():
        leaf.requires_grad_(not any(name[: len(part)] == part for part in frozen))
        if leaf.requires_grad:
            (leaf * gradients[name]).sum().backward()
            leaf.data.sub_(rate * leaf.grad)
    return {name: leaf.detach() for name, leaf in leaves.items()}


def sgd_by_loop(weights, gradients, rate, frozen):
    new = {}
    for name in weights:
        moves = 1.0
        for part in frozen:
            if name.startswith(part):
                moves = 0.0
        new[name] = torch.add(weights[name], gradients[name], alpha=-rate * moves)
    return new


def rows_by_product(table, theirs, ours, unknown):
    pick = torch.zeros(len(ours), len(theirs), dtype=table.dtype)
    for k, token in enumerate(ours):
        pick[k, theirs.index(token if token in theirs else unknown)] = 1
    return pick @ table


def rows_by_stack(table, theirs, ours, unknown):
    known = dict(zip(theirs, table, strict=True))
    return torch.stack([known[token] if token in known else known[unknown] for token in ours])


def pooled_by_loop(output, lengths):
    found = []
    for k, length in enumerate(lengths.tolist()):
        real = output[:length, k]
        found.append(torch.cat([real[-1], real.mean(0), real.max(0).values]))
    return torch.stack(found)


def pooled_by_gather(output, lengths):
    ends = (lengths - 1).view(1, -1, 1).expand(1, -1, output.shape[2])
    away = torch.arange(output.shape[0]).unsqueeze(1) >= lengths
    low = output - 1e6 * away[:, :, None].to(output.dtype)
    mean = output.sum(0) / lengths.unsqueeze(1).to(output.dtype)
    return torch.cat([output.gather(0, ends)[0], mean, low.max(dim=0)[0]], -1)


RIGHT = {
    "pretraining-hand-on": (handed_on_by_package, handed_on_by_loop),
    "pretraining-freeze": (sgd_by_autograd, sgd_by_loop),
    "pretraining-rows": (rows_by_product, rows_by_stack),
    "pretraining-pooling": (pooled_by_loop, pooled_by_gather),
}
