/* What the explorers share: making elements, writing numbers, and starting each one in its place.
   Classic scripts, so that they work from a folder: modules would need a server. */
"use strict";

(() => {
  const explorers = (globalThis.rnnlabExplorers ??= {});
  const SVG = "http://www.w3.org/2000/svg";
  const SVG_TAGS = new Set(["svg", "g", "rect", "line", "path", "text", "polyline", "circle", "title"]);
  const starters = {};
  const current = {};
  let ids = 0;

  /** Make an element. Properties that start with "on" are listeners; false and null leave one out. */
  function make(tag, properties = {}, ...children) {
    const element = SVG_TAGS.has(tag)
      ? document.createElementNS(SVG, tag)
      : document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(Infinity).filter((child) => child !== null && child !== false));
    return element;
  }

  const fresh = (stem) => `explorer-${stem}-${(ids += 1)}`;

  /** A control below its label. */
  function labelled(label, control, note = null) {
    control.id ||= fresh("control");
    return make("div", { class: "explorer-field" }, make("label", { for: control.id }, label), control, note);
  }

  function select(label, options, onchange) {
    const control = make(
      "select",
      { onchange },
      options.map(([value, text]) => make("option", { value }, text)),
    );
    return { control, field: labelled(label, control) };
  }

  /** A slider that says its value. */
  function slider(label, { min, max, step, value, show = String }, oninput) {
    const says = make("output", {});
    const control = make("input", { type: "range", min, max, step, value });
    const tell = () => {
      says.textContent = show(Number(control.value));
      control.setAttribute("aria-valuetext", says.textContent);
    };
    control.addEventListener("input", () => {
      tell();
      oninput();
    });
    tell();
    const field = labelled(label, control, says);
    says.setAttribute("for", control.id);
    return {
      control,
      field,
      get value() {
        return Number(control.value);
      },
      set value(number) {
        control.value = number;
        tell();
      },
    };
  }

  /** One of several, as radio buttons; arrows move between them. */
  function choice(legend, options, onchange) {
    const name = fresh("choice");
    const buttons = options.map(([value, text], place) => {
      const id = fresh("option");
      const input = make("input", { type: "radio", id, name, value, checked: place === 0, onchange });
      return make("span", { class: "explorer-option" }, input, make("label", { for: id }, text));
    });
    const field = make("fieldset", {}, make("legend", {}, legend), buttons);
    return {
      field,
      get value() {
        return field.querySelector("input:checked").value;
      },
      set value(chosen) {
        for (const input of field.querySelectorAll("input")) input.checked = input.value === chosen;
      },
    };
  }

  const button = (text, onclick, more = {}) =>
    make("button", { type: "button", class: "explorer-button", onclick, ...more }, text);

  /** A table; the first cell of each row heads it, and cells that are elements stay as they are. */
  function table(caption, head, rows, more = {}) {
    return make(
      "table",
      { class: "explorer-table", ...more },
      make("caption", {}, caption),
      make("thead", {}, make("tr", {}, head.map((text) => make("th", { scope: "col" }, text)))),
      make("tbody", {}, rows.map((cells) => make("tr", {}, cells.map(
        (cell, place) => cell instanceof HTMLTableCellElement ? cell
          : make(place ? "td" : "th", place ? {} : { scope: "row" }, cell))))),
    );
  }

  /** A table's cell with a number and a bar as long as its share. */
  const barCell = (share, text) =>
    make("td", { class: "explorer-bar" }, make("span", { class: "track", style: `--share: ${share}` }),
      make("span", { class: "number" }, text));

  /** Something wide that scrolls by itself; it can be reached by keyboard. */
  const scrolling = (label, ...children) =>
    make("div", { class: "explorer-scroll", tabindex: 0, role: "group", "aria-label": label }, children);

  /** A number for a reader: few digits, a true minus, powers of ten written out. */
  function written(number, digits = 3) {
    if (number === 0) return "0";
    const size = Math.abs(number);
    if (!Number.isFinite(number)) return "beyond all bounds";
    if (size >= 1e-3 && size < 1e5) return signed(Number(number.toPrecision(digits)).toString());
    const [mantissa, power] = number.toExponential(digits - 1).split("e");
    return `${signed(mantissa)} · 10${raised(Number(power))}`;
  }

  const signed = (text) => text.replace("-", "−");
  const raised = (power) =>
    [...String(power)].map((sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");
  const fixed = (number, digits = 2) => signed((Math.abs(number) < 0.5 * 10 ** -digits ? 0 : number).toFixed(digits));
  const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)} %`;

  /** A formula in a line of text: `h_t` and `h_{t−1}` get their index. */
  const formula = (text) => text.split(/(_\{[^}]*\}|_.)/).map((part) =>
    part.startsWith("_") ? make("sub", {}, part.slice(1).replace(/[{}]/g, "")) : part);

  /** Say something to all: on the screen, and to a screen reader once it is quiet. */
  const announcement = () => make("p", { class: "explorer-says", role: "status", "aria-live": "polite" });

  /** Take part: `start(box)` fills a box and returns a function that gives its numbers. */
  function register(name, start) {
    starters[name] = start;
  }

  function begin() {
    for (const place of document.querySelectorAll(".explorer[data-explorer]")) {
      const name = place.dataset.explorer;
      if (!(name in starters)) continue;
      const title = fresh("title");
      const box = make("div", { class: "explorer-live", role: "group", "aria-labelledby": title });
      box.append(make("p", { class: "explorer-title", id: title }, place.dataset.title));
      current[name] = starters[name](box);
      const same = { class: "explorer-same", href: `#explore-${name}-python` };
      box.append(make("p", {}, make("a", same, "The cells that compute the same, in Python")));
      place.append(box);
      place.classList.add("is-live");
    }
  }

  Object.assign(explorers, {
    ui: { make, fresh, labelled, select, slider, choice, button, table, barCell, formula, scrolling, announcement },
    write: { written, fixed, percent, raised, signed },
    register,
    /** All that an explorer shows, unrounded, for instance `rnnlabExplorers.numbers("gap")`. */
    numbers: (name) => current[name](),
  });
  document.addEventListener("DOMContentLoaded", begin);
})();
