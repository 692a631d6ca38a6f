"use strict";
// What a reader meets in a page of the book: asked by tests/judging.py, in the browser.
globalThis.judging = (() => {
  const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const short = (element) => {
    const name = element.getAttribute("class") ? `.${element.getAttribute("class").replace(/\s+/g, ".")}` : "";
    return `${element.localName}${name} ${element.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}`;
  };

  // Open what is folded, so that it is judged, too.
  const open = () => {
    document.querySelectorAll("details").forEach((details) => { details.open = true; });
    document.querySelectorAll(".toggle-button-hidden").forEach((button) => button.click());
  };

  // A page repeats itself thousands of times. The same piece of code in the same surroundings is the
  // same to a judge, and one formula is drawn as another: leave one of each.
  const thin = () => {
    const seen = new Set();
    for (const span of [...document.querySelectorAll(".highlight pre span, dt.sig span")]) {
      const around = span.closest("dt, details, .cell_output, .cell_input");
      const kind = [span.className, span.parentElement.className, around?.className].join("|");
      if (seen.has(kind)) {
        span.replaceWith(...span.childNodes);
      }
      seen.add(kind);
    }
    [...document.querySelectorAll("mjx-container")].slice(3).forEach((formula) => formula.replaceChildren("x"));
    document.body.normalize();
  };

  // One element for each colour and size of text, on each background.
  const kinds = () => {
    const grounds = new Map([[null, ""]]);
    const ground = (element) => {
      if (!grounds.has(element)) {
        const { backgroundColor, backgroundImage, opacity } = getComputedStyle(element);
        const clear = backgroundColor === "rgba(0, 0, 0, 0)";
        const own = clear ? ground(element.parentElement) : backgroundColor;
        grounds.set(element, own + (backgroundImage === "none" ? "" : backgroundImage) + (opacity === "1" ? "" : opacity));
      }
      return grounds.get(element);
    };
    const first = new Map();
    for (const element of document.body.querySelectorAll("*")) {
      if (hasText(element) && visible(element)) {
        const { color, fontSize, fontWeight } = getComputedStyle(element);
        const kind = [color, fontSize, fontWeight, ground(element)].join("|");
        first.set(kind, first.get(kind) ?? element);
      }
    }
    return [...first.values()];
  };

  const verdict = async (context, rules) => {
    const options = { preload: false, resultTypes: ["violations"], runOnly: { type: "rule", values: rules } };
    const { violations } = await axe.run(context, options);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(" ")} ${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""}`));
  };
  const faults = (tags, without) => {
    const rules = axe.getRules(tags).map((rule) => rule.ruleId);
    return verdict(document, rules.filter((rule) => !without.includes(rule) && rule !== "color-contrast"));
  };
  const faint = () => verdict({ include: kinds() }, ["color-contrast"]);

  // Things that reach beyond the screen, where no part of the page around them scrolls.
  const beyond = () => {
    const out = [];
    for (const element of document.body.querySelectorAll("*")) {
      const { left, right, width } = element.getBoundingClientRect();
      if (!width || (left > -1 && right < innerWidth + 1) || !(hasText(element) || element.matches("img, svg, input, button, mjx-math"))) {
        continue;
      }
      if (!visible(element) || element.closest("mjx-assistive-mml, .skip-link, dialog:not([open]), .bd-sidebar")) {
        continue;
      }
      let around = element;
      while (around && !(/auto|scroll/.test(getComputedStyle(around).overflowX) && around.getBoundingClientRect().right < innerWidth + 1)) {
        around = around === document.body ? null : around.parentElement;
      }
      if (!around) {
        out.push(short(element));
      }
    }
    return out;
  };

  // What scrolls sideways by itself; each with whether the keyboard reaches it, and its name.
  const scrolling = () => [...document.querySelectorAll(".bd-article *")]
    .filter((element) => element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1
      && /auto|scroll/.test(getComputedStyle(element).overflowX) && getComputedStyle(element).display !== "inline")
    .map((element) => ({
      what: short(element),
      reached: element.tabIndex >= 0 || Boolean(element.querySelector("a, button, input, [tabindex='0']")),
      name: element.getAttribute("aria-label") ?? element.querySelector(":scope > img")?.alt ?? "",
    }));

  const small = (least) => [...document.querySelectorAll("button, summary, input, select")]
    .filter((element) => {
      const { width, height } = element.getBoundingClientRect();
      return visible(element) && width > 0 && Math.min(width, height) < least - 0.5;
    })
    .map((element) => `${short(element)} ${element.getAttribute("aria-label") ?? ""}`);

  const moving = () => [...document.querySelectorAll("*")]
    .filter((element) => ["", "::before", "::after"].some((part) => {
      const style = getComputedStyle(element, part || null);
      return /[1-9]/.test(style.transitionDuration) || style.animationName !== "none" || style.scrollBehavior === "smooth";
    }))
    .map(short);

  // What has the focus: how it is called, whether that shows, and whether it stands behind the last.
  let last = null;
  const focus = () => {
    const element = document.activeElement;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const behind = last && last.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING;
    const after = !last || Boolean(behind);
    last = element;
    return {
      name: `${element.localName} ${element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30)}`,
      shown: outlineStyle !== "none" && parseFloat(outlineWidth) >= 2,
      after,
      within: Boolean(element.closest("main")),
    };
  };

  const headings = () => [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter(visible).map((heading) => Number(heading.localName[1]));

  const unmarked = () => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const out = [];
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      if (/[\u4e00-\u9fff]/.test(data) && !parentElement.closest("[lang|=zh], script, style, option, textarea, svg, math")) {
        out.push(data.trim().slice(0, 40));
      }
    }
    return out;
  };

  // A picture without words is decoration where the link around it has words of its own.
  const decorates = (image) => !image.alt && Boolean(image.closest("a")?.textContent.trim());
  const pictures = () => [...document.querySelectorAll("img")].filter((image) => !decorates(image)).map((image) => ({
    alt: image.getAttribute("alt") ?? "",
    source: image.getAttribute("src").split("/").pop(),
    caption: image.closest("figure")?.querySelector(".caption-text")?.textContent ?? "",
    figure: Boolean(image.closest(".bd-article")),
  }));

  return { open, thin, faults, faint, beyond, scrolling, small, moving, focus, headings, unmarked, pictures };
})();
