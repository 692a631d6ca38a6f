/* What the explorers compute, and nothing of how they look. Each function is the twin of one in
   rnnlab.explorers; tests/test_browser_explorers.py holds them together. */
"use strict";

(() => {
  const explorers = (globalThis.rnnlabExplorers ??= {});
  const { grammar, attention: words } = explorers.data;

  const sigmoid = (x) => 1 / (1 + Math.exp(-x));
  const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0);
  const affine = (matrix, x, bias) => matrix.map((row, k) => dot(row, x) + bias[k]);

  function softmax(scores) {
    const top = Math.max(...scores);
    const powers = scores.map((score) => Math.exp(score - top));
    const sum = powers.reduce((a, b) => a + b, 0);
    return powers.map((power) => power / sum);
  }

  // --- a cell, step by step ---------------------------------------------------------------------

  /** The blocks of rows in the stored weights, as in rnnlab.palette.GATES. */
  const GATES = {
    rnn: ["hidden"],
    lstm: ["input_gate", "forget", "candidate", "output"],
    gru: ["reset", "update", "candidate"],
  };

  /** Read a string: rnnlab.explorers.trace. Steps and units are counted from 1; 0 is none, or every. */
  function trace({ kind, text, forced = {}, at = 0, blocked = 0 }) {
    const weights = explorers.data.networks[kind];
    const stored = (name) => weights[`encoder.recurrent.${name}_l0`];
    const units = stored("weight_hh")[0].length;
    const values = { input: [] };
    const probabilities = [];
    let h = new Array(units).fill(0);
    let c = h;
    const held = (state) => state.map((x, k) => (k === blocked - 1 ? 0 : x));
    [...text].forEach((symbol, step) => {
      const x = [...grammar.symbols].map((other) => Number(other === symbol));
      const a = affine(stored("weight_ih"), x, stored("bias_ih"));
      const b = affine(stored("weight_hh"), h, stored("bias_hh"));
      const now = at === 0 || at === step + 1 ? forced : {};
      const v = {};
      GATES[kind].forEach((role, block) => {
        const rows = Array.from({ length: units }, (_, k) => block * units + k);
        if (role === "hidden" || role === "candidate") {
          v[role] = rows.map((row, k) => Math.tanh(a[row] + (v.reset ? v.reset[k] : 1) * b[row]));
        } else {
          v[role] = rows.map((row) => (role in now ? now[role] : sigmoid(a[row] + b[row])));
        }
      });
      if (kind === "rnn") h = v.hidden;
      if (kind === "lstm") {
        c = v.cell = held(c.map((old, k) => v.forget[k] * old + v.input_gate[k] * v.candidate[k]));
        h = c.map((cell, k) => v.output[k] * Math.tanh(cell));
      }
      if (kind === "gru") h = h.map((old, k) => v.update[k] * old + (1 - v.update[k]) * v.candidate[k]);
      v.hidden = h = held(h);
      values.input.push(x);
      for (const [role, numbers] of Object.entries(v)) (values[role] ??= []).push(numbers);
      probabilities.push(softmax(affine(weights["decoder.weight"], h, weights["decoder.bias"])));
    });
    return { values, probabilities };
  }

  /** What may follow each symbol: rnnlab.explorers.may_follow. */
  function mayFollow(text) {
    const { graph } = grammar;
    const end = graph.length;
    let expected = "B";
    let node = -1;
    return [...text].map((symbol, step) => {
      if (expected === null || !expected.includes(symbol)) expected = null;
      else if (step < 2) expected = ["TP", "B"][step];
      else if (node === end) expected = symbol === "E" ? "" : "E";
      else {
        node = step === 2 ? 0 : graph[node][symbol];
        expected = node === end ? text[1] : Object.keys(graph[node]).join("");
      }
      return expected;
    });
  }

  // --- a gradient through a gap -----------------------------------------------------------------

  /** States, factors and gradients: rnnlab.explorers.through_gap. */
  function throughGap({ kind, weight, bias, start, gap }) {
    const keep = sigmoid(bias);
    const states = [start];
    const factors = [];
    const gradients = [1];
    for (let step = 0; step < gap; step += 1) {
      const s = states[step];
      let next, factor;
      if (kind === "rnn") {
        next = Math.tanh(weight * s);
        factor = weight * (1 - next * next);
      } else if (kind === "lstm") {
        const seen = Math.tanh(s);
        const g = Math.tanh((weight * seen) / 2);
        next = keep * s + g / 2;
        factor = keep + ((1 - g * g) * weight * (1 - seen * seen)) / 4;
      } else {
        const n = Math.tanh((weight * s) / 2);
        next = keep * s + (1 - keep) * n;
        factor = keep + ((1 - keep) * (1 - n * n) * weight) / 2;
      }
      states.push(next);
      factors.push(factor);
      gradients.push(gradients[step] * factor);
    }
    return { states, factors, gradients };
  }

  // --- parameters -------------------------------------------------------------------------------

  /** The stored tensors, and the parts of the model: rnnlab.parameters.ledger, model_parts. */
  function ledger({ kind, input, hidden, layers, biases, bidirectional, projection, symbols, classes }) {
    const g = GATES[kind].length;
    const p = projection || hidden;
    const directions = bidirectional ? ["forward", "reverse"] : ["forward"];
    const names = [[], ["bias"], ["bias_ih", "bias_hh"]][biases];
    const entries = [];
    for (let layer = 0; layer < layers; layer += 1) {
      const x = layer ? directions.length * p : input;
      for (const direction of directions) {
        const add = (name, shape, gates, each) =>
          entries.push({ layer, direction, name, shape, gates, each, count: (gates || 1) * each });
        add("weight_ih", `${g}·${hidden} × ${x}`, g, hidden * x);
        add("weight_hh", `${g}·${hidden} × ${p}`, g, hidden * p);
        for (const name of names) add(name, `${g}·${hidden}`, g, hidden);
        if (projection) add("weight_hr", `${p} × ${hidden}`, 0, p * hidden);
      }
    }
    const recurrent = entries.reduce((sum, entry) => sum + entry.count, 0);
    const parts = {
      embedding: symbols * input,
      "recurrent layers": recurrent,
      "linear layer": classes * (directions.length * p + 1),
    };
    return { entries, parts, total: Object.values(parts).reduce((a, b) => a + b, 0) };
  }

  // --- attention --------------------------------------------------------------------------------

  const wordsOf = (text) => text.match(/[\u4e00-\u9fff]|[^ \t\n\r\u3000\u4e00-\u9fff]+/g) ?? [];

  /** A word's vector: rnnlab.explorers.vector_of. */
  function vectorOf(word) {
    const { size } = words;
    const counts = new Array(size).fill(0);
    for (const letter of word.toLowerCase()) {
      const bits = Math.imul(letter.codePointAt(0), words.multiplier) >>> 24;
      const first = bits >> 5;
      const second = (first + 1 + (((bits >> 2) & 7) % (size - 1))) % size;
      counts[first] += 1 - 2 * (bits & 1);
      counts[second] += 1 - (bits & 2);
    }
    const squares = dot(counts, counts);
    const length = squares ? Math.sqrt(size / squares) : 0;
    return counts.map((number) => number * length);
  }

  /** Scores and weights of each word for each: rnnlab.explorers.sentence_weights. */
  function sentence({ text, rule, scaled = true, halved = false }) {
    const x = wordsOf(text).map(vectorOf);
    const { weight, bias } = words.rules[rule] ?? {};
    const score = {
      dot: (q, k) => dot(q, k) / (scaled ? Math.sqrt(words.size) : 1),
      linear: (q, k) => affine(weight, [...q, ...k], bias)[0],
      additive: (q, k) => (halved ? 0.5 : 1) *
        affine(weight, [...q, ...k], bias).reduce((sum, a) => sum + Math.tanh(a), 0),
      location: (q, _, place) => dot(weight[place], [...q, ...x[x.length - 1]]) + bias[place],
    }[rule];
    const scores = x.map((q) => x.map((k, place) => score(q, k, place)));
    return { scores, weights: scores.map(softmax) };
  }

  explorers.compute = { trace, mayFollow, throughGap, ledger, wordsOf, vectorOf, sentence };
})();
