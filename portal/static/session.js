// Says five minutes before a session ends that it will, and lets it go on without leaving the page.
"use strict";
(() => {
  const soon = document.getElementById("session-soon");
  const over = document.getElementById("session-over");
  const alert = document.getElementById("session-alert");
  if (!soon || !over || !alert) return;
  const WARN = 5 * 60 * 1000;
  let ends = Date.now() + Number(soon.dataset.left) * 1000;
  let shown = null;

  function show(words) {
    if (shown === words) return;
    shown = words;
    alert.replaceChildren(...(words ? [words.content.cloneNode(true)] : []));
  }

  function look() {
    const left = ends - Date.now();
    show(left <= 0 ? over : left <= WARN ? soon : null);
  }

  alert.addEventListener("click", async (event) => {
    if (!event.target.closest("a[data-stay]")) return;
    event.preventDefault();
    try {
      const answer = await fetch(soon.dataset.ask, { redirect: "error", cache: "no-store" });
      ends = Date.now() + (await answer.json()).left * 1000;
    } catch {
      window.open(event.target.href, "_blank", "noopener");
    }
    look();
  });
  setInterval(look, 5000);
  document.addEventListener("visibilitychange", look);
  look();
})();
