// Paper is white: the light theme is turned on while a page is printed, whatever the reader's theme is.
"use strict";

(() => {
  const root = document.documentElement;
  let theme = null;
  window.addEventListener("beforeprint", () => {
    theme ??= root.dataset.theme;
    root.dataset.theme = "light";
  });
  window.addEventListener("afterprint", () => {
    if (theme !== null) root.dataset.theme = theme;
    theme = null;
  });
})();
