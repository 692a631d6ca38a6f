/* Explorer 3: the parameter calculator. */
"use strict";

(() => {
  const { ui, compute, register } = globalThis.rnnlabExplorers;
  const { make, labelled, select, button, table, barCell, scrolling, announcement } = ui;
  const START = { kind: "lstm", input: 28, hidden: 256, layers: 1, biases: 2, bidirectional: false, projection: 0, symbols: 0, classes: 0 };
  const PRESETS = [
    ["no biases", { biases: 0 }],
    ["one bias, as in the equations", { biases: 1 }],
    ["two biases, as in PyTorch", { biases: 2 }],
    ["char-rnn", { input: 78, hidden: 512, layers: 3, classes: 78 }],
  ];
  const GATE_NAMES = { rnn: ["h"], lstm: ["i", "f", "g", "o"], gru: ["r", "z", "n"] };

  /** An integer in groups of three, as the course writes it. */
  const grouped = (count) => String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");

  function start(box) {
    let shown = null;
    const error = make("p", { class: "explorer-error", role: "alert", id: ui.fresh("error") });
    const size = (label, key, min, max) => {
      const control = make("input", { type: "number", min, max, step: 1, value: START[key], inputmode: "numeric",
        "aria-describedby": error.id, oninput: update });
      return { control, field: labelled(label, control), label, min, max, key };
    };
    const kind = select("cell", [["lstm", "LSTM"], ["gru", "GRU"], ["rnn", "RNN"]], update);
    const biases = select("biases for each gate", [[2, "two, as in PyTorch"], [1, "one, as in the equations"], [0, "none"]], update);
    const directions = select("directions", [["", "one"], ["both", "both"]], update);
    const sizes = [
      size("features read, x", "input", 1, 100000), size("hidden units, h", "hidden", 1, 100000),
      size("layers", "layers", 1, 12), size("projection to (0: none)", "projection", 0, 100000),
      size("symbols embedded (0: none)", "symbols", 0, 10000000),
      size("linear layer’s outputs (0: none)", "classes", 0, 10000000),
    ];
    const says = announcement();
    const ledger = make("div", {});
    const parts = make("div", {});

    function settings() {
      const numbers = Object.fromEntries(sizes.map(({ key, control }) => [key, Number(control.value)]));
      return { ...numbers, kind: kind.control.value, biases: Number(biases.control.value), bidirectional: Boolean(directions.control.value) };
    }

    function put(values) {
      for (const { key, control } of sizes) control.value = values[key];
      kind.control.value = values.kind;
      biases.control.value = values.biases;
      directions.control.value = values.bidirectional ? "both" : "";
      update();
    }

    function problem(chosen) {
      for (const { control, label, min, max } of sizes) {
        const number = Number(control.value);
        const wrong = control.value === "" || !Number.isInteger(number) || number < min || number > max;
        control.setAttribute("aria-invalid", wrong);
        if (wrong) return `“${label}” must be a whole number from ${min} to ${grouped(max)}.`;
      }
      if (chosen.projection && chosen.kind !== "lstm") return "Only the LSTM has a projection: set it to 0.";
      if (chosen.projection >= chosen.hidden) return "A projection must be smaller than the hidden state.";
      return "";
    }

    function update() {
      const chosen = settings();
      error.textContent = problem(chosen);
      if (error.textContent) return; // what was shown last stays
      shown = { ...chosen, ...compute.ledger(chosen) };
      const { total, entries } = shown;
      const layers = shown.parts["recurrent layers"];
      says.textContent = `${grouped(total)} parameters` + (total === layers ? "." : `, ${grouped(layers)} of them in the recurrent layers.`);
      const gates = GATE_NAMES[chosen.kind];
      const rows = entries.map((entry) => [String(entry.layer), entry.direction, make("code", {}, entry.name), entry.shape,
        entry.gates > 1 ? `${gates.join(", ")}: ${grouped(entry.each)} each` : entry.gates ? "" : "for all gates together",
        barCell(entry.count / total, grouped(entry.count))]
        .map((cell, place) => (cell instanceof HTMLTableCellElement ? cell : make("td", { class: place === 3 ? "shape" : null }, cell))));
      const sum = make("tfoot", {}, make("tr", {}, make("th", { scope: "row", colspan: 5 }, "recurrent layers"),
        make("td", { class: "total" }, grouped(layers))));
      const made = table("Ledger of the recurrent layers", ["layer", "direction", "tensor", "shape", "gates", "parameters"], rows,
        { class: "explorer-table explorer-ledger" });
      made.append(sum);
      ledger.replaceChildren(scrolling("ledger of the recurrent layers", made));
      parts.replaceChildren(total === layers ? "" : table("The whole model", ["part", "parameters"],
        [...Object.entries(shown.parts), ["in all", total]].map(([part, count]) => [part, barCell(count / total, grouped(count))]),
        { class: "explorer-table explorer-ledger" }));
    }

    box.append(
      make("div", { class: "explorer-row" }, PRESETS.map(([name, change]) => button(name, () => put({ ...START, ...change })))),
      make("div", { class: "explorer-controls explorer-sizes" }, kind.field, sizes.slice(0, 3).map(({ field }) => field),
        directions.field, biases.field, sizes.slice(3).map(({ field }) => field)),
      error, says, ledger, parts);
    update();
    return () => shown;
  }

  register("ledger", start);
})();
