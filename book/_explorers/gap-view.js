/* Explorer 2: a gradient through a gap. */
"use strict";

(() => {
  const { ui, write, compute, data, register } = globalThis.rnnlabExplorers;
  const { make, formula, slider, choice, table, announcement, scrolling } = ui;
  const KINDS = ["rnn", "lstm", "gru"];
  const NAMES = { rnn: "RNN", lstm: "LSTM", gru: "GRU" };
  const DASHES = { rnn: "2 5", lstm: null, gru: "9 5" };
  const HEIGHT = 300;
  const EDGE = { left: 58, right: 62, top: 12, bottom: 40 };
  const REACH = [-16, 12]; // powers of ten that the axis shows at most

  function start(box) {
    let shown = null;
    const number = (digits) => (value) => write.fixed(value, digits);
    const weight = slider("recurrent weight w", { min: -3, max: 3, step: 0.05, value: 0.5, show: number(2) }, update);
    const before = slider("state before the gap", { min: 0, max: 2, step: 0.05, value: 0, show: number(2) }, update);
    const gap = slider("gap T, in steps", { min: 1, max: 100, step: 1, value: 40 }, update);
    const gate = (name) => (bias) => `${write.fixed(bias)}, so ${name} = ${write.fixed(1 / (1 + Math.exp(-bias)), 3)}`;
    const forget = slider("bias of the LSTM's forget gate", { min: -4, max: 8, step: 0.25, value: 2, show: gate("f") }, update);
    const keep = slider("bias of the GRU's update gate", { min: -4, max: 8, step: 0.25, value: 2, show: gate("z") }, update);
    const kind = choice("Worked out below", KINDS.map((name) => [name, NAMES[name]]), update);
    const says = announcement();
    const chart = make("div", {});
    const results = make("div", {});
    const workings = make("div", { class: "explorer-formula" });

    function settings(name) {
      const bias = { rnn: 0, lstm: forget.value, gru: keep.value }[name];
      return { kind: name, weight: weight.value, bias, start: before.value, gap: gap.value };
    }

    function update() {
      const runs = Object.fromEntries(KINDS.map((name) => [name, { ...settings(name), ...compute.throughGap(settings(name)) }]));
      shown = { kind: kind.value, ...runs };
      const last = (name) => runs[name].gradients[gap.value];
      says.textContent = `After ${steps(gap.value)}: ` +
        KINDS.map((name) => `${NAMES[name]} ${write.written(last(name))}`).join(", ") + " of the gradient.";
      chart.replaceChildren(draw(runs));
      results.replaceChildren(scrolling("what arrives", table("What arrives of a gradient of 1",
        ["cell", "first factor", "last factor", `product of ${gap.value}`, "less than a tenth after"],
        KINDS.map((name) => [NAMES[name], write.written(runs[name].factors[0]), write.written(runs[name].factors.at(-1)),
          write.written(last(name)), tenth(runs[name].gradients)]))));
      workings.replaceChildren(...work(runs[kind.value]));
    }

    const steps = (count) => (count === 1 ? "1 step" : `${count} steps`);

    function tenth(gradients) {
      const at = gradients.findIndex((gradient) => Math.abs(gradient) < 0.1);
      return at < 0 ? "not in this gap" : steps(at);
    }

    function work({ kind: name, factors, gradients, states }) {
      const f = write.fixed(1 / (1 + Math.exp(-settings(name).bias)), 3);
      const bracketed = (number) => (number.startsWith("−") ? `(${number})` : number);
      const w = bracketed(write.fixed(weight.value));
      const square = (number) => `${bracketed(write.fixed(number, 3))}²`;
      const text = {
        rnn: ["h_t = tanh(w h_{t−1}), so a step has the factor w (1 − h_t²)",
          (k) => `${w} · (1 − ${square(states[k + 1])})`],
        lstm: ["c_t = f c_{t−1} + i g_t with g_t = tanh(w o tanh(c_{t−1})), so a step has the factor f + i (1 − g_t²) w o (1 − tanh²(c_{t−1})), where i = o = ½",
          (k) => `${f} + ½ · (1 − ${square(Math.tanh((weight.value * Math.tanh(states[k])) / 2))}) · ${w} · ½ · (1 − ${square(Math.tanh(states[k]))})`],
        gru: ["h_t = z h_{t−1} + (1 − z) n_t with n_t = tanh(r w h_{t−1}), so a step has the factor z + (1 − z) (1 − n_t²) r w, where r = ½",
          (k) => `${f} + (1 − ${f}) · (1 − ${square(Math.tanh((weight.value * states[k]) / 2))}) · ½ · ${w}`],
      }[name];
      const T = factors.length;
      const same = Math.max(...factors) === Math.min(...factors);
      const lines = [`${NAMES[name]}: ${text[0]}.`,
        `Step 1: ${text[1](0)} = ${write.written(factors[0], 4)}.`,
        T > 1 && `Step ${T}: ${text[1](T - 1)} = ${write.written(factors[T - 1], 4)}.`,
        same ? `All factors are the same, so after the gap the gradient is (${write.written(factors[0], 4)})${write.raised(T)} = ${write.written(gradients[T], 4)}.`
          : `The product of all ${T} factors is ${write.written(gradients[T], 4)}.`];
      return lines.filter(Boolean).map((line) => make("p", {}, formula(line)));
    }

    function draw(runs) {
      const WIDTH = Math.min(Math.max(chart.clientWidth || 600, 250), 700); // a drawing of its own for a phone
      const logs = (name) => runs[name].gradients.map((gradient) => Math.log10(Math.abs(gradient)));
      const all = KINDS.flatMap(logs).filter(Number.isFinite);
      const low = Math.max(REACH[0], Math.min(-1, Math.floor(Math.min(...all))));
      const high = Math.min(REACH[1], Math.max(1, Math.ceil(Math.max(...all))));
      const x = (t) => EDGE.left + (t / gap.value) * (WIDTH - EDGE.left - EDGE.right);
      const y = (log) => EDGE.top + ((high - Math.min(high, Math.max(low, log))) / (high - low)) * (HEIGHT - EDGE.top - EDGE.bottom);
      const powers = stepped(low, high, 6).map((power) => [
        make("line", { x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(power), y2: y(power), class: power ? "grid" : "grid is-one" }),
        make("text", { x: EDGE.left - 8, y: y(power) + 4, "text-anchor": "end" }, power ? `10${write.raised(power)}` : "1")]);
      const times = stepped(0, gap.value, 6).map((t) => make("text",
        { x: x(t), y: HEIGHT - EDGE.bottom + 18, "text-anchor": "middle" }, t));
      const ends = spread(KINDS.map((name) => [name, y(finite(logs(name).at(-1), low))]));
      const curves = KINDS.map((name) => {
        const points = logs(name).map((log, t) => [x(t), y(finite(log, low))]);
        const marked = points.filter((_, t) => t % Math.max(1, Math.round(gap.value / 8)) === 0);
        return make("g", { class: `curve role-${name}` },
          make("polyline", { points: points.map((point) => point.map((v) => v.toFixed(1)).join()).join(" "), "stroke-dasharray": DASHES[name] }),
          marked.map(([px, py]) => mark(name, px, py)),
          make("text", { x: WIDTH - EDGE.right + 8, y: ends[name] + 4 }, NAMES[name]));
      });
      return make("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, width: WIDTH, height: HEIGHT, class: "explorer-chart", role: "img",
        "aria-label": "Three curves of the gradient's size against the gap, on a logarithmic axis: " +
          KINDS.map((name) => `${NAMES[name]} ends at ${write.written(Math.abs(runs[name].gradients[gap.value]))}`).join(", ") },
      powers, times, make("text", { x: (EDGE.left + WIDTH - EDGE.right) / 2, y: HEIGHT - 4, "text-anchor": "middle" },
        "steps since the start of the gap"), curves);
    }

    const finite = (log, low) => (Number.isFinite(log) ? log : low);

    /** A square for the LSTM, a triangle for the GRU, a circle for the RNN: told apart without colour. */
    function mark(name, x, y) {
      if (name === "rnn") return make("circle", { cx: x, cy: y, r: 4 });
      if (name === "lstm") return make("rect", { x: x - 4, y: y - 4, width: 8, height: 8 });
      return make("path", { d: `M${x - 5} ${y + 4}h10l-5 -9z` });
    }

    /** At most so many round numbers from low to high. */
    function stepped(low, high, most) {
      const by = [1, 2, 4, 5, 10, 20].find((size) => (high - low) / size <= most) ?? 25;
      const first = Math.ceil(low / by) * by;
      return Array.from({ length: Math.floor((high - first) / by) + 1 }, (_, k) => first + k * by);
    }

    /** Names at the ends of curves, moved apart where they would lie on each other. */
    function spread(entries) {
      const sorted = [...entries].sort((a, b) => a[1] - b[1]);
      for (let k = 1; k < sorted.length; k += 1) sorted[k][1] = Math.max(sorted[k][1], sorted[k - 1][1] + 17);
      const over = Math.max(0, sorted.at(-1)[1] - (HEIGHT - EDGE.bottom));
      return Object.fromEntries(sorted.map(([name, at]) => [name, at - over]));
    }

    box.append(make("div", { class: "explorer-controls explorer-sliders" }, weight.field, gap.field, before.field, forget.field, keep.field),
      says, chart, results, kind.field, workings);
    update();
    new ResizeObserver(() => chart.clientWidth && chart.replaceChildren(draw(shown))).observe(chart);
    return () => shown;
  }

  register("gap", start);
})();
