// The cover's picture runs: a column for each letter that is read, then what is expected next. It stands
// still, whole, where the reader wants less motion, on paper, and without this script.
"use strict";

(() => {
  const figure = document.getElementById("cover-picture");
  const button = figure.querySelector(".cover-run");
  const columns = [...figure.querySelectorAll(".step")];
  const last = Math.max(...columns.map((column) => Number(column.dataset.step)));
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const REST = 5; // beats in which the whole picture stands
  let beat = 0;
  let timer = 0;

  const draw = (now) => {
    for (const column of columns) {
      const step = Number(column.dataset.step);
      column.classList.toggle("is-ahead", step > now);
      column.classList.toggle("is-now", step === now && now < last);
    }
  };
  const tick = () => {
    beat = (beat + 1) % (last + 1 + REST);
    draw(beat);
  };
  const run = (running) => {
    window.clearInterval(timer);
    timer = running ? window.setInterval(tick, 650) : 0;
    button.textContent = running ? "Pause" : "Play";
    figure.dataset.running = String(running);
    if (!running && beat === 0) draw(last);
  };
  button.hidden = false;
  button.addEventListener("click", () => run(timer === 0));
  calm.addEventListener("change", () => {
    if (calm.matches) run(false);
  });
  run(!calm.matches);
})();
