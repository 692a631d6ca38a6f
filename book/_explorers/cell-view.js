/* Explorer 1: step through a cell. */
"use strict";

(() => {
  const { ui, write, compute, data, register } = globalThis.rnnlabExplorers;
  const { make, labelled, select, choice, button, table, scrolling, announcement } = ui;
  const SYMBOLS = data.grammar.symbols;
  const LONGEST = 30;
  const SHOWN = {
    rnn: ["input", "hidden"],
    lstm: ["input", "forget", "input_gate", "candidate", "cell", "output", "hidden"],
    gru: ["input", "reset", "update", "candidate", "hidden"],
  };
  const FORCIBLE = { rnn: [], lstm: ["forget", "input_gate", "output"], gru: ["reset", "update"] };
  const IN_0_1 = new Set(["input", "forget", "input_gate", "output", "reset", "update"]);
  const STEP_WIDTH = 17;

  const symbolOf = (role, kind) => data.roles[role].symbols[kind] ?? data.roles[role].symbol;

  function start(box) {
    let step = 1;
    let shown = null; // what was computed last

    const kind = choice("Network", [["rnn", "RNN"], ["lstm", "LSTM"], ["gru", "GRU"]], () => {
      offerGates();
      update();
    });
    kind.value = "lstm";
    const error = make("p", { class: "explorer-error", role: "alert", id: ui.fresh("error") });
    const text = make("input", {
      type: "text", value: data.grammar.examples[0][1], maxlength: LONGEST, spellcheck: "false",
      autocomplete: "off", autocapitalize: "characters", "aria-describedby": error.id,
      oninput: update,
    });
    const examples = data.grammar.examples.map(([name, example]) =>
      button(name, () => { text.value = example; step = example.length - 2; update(); }));
    const gates = make("div", { class: "explorer-row" });
    const at = select("When", [[0, "at every step"]], update);
    const blocked = select("Unit held at 0",
      [[0, "none"], ...Array.from({ length: data.units }, (_, k) => [k + 1, `unit ${k + 1}`])], update);
    const view = select("Drawn below", [["", "values"], ["twin", "difference to the twin string"]], update);
    const back = button("◀ back", () => go(step - 1), { "aria-label": "one step back" });
    const on = button("on ▶", () => go(step + 1), { "aria-label": "one step on" });
    const place = make("input", { type: "range", min: 1, max: 1, value: 1, oninput: () => go(Number(place.value)) });
    const says = announcement();
    const letters = make("div", {});
    const drawn = make("p", {});
    const states = make("div", { class: "explorer-states" });
    const next = make("div", {});
    const numbers = make("div", {});

    function offerGates() {
      const options = [["", "free"], ["0", "forced to 0"], ["1", "forced to 1"]];
      const made = FORCIBLE[kind.value].map((role) => {
        const { control, field } = select(`${data.roles[role].name} ${symbolOf(role, kind.value)}`, options, update);
        control.dataset.role = role;
        return field;
      });
      gates.replaceChildren(...(made.length ? made : [make("p", {}, "An RNN has no gates.")]));
    }

    function forced() {
      const chosen = [...gates.querySelectorAll("select")].filter((control) => control.value !== "");
      return Object.fromEntries(chosen.map((control) => [control.dataset.role, Number(control.value)]));
    }

    function problem(string) {
      const strangers = [...new Set([...string].filter((symbol) => !SYMBOLS.includes(symbol)))];
      if (!string) return `Type at least one letter: ${[...SYMBOLS].join(", ")}.`;
      if (!strangers.length) return "";
      const which = strangers.map((symbol) => `“${symbol}”`).join(", ");
      return `The network knows the letters ${[...SYMBOLS].join(", ")}, and not ${which}.`;
    }

    function go(to) {
      step = to;
      update();
    }

    function update() {
      const string = text.value.toUpperCase().replace(/\s/g, "");
      error.textContent = problem(string);
      text.setAttribute("aria-invalid", Boolean(error.textContent));
      if (error.textContent) return; // what was shown last stays
      step = Math.min(Math.max(step, 1), string.length);
      place.max = string.length;
      place.value = step;
      place.setAttribute("aria-valuetext", `step ${step} of ${string.length}, letter ${string[step - 1]}`);
      back.disabled = step === 1;
      on.disabled = step === string.length;
      offerSteps(string);
      const settings = { kind: kind.value, text: string, forced: forced(), at: Number(at.control.value),
        blocked: Number(blocked.control.value) };
      const allowed = compute.mayFollow(string);
      const twin = view.control.value ? twinOf(string, allowed) : "";
      shown = { ...settings, step, ...compute.trace(settings), allowed, twin };
      shown.drawn = twin ? less(shown.values, compute.trace({ ...settings, text: twin }).values) : shown.values;
      draw();
    }

    /** The string with the other pair around it: T for P, or P for T. What differs inside is memory. */
    function twinOf(string, allowed) {
      const other = { T: "P", P: "T" }[string[1]];
      const due = (k) => k === 1 || (k > 1 && allowed[k - 1] === string[1] && string[k - 1] === "E");
      return other ? [...string].map((symbol, k) => (due(k) ? other : symbol)).join("") : "";
    }

    const less = (a, b) => Object.fromEntries(Object.entries(a).map(([role, values]) =>
      [role, values.map((numbers, t) => numbers.map((number, unit) => number - b[role][t][unit]))]));

    function offerSteps(string) {
      const before = at.control.value;
      at.control.replaceChildren(make("option", { value: 0 }, "at every step"), ...[...string].map(
        (symbol, k) => make("option", { value: k + 1 }, `at step ${k + 1} (${symbol}) alone`)));
      at.control.value = Number(before) <= string.length ? before : 0;
    }

    function draw() {
      const likely = shown.probabilities.map((shares) => SYMBOLS[shares.indexOf(Math.max(...shares))]);
      const rights = shown.allowed.map((ways, k) => verdict(ways, shown.probabilities[k]));
      says.textContent = sentence(rights);
      letters.replaceChildren(scrolling("the string, letter by letter", letterTable(likely, rights)));
      drawn.textContent = shown.twin ? `Drawn: the values for ${shown.text} minus those for ${shown.twin}.`
        : view.control.value ? "Drawn: the values. A twin needs T or P as second letter." : "";
      states.replaceChildren(...SHOWN[shown.kind].map(stateBlock));
      next.replaceChildren(scrolling("what it expects, letter by letter", nextTable()));
      numbers.replaceChildren(scrolling("all numbers at this step", numberTable()));
    }

    /** Whether each letter that may follow is expected more than each that may not: true, false, or null. */
    function verdict(ways, shares) {
      if (ways === null || ways === "") return null;
      const of = (inside) => shares.filter((_, k) => ways.includes(SYMBOLS[k]) === inside);
      return Math.min(...of(true)) > Math.max(...of(false));
    }

    function sentence(rights) {
      const k = shown.step - 1;
      const order = [...SYMBOLS].map((symbol, n) => [symbol, shown.probabilities[k][n]])
        .sort((a, b) => b[1] - a[1]).filter(([, share], n) => n === 0 || share > 0.1).slice(0, 3);
      const expects = order.map(([symbol, share]) => `${symbol} ${write.percent(share)}`).join(", ");
      const ways = shown.allowed[k];
      const rule = ways === null ? "This is no beginning of an embedded Reber string, so nothing is right or wrong here."
        : ways === "" ? "The string is complete."
          : `The grammar allows ${[...ways].join(" or ")}: ${rights[k] ? "✓ right" : "✗ wrong"}.${remembered(k) ? " This is the step that needs memory." : ""}`;
      const judged = rights.filter((right) => right !== null);
      return `Step ${shown.step} of ${shown.text.length}: the network reads ${shown.text[k]} and expects ${expects}. ${rule}` +
        ` In the whole string it is right at ${judged.filter(Boolean).length} of ${judged.length} steps.`;
    }

    /** Whether the pair's second letter is due: inside the pair, T and P are never the only letter allowed. */
    const remembered = (k) => shown.allowed[k] === shown.text[1] && shown.text[k] === "E";

    function letterTable(likely, rights) {
      const cells = (texts) => texts.map((content, k) =>
        make("td", { class: k + 1 === shown.step ? "is-now" : null, onclick: () => go(k + 1) }, content));
      return table("What it reads, and what it expects next", ["step", ...[...shown.text].map((_, k) => k + 1)], [
        ["reads", ...cells([...shown.text])],
        ["expects", ...cells(likely)],
        ["allowed", ...cells(shown.allowed.map((ways) => (ways === null ? "–" : ways || "end")))],
        ["right?", ...cells(rights.map((right) => (right === null ? "–" : right ? "✓" : "✗")))],
      ], { class: "explorer-table explorer-letters" });
    }

    /** One quantity over all steps: a row for each unit, a bar for each value. */
    function stateBlock(role) {
      const values = shown.drawn[role];
      const rows = values[0].length;
      const low = IN_0_1.has(role) && !shown.twin ? 0 : -1;
      const ROW = low ? 20 : 15;
      const reach = Math.max(1, ...values.flat().map(Math.abs));
      const left = 22;
      const size = { width: left + values.length * STEP_WIDTH, height: rows * ROW + 18 };
      const marks = values.flatMap((numbers, t) => numbers.map((value, unit) => {
        const height = (Math.abs(value) / reach) * (low ? ROW / 2 - 1 : ROW - 2);
        if (height < 0.4) return null;
        const base = unit * ROW + (low ? ROW / 2 : ROW - 1);
        return make("rect", { x: left + t * STEP_WIDTH + 3, width: STEP_WIDTH - 6, y: value >= 0 ? base - height : base,
          height, class: value >= 0 ? "bar" : "bar is-below" });
      }));
      const lines = Array.from({ length: rows }, (_, unit) => {
        const y = unit * ROW + (low ? ROW / 2 : ROW - 1);
        return make("line", { x1: left, x2: size.width, y1: y, y2: y, class: "base" });
      });
      const names = Array.from({ length: rows }, (_, unit) => make("text",
        { x: left - 6, y: unit * ROW + ROW - 4, "text-anchor": "end" }, role === "input" ? SYMBOLS[unit] : unit + 1));
      const read = [...shown.text].map((symbol, t) => make("text", { x: left + (t + 0.5) * STEP_WIDTH, y: size.height - 4,
        "text-anchor": "middle", class: t + 1 === shown.step ? "is-now" : null }, symbol));
      const now = make("rect", { x: left + (shown.step - 1) * STEP_WIDTH, y: 0, width: STEP_WIDTH, height: size.height, class: "now" });
      const name = `${data.roles[role].name} ${symbolOf(role, shown.kind)}`;
      const scale = reach > 1 ? `, bars from ${write.fixed(-reach, 1)} to ${write.fixed(reach, 1)}` : "";
      const mark = role in shown.forced ? (shown.at ? `, forced at step ${shown.at}` : ", forced") : "";
      const drawing = make("svg", { viewBox: `0 0 ${size.width} ${size.height}`, width: size.width, height: size.height,
        role: "img", "aria-label": `${name}${shown.twin ? ", difference" : ""}: ${description(values[shown.step - 1])}` }, now, lines, marks, names, read);
      return make("div", { class: `explorer-state role-${role}` },
        make("p", {}, make("strong", {}, name), scale, mark), scrolling(`${name} over all steps`, drawing));
    }

    const description = (numbers) =>
      `at step ${shown.step} ${numbers.map((number) => write.fixed(number)).join(", ")}`;

    function nextTable() {
      const shares = shown.probabilities[shown.step - 1];
      const ways = shown.allowed[shown.step - 1];
      return table(`What it expects after step ${shown.step}`, ["letter", "probability", "grammar"],
        [...SYMBOLS].map((symbol, k) => [symbol, ui.barCell(shares[k], write.percent(shares[k])),
          ways === null ? "–" : ways.includes(symbol) ? "✓ may follow" : ""]),
        { class: "explorer-table explorer-next" });
    }

    function numberTable() {
      const roles = SHOWN[shown.kind].filter((role) => role !== "input");
      const at = shown.step - 1;
      return table(`Every unit at step ${shown.step}`, ["unit", ...roles.map((role) => symbolOf(role, shown.kind))],
        shown.values.hidden[at].map((_, unit) => [unit + 1, ...roles.map((role) => write.fixed(shown.values[role][at][unit], 3))]));
    }

    function reset() {
      for (const control of gates.querySelectorAll("select")) control.value = "";
      at.control.value = blocked.control.value = 0;
      update();
    }

    box.append(
      make("div", { class: "explorer-controls" },
        kind.field,
        labelled(`String of ${[...SYMBOLS].join(" ")}`, text), error,
        make("div", { class: "explorer-row explorer-under" }, examples),
        make("fieldset", {}, make("legend", {}, "Interfere"),
          gates, make("div", { class: "explorer-row" }, at.field, blocked.field, button("undo all", reset))),
        make("div", { class: "explorer-row explorer-stepper" }, back, labelled("Step", place), on)),
      says, make("div", { class: "explorer-beside" }, letters, next),
      make("div", { class: "explorer-row" }, view.field), drawn, states,
      make("details", {}, make("summary", {}, "The numbers at this step"), numbers));
    offerGates();
    step = text.value.length - 2; // where the network must remember
    update();
    return () => shown;
  }

  register("cell", start);
})();
