// Filters of a list: how many records there would be, told while they change, and values of a long facet found by name.
// Without it the form works by its button, and values are looked for by sending it.
"use strict";
(() => {
  const WAIT = 300; // milliseconds after the last change
  const form = document.querySelector("form[data-filters]");
  if (!form) return;
  const told = form.querySelector(".pz-filters__count");
  const numbers = new Intl.NumberFormat(form.dataset.lang);
  let timer = 0;
  let asked = null;

  function pairs() {
    const given = [];
    const years = {};
    for (const [name, value] of new FormData(form)) {
      const typed = value.trim();
      if (!typed || name === "sort" || name.endsWith(".find")) continue;
      if (name.startsWith("founded_")) years[name] = typed;
      else given.push([name, typed]);
    }
    if (years.founded_from || years.founded_to) {
      given.push(["founded", (years.founded_from || "") + ".." + (years.founded_to || "")]);
    }
    return given;
  }

  function counted(total, demo) {
    const real = total - demo;
    const words = (real === 1 ? form.dataset.one : form.dataset.many).replace("{number}", numbers.format(real));
    return demo ? words + " " + form.dataset.demo.replace("{number}", numbers.format(demo)) : words;
  }

  function showCounts(facets) {
    for (const box of form.querySelectorAll("input[type=checkbox]")) {
      const shown = box.closest(".pz-tick").querySelector(".pz-n");
      if (!facets[box.name] || !shown) continue;
      const value = facets[box.name].find((each) => each.value === box.value);
      const demo = value ? value.demo : 0;
      shown.textContent = numbers.format(value ? value.count - demo : 0);
      if (demo) {
        const more = document.createElement("span");
        more.className = "pz-quiet";
        more.textContent = " " + form.dataset.demo.replace("{number}", numbers.format(demo));
        shown.append(more);
      }
    }
  }

  async function ask() {
    if (asked) asked.abort();
    asked = new AbortController();
    try {
      const answer = await fetch(form.dataset.filters + "&" + new URLSearchParams(pairs()), { signal: asked.signal });
      if (!answer.ok) {
        told.textContent = ""; // a date that is not whole yet: the page says what is wrong with it
        return;
      }
      const found = await answer.json();
      told.textContent = counted(found.total, found.demo_total);
      showCounts(found.facets);
    } catch {
      // Superseded by the next change, or no connection: the button still works.
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  }

  function findValues(field) {
    const typed = field.value.trim().toLowerCase();
    const list = field.closest("details").querySelector(":scope > div");
    const has = (tick) => tick.querySelector("label").textContent.toLowerCase().includes(typed);
    let some = false;
    for (const tick of list.querySelectorAll(":scope > .pz-tick")) {
      const branch = tick.nextElementSibling && tick.nextElementSibling.matches(".pz-branch") ? tick.nextElementSibling : null;
      let below = false;
      if (branch) {
        for (const child of branch.querySelectorAll(".pz-tick")) {
          child.hidden = !has(child) && !has(tick);
          below = below || has(child);
        }
        branch.hidden = !has(tick) && !below;
        if (typed && below) branch.open = true;
      }
      tick.hidden = !has(tick) && !below;
      some = some || !tick.hidden;
    }
    let none = list.querySelector(":scope > [role=status]");
    if (!none) {
      none = document.createElement("p");
      none.className = "pz-small pz-quiet";
      none.setAttribute("role", "status");
      list.append(none);
    }
    none.textContent = some ? "" : field.dataset.none;
  }

  for (const field of form.querySelectorAll("[data-find-value]")) {
    field.addEventListener("input", () => findValues(field));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) event.preventDefault(); // the values are found already
    });
  }
  form.addEventListener("input", (event) => {
    if (!event.target.matches("[data-find-value], #sort")) soon();
  });
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && (!field.value || field.matches("[data-find-value]"))) field.disabled = true; // a short address
    }
  });
  window.addEventListener("pageshow", () => {
    for (const field of form.elements) field.disabled = false; // after the way back
  });
})();
