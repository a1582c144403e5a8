// Buttons beside a record: print, copy a text, share by the browser's own menu, and the way to the desk for staff. Without it the texts can be selected.
"use strict";
(() => {
  const told = document.createElement("p");
  told.className = "govuk-visually-hidden";
  told.setAttribute("role", "status");
  document.body.append(told);

  async function copy(button) {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(button.dataset.text ?? source.textContent.trim());
    } catch {
      if (source) getSelection().selectAllChildren(source); // not allowed: chosen, to be copied by hand
      return;
    }
    const words = button.textContent;
    told.textContent = button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; told.textContent = ""; }, 2000);
  }

  if (/(?:^|; )desk=1(?:;|$)/.test(document.cookie)) { // staff who are signed in: the desk asks again who they are
    for (const act of document.querySelectorAll("[data-desk]")) act.hidden = false;
  }

  const acts = {
    copy,
    print: () => print(),
    share: (button) => navigator.share({ title: document.title, url: button.dataset.share }).catch(() => {}),
  };
  for (const [name, act] of Object.entries(acts)) {
    if ((name === "share" && !navigator.share) || (name === "copy" && !navigator.clipboard)) continue;
    for (const button of document.querySelectorAll(`button[data-${name}]`)) {
      button.hidden = false;
      button.addEventListener("click", () => act(button));
    }
  }
})();
