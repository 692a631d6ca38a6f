"use strict";
// What scrolls by itself, because the screen is narrower than its lines, must be reachable by
// keyboard and say what it is. Where nothing scrolls, it is no stop on the way.
{
  const KINDS = [
    ["div.math mjx-container", "Equation, wider than the page"],
    ["span.math.wide", "Formula, wider than the page"],
    ["pre", "Code or output, wider than the page"],
    [".pst-scrollable-table-container, .output.text_html", "Table, wider than the page"],
  ];
  const mark = (element) => {
    const kind = KINDS.find(([selector]) => element.matches(selector));
    const scrolls = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
    if (kind && scrolls) {
      element.tabIndex = 0;
      element.setAttribute("role", "group");
      element.setAttribute("aria-label", kind[1]);
    } else if (element.getAttribute("role") === "group") {
      element.removeAttribute("tabindex");
      element.removeAttribute("role");
      element.removeAttribute("aria-label");
    }
  };

  // A formula in a line cannot be broken. One that does not fit into its paragraph gets a line of its
  // own, and scrolls there if it must.
  const markFormulas = (article) => {
    const formulas = [...article.querySelectorAll("span.math")];
    formulas.forEach((formula) => formula.classList.remove("wide"));
    const wide = formulas.map((formula) => {
      const block = formula.closest("p, li, dd, dt, td, th, figcaption, summary, div");
      const drawn = formula.querySelector("mjx-math");
      return Boolean(block.clientWidth && drawn)
        && drawn.getBoundingClientRect().right > block.getBoundingClientRect().right + 1;
    });
    formulas.forEach((formula, k) => formula.classList.toggle("wide", wide[k]));
    formulas.forEach(mark);
  };

  addEventListener("load", async () => {
    const article = document.querySelector(".bd-article");
    if (!article) {
      return;
    }
    await globalThis.MathJax?.startup?.promise;
    // An observer speaks when a fold opens, too: then its contents get a width.
    const watch = new ResizeObserver((changes) => changes.forEach(({ target }) => mark(target)));
    for (const [selector] of KINDS) {
      article.querySelectorAll(selector).forEach((element) => watch.observe(element));
    }
    new ResizeObserver(() => markFormulas(article)).observe(article);
  });
}
