/* Explorer 4: attention over an editable sentence. */
"use strict";

(() => {
  const { ui, write, compute, data, register } = globalThis.rnnlabExplorers;
  const { make, labelled, select, choice, button, table, barCell, scrolling, announcement } = ui;
  const MOST = data.attention.longest;
  const SENTENCES = ["the cat saw the other cats", "What time is it ?", "我爱中国，中国爱我"];
  const RULES = [["dot", "scaled dot product"], ["additive", "additive"], ["linear", "linear, each key"], ["location", "linear, by location"]];
  const SAYS = {
    dot: "Query and key are multiplied feature by feature: words that share letters score high.",
    additive: "Two units for each feature ask whether query and key agree in it: nearly the same answer as the dot product, by another way.",
    linear: "The query's share of a score is the same for every key, and the softmax takes it away: all rows are equal.",
    location: "Row j of the weights belongs to place j. It never sees the word that stands there.",
  };

  function start(box) {
    let shown = null;
    let query = 1;
    const error = make("p", { class: "explorer-error", role: "alert", id: ui.fresh("error") });
    const text = make("input", { type: "text", value: SENTENCES[0], maxlength: 120, spellcheck: "false", autocomplete: "off",
      "aria-describedby": error.id, oninput: update });
    const examples = SENTENCES.map((sentence) => button(sentence, () => { text.value = sentence; update(); },
      { lang: /[\u4e00-\u9fff]/.test(sentence) ? "zh" : "en" }));
    const rule = choice("Scoring rule", RULES, update);
    const option = make("div", { class: "explorer-row" });
    const scaled = select("dot product", [["yes", "divided by √d"], ["", "as it is"]], update);
    const halved = select("weights v of the units", [["", "none: the plain sum"], ["yes", "a half for each unit"]], update);
    const asked = select("query", [], () => { query = Number(asked.control.value); update(); });
    const says = announcement();
    const map = make("div", {});
    const row = make("div", {});

    function update() {
      const words = compute.wordsOf(text.value);
      error.textContent = !words.length ? "Type at least one word." : words.length > MOST
        ? `These are ${words.length} words. The explorer takes ${MOST}: the rule by location has a score for so many places and no more.` : "";
      text.setAttribute("aria-invalid", Boolean(error.textContent));
      if (error.textContent) return; // what was shown last stays
      query = Math.min(query, words.length - 1);
      asked.control.replaceChildren(...words.map((word, k) => make("option", { value: k, selected: k === query }, `${k + 1}: ${word}`)));
      option.replaceChildren(...{ dot: [scaled.field], additive: [halved.field] }[rule.value] ?? []);
      const settings = { text: text.value, rule: rule.value, scaled: Boolean(scaled.control.value), halved: Boolean(halved.control.value) };
      shown = { ...settings, words, query, ...compute.sentence(settings) };
      draw();
    }

    function draw() {
      const { words, weights, scores } = shown;
      const greatest = Math.max(...weights.flat());
      const most = weights[query].indexOf(Math.max(...weights[query]));
      says.textContent = `“${words[query]}” looks most at “${words[most]}”, word ${most + 1}, with ${write.percent(weights[query][most])}. ${SAYS[shown.rule]}`;
      map.replaceChildren(scrolling("heat map of the weights", table("Attention weights",
        ["query ↓  key →", ...words], weights.map((shares, k) => [make("th", { scope: "row" }, words[k]), ...shares.map((share) => make("td",
          { style: `--share: ${(share / greatest).toFixed(4)}` }, write.fixed(share)))]), { class: "explorer-table explorer-heat" })));
      map.querySelectorAll("tbody tr").forEach((line, k) => {
        line.classList.toggle("is-now", k === query);
        line.addEventListener("click", () => { query = k; update(); });
      });
      row.replaceChildren(scrolling("the chosen query's row", table(`The row of “${words[query]}”`, ["key", "score", "weight"],
        words.map((word, k) => [word, write.fixed(scores[query][k], 3), barCell(weights[query][k], write.fixed(weights[query][k], 3))]),
        { class: "explorer-table explorer-next" })));
    }

    box.append(
      make("div", { class: "explorer-controls" },
        labelled(`Sentence, up to ${MOST} words`, text), error, make("div", { class: "explorer-row explorer-under" }, examples),
        rule.field, option),
      says, map, make("div", { class: "explorer-row" }, asked.field), row);
    update();
    return () => shown;
  }

  register("attention", start);
})();
