// Takes an open page of the book as it is read in an e-book: returns its article as XHTML, and the images
// that it shows. Runs in the page (book/_tools/epub.py).
async (names) => {
  "use strict";
  const article = document.querySelector("article.bd-article");
  const all = (selector, within = article) => [...within.querySelectorAll(selector)];

  // Equations as MathML, which readers draw by themselves.
  await globalThis.MathJax?.startup?.promise;
  for (const item of globalThis.MathJax?.startup?.document?.math ?? []) {
    if (!article.contains(item.typesetRoot)) continue;
    const text = globalThis.MathJax.startup.toMML(item.root);
    const parsed = new DOMParser().parseFromString(text, "application/xml").documentElement;
    parsed.setAttribute("alttext", item.math.trim());
    item.typesetRoot.replaceWith(document.importNode(parsed, true));
  }

  // What only a screen with scripts needs, and code that only draws: as on paper (printing.js).
  all(
    "a.headerlink, button, script, style, .explorer-live, .copybtn, .toggle-button, .screen-only, .cover-ways, " +
      ".cell.tag_hide-input > details.hide, .cell.tag_hide-cell > details.hide > .cell_input",
  ).forEach((mark) => mark.remove());
  all(".toggle-hidden").forEach((fold) => fold.classList.remove("toggle-hidden"));

  const seen = new Set();
  for (const node of all("[id]")) {
    if (seen.has(node.id)) node.removeAttribute("id"); // XHTML allows a name once
    seen.add(node.id);
  }
  for (const link of all("a[href]")) {
    const [place, label] = link.getAttribute("href").split("#");
    if (/^[a-z]+:/.test(place)) continue;
    const name = place.replace(/\.html$/, "");
    if (name && !names.includes(name)) link.removeAttribute("href");
    else link.setAttribute("href", (name ? `${name}.xhtml` : "") + (label ? `#${label}` : ""));
  }
  const images = [];
  for (const image of all("img")) {
    const source = decodeURIComponent(image.getAttribute("src"));
    images.push(source);
    image.setAttribute("src", `images/${source.split("/").pop()}`);
    if (!image.hasAttribute("alt")) image.setAttribute("alt", "");
    for (const name of ["loading", "decoding", "align"]) image.removeAttribute(name);
  }
  const headings = all("h1, h2").map((heading) => [
    Number(heading.tagName[1]),
    heading.textContent.trim(),
    (heading.closest("[id]") ?? article).id,
  ]);
  const kinds = [
    ["mathml", "math"],
    ["svg", "svg"],
  ].flatMap(([kind, tag]) => (article.querySelector(tag) ? [kind] : []));
  const parts = [...article.childNodes].map((node) => new XMLSerializer().serializeToString(node));
  return { body: parts.join(""), images, headings, kinds };
}
