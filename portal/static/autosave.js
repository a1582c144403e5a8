// Keeps what is typed into a page of questions as it is typed; the buttons of the page work without this as well.
"use strict";
(() => {
  const form = document.querySelector("form[data-autosave]");
  const said = document.getElementById("autosave");
  if (!form || !said) return;
  const PAUSE = 1500;
  let waiting = 0;
  let underway = null;
  let stopped = false;

  async function keep() {
    const typed = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") typed.append(name, value);
    typed.set("go", "keep");
    try {
      const answer = await fetch(form.action, { method: "POST", body: typed, redirect: "error", cache: "no-store" });
      const told = await answer.json();
      said.textContent = told.said;
      if (answer.ok) form.elements.revision.value = told.revision;
      else stopped = true;
    } catch {
      said.textContent = said.dataset.failed;
    }
  }

  function soon() {
    clearTimeout(waiting);
    if (!stopped) waiting = setTimeout(now, PAUSE);
  }

  async function now() {
    if (underway) return soon();
    underway = keep();
    await underway;
    underway = null;
  }

  form.addEventListener("input", soon);
  // A save under way changes the revision that the form goes by: the button waits for it.
  form.addEventListener("submit", async (event) => {
    clearTimeout(waiting);
    stopped = true;
    if (!underway) return;
    event.preventDefault();
    await underway;
    form.requestSubmit(event.submitter);
  });
})();
