// Suggestions while a search is typed: a listbox of records under the box (WAI-ARIA 1.2, editable combobox with list).
// Without it the box is a plain form. Each option leads to its record; Enter without a choice searches as ever.
"use strict";
(() => {
  const WAIT = 80; // milliseconds after the last key
  for (const box of document.querySelectorAll("[data-suggest]:not([data-ready])")) {
    box.dataset.ready = "";
    const input = box.querySelector("input");
    const list = document.createElement("ul");
    const told = document.createElement("p");
    let items = [];
    let chosen = -1;
    let timer = 0;
    let asked = null;

    list.id = input.id + "-suggestions";
    list.className = "pz-suggest";
    list.hidden = true;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", box.dataset.label);
    told.className = "govuk-visually-hidden";
    told.setAttribute("role", "status");
    for (const [name, value] of [
      ["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", list.id],
    ]) input.setAttribute(name, value);
    box.append(list, told);

    function close() {
      list.hidden = true;
      chosen = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    }

    function choose(place) {
      const options = list.children;
      if (options[chosen]) options[chosen].setAttribute("aria-selected", "false");
      chosen = place;
      if (!options[chosen]) {
        input.removeAttribute("aria-activedescendant");
        return;
      }
      options[chosen].setAttribute("aria-selected", "true");
      options[chosen].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", options[chosen].id);
    }

    function words(pair) {
      return pair ? pair[box.dataset.lang] || pair.zh || pair.en || "" : "";
    }

    function counted(item) {
      const real = item.records - (item.demo ? 0 : item.demo_records); // the mark says it where all are invented
      const told = (real === 1 ? box.dataset.one : box.dataset.many).replace("{number}", real);
      return item.demo_records && !item.demo ? told + " " + box.dataset.moreDemo.replace("{number}", item.demo_records) : told;
    }

    function option(item, place) {
      const made = document.createElement("li");
      const name = document.createElement("b");
      const more = document.createElement("span");
      made.id = list.id + "-" + place;
      made.setAttribute("role", "option");
      made.setAttribute("aria-selected", "false");
      const romanised = box.dataset.lang === "en" && item.title.en_source === "romanised";
      name.textContent = (romanised ? "≈ " : "") + words(item.title); // the sign of pinyin on all pages
      if (!item.title[box.dataset.lang] && item.title.zh) name.lang = "zh-Hans";
      const apart = words(item.told_apart_by);
      const holder = words(item.holder);
      const about = item.records > 1
        ? [counted(item), words(item.register_label), holder]
        : [apart === holder ? "" : apart, holder, words(item.register_label), words(item.region), words(item.status)];
      more.textContent = about.filter(Boolean).join(" · ");
      made.append(name);
      if (item.demo) {
        const tag = document.createElement("i");
        tag.className = "pz-tag";
        tag.textContent = box.dataset.demo;
        made.append(tag);
      }
      made.append(more);
      made.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
      made.addEventListener("click", () => window.location.assign(item.address));
      return made;
    }

    function show(found) {
      items = found;
      list.replaceChildren(...items.map(option));
      chosen = -1;
      input.removeAttribute("aria-activedescendant");
      list.hidden = !items.length;
      input.setAttribute("aria-expanded", String(!!items.length));
      told.textContent = items.length ? box.dataset.found.replace("{number}", items.length) : "";
    }

    async function ask() {
      const typed = input.value.trim();
      if (asked) asked.abort();
      if (!typed) return show([]);
      asked = new AbortController();
      try {
        const answer = await fetch(box.dataset.suggest + "&q=" + encodeURIComponent(typed.slice(0, 60)), { signal: asked.signal });
        if (answer.ok && document.activeElement === input) show((await answer.json()).items);
      } catch {
        // Superseded by the next key, or no connection: the form still works.
      }
    }

    input.addEventListener("input", (event) => {
      if (event.isComposing) return; // pinyin that has not become characters yet
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("compositionend", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape" && !list.hidden) {
        close();
        event.preventDefault();
      } else if (event.key === "Enter" && items[chosen] && !list.hidden) {
        event.preventDefault();
        window.location.assign(items[chosen].address);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        if (list.hidden && items.length) {
          list.hidden = false;
          input.setAttribute("aria-expanded", "true");
        }
        if (list.hidden) return;
        const step = event.key === "ArrowDown" ? 1 : -1;
        const places = items.length + 1; // one of them is the box itself
        choose(((chosen + 1 + step + places) % places) - 1);
        event.preventDefault();
      }
    });
    input.addEventListener("blur", close);
  }
})();
