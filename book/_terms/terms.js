/* The first use of a term leads to the glossary. Where a pointer rests on the link, or the keyboard is at it, a
   small box says what the term means. Without this script the link's title says it. */
"use strict";

(() => {
  const box = document.createElement("div");
  box.id = "term-box";
  box.setAttribute("role", "tooltip");
  box.hidden = true;

  let shown = null; // the link whose box is open
  let leaving = 0;

  const hide = () => {
    window.clearTimeout(leaving);
    if (!shown) return;
    shown.title = shown.dataset.hint;
    shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
  };

  const show = (link) => {
    window.clearTimeout(leaving);
    if (shown === link) return;
    hide();
    shown = link;
    link.dataset.hint = link.title;
    link.removeAttribute("title"); // or the browser would show a second box
    link.setAttribute("aria-describedby", box.id);
    box.textContent = link.dataset.hint;
    box.hidden = false;
    place(link);
  };

  /* Below the link, or above it where there is no room; never beyond the window's sides. A link that is broken over
     two lines has two rectangles: the first counts. */
  const place = (link) => {
    const at = link.getClientRects()[0];
    const width = document.documentElement.clientWidth;
    const left = Math.max(8, Math.min(at.left, width - box.offsetWidth - 8));
    const below = at.bottom + box.offsetHeight + 8 < window.innerHeight || at.top < box.offsetHeight + 8;
    const top = below ? at.bottom : at.top - box.offsetHeight;
    /* Both are measured from the window; the box stands in whatever part of the page is positioned around it. */
    const around = box.offsetParent === document.body ? document.documentElement : box.offsetParent;
    const origin = around.getBoundingClientRect();
    box.style.left = `${left - origin.left}px`;
    box.style.top = `${top - origin.top}px`;
  };

  /* The pointer may go from the link to the box and rest there. */
  const hideSoon = () => {
    window.clearTimeout(leaving);
    leaving = window.setTimeout(() => {
      if (document.activeElement !== shown) hide();
    }, 250);
  };

  /* Within the landmark of the links: who jumps from landmark to landmark comes by it. */
  document.querySelector("main").append(box);
  box.addEventListener("pointerenter", () => window.clearTimeout(leaving));
  box.addEventListener("pointerleave", hideSoon);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  /* A tap anywhere else closes it. */
  document.addEventListener("pointerdown", (event) => {
    if (!box.contains(event.target) && event.target.closest?.("a.term") !== shown) hide();
  });

  for (const link of document.querySelectorAll("a.term[title]")) {
    let touched = false;
    link.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && show(link));
    link.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hideSoon());
    link.addEventListener("focus", () => link.matches(":focus-visible") && show(link));
    link.addEventListener("blur", hide);
    /* A finger cannot rest on a link: the first tap shows the box, the second one follows the link. */
    link.addEventListener("pointerdown", (event) => {
      touched = event.pointerType !== "mouse" && shown !== link;
    });
    link.addEventListener("click", (event) => {
      if (!touched) return;
      touched = false;
      event.preventDefault();
      show(link);
    });
  }
})();
