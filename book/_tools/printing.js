// What is done to the joined pages before they are printed. Runs in the page (book/_tools/pdf.py).
async () => {
  "use strict";
  const body = document.querySelector("main");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  // Marks that only a screen needs.
  all("a.headerlink, button, .copybtn, .toggle-button, .screen-only").forEach((mark) => mark.remove());

  // Code that only draws what follows it is folded on the pages; here it is left out.
  all(".cell.tag_hide-input > details.hide, .cell.tag_hide-cell > details.hide > .cell_input").forEach(
    (fold) => fold.remove(),
  );

  // Hints and solutions go to the end, in the order of their exercises.
  const folds =
    "details.sd-dropdown, .solution, .cell:has(> .cell_output > details, .cell_output > .output > details)";
  const answers = document.createElement("section");
  answers.className = "whole-answers";
  answers.innerHTML = '<h1 id="whole-answers">Hints and solutions</h1>';
  let exercise = null;
  let group = null;
  for (const node of all(`article h1, .exercise.admonition, ${folds}`)) {
    if (node.tagName === "H1") {
      exercise = group = null;
    } else if (node.matches(".exercise.admonition")) {
      exercise = node;
      group = null;
    } else if (exercise !== null && node.parentElement.closest(folds) === null) {
      if (group === null) {
        group = document.createElement("section");
        const label = `${exercise.id}--answers`;
        const title = exercise.querySelector(".admonition-title").textContent.trim();
        const heading = document.createElement("h2");
        heading.id = label;
        heading.textContent = title;
        const back = document.createElement("a");
        back.href = `#${exercise.id}`;
        back.textContent = "The exercise";
        const there = document.createElement("p");
        there.append(back);
        group.append(heading, there);
        answers.append(group);
        const pointer = document.createElement("p");
        pointer.className = "whole-pointer";
        pointer.innerHTML = `<a href="#${label}">Hints and solution</a>`;
        exercise.append(pointer);
      }
      const input = node.matches(".cell") ? node.querySelector(":scope > .cell_input") : null;
      if (input !== null) input.remove(); // the call that shows the folds
      group.append(node);
    }
  }
  if (answers.children.length > 1) body.append(answers);
  all("details").forEach((fold) => (fold.open = true));

  // Code is a span for each of its words, and each would be an object of the PDF, which they make twice
  // as large. Comments and keywords keep theirs; the rest has the colour of text.
  for (const piece of all(".highlight pre span")) {
    if (!/^(c|k)[a-z\d]?$/.test(piece.className)) piece.replaceWith(...piece.childNodes);
  }
  all(".highlight pre").forEach((listing) => listing.normalize());

  await globalThis.MathJax?.startup?.promise;
  all("img").forEach((image) => (image.loading = "eager"));
  await Promise.all(all("img").map((image) => image.decode().catch(() => undefined)));
  await document.fonts.ready;
}
