// The lists of the desk by keyboard: arrows go from line to line, Home and End to the first and the last one.
// Only while the focus is on the link of a line (WCAG 2.2, 2.1.4); without it the tab key reaches the same links.
"use strict";
(() => {
  const told = document.querySelector("[data-queue-keys]");
  const lines = [...document.querySelectorAll(".pz-desk-list tbody th a[href]")];
  if (!told || !lines.length) return;
  told.hidden = false;
  document.addEventListener("keydown", (event) => {
    const at = lines.indexOf(document.activeElement);
    if (at < 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: lines.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    if (lines[to]) lines[to].focus();
  });
})();
