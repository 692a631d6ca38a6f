"use strict";
// What the theme's own scripts leave undone for the keyboard.
addEventListener("load", () => {
  // The button of a folded box is called as the box is, not "Toggle hidden content".
  for (const button of document.querySelectorAll(".toggle-button")) {
    button.setAttribute("aria-label", button.closest(".admonition-title").textContent.trim());
    button.setAttribute("aria-controls", button.dataset.target);
  }
  // Whoever closes a side bar goes on from the button that opened it.
  for (const side of ["primary", "secondary"]) {
    const bar = document.getElementById(`pst-${side}-sidebar-modal`);
    bar?.addEventListener("close", () => {
      document.querySelector(`main .sidebar-toggle.${side}-toggle`)?.focus();
    });
  }
});
