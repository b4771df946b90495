"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  for (const hidden of all(".tools")) hidden.hidden = false;

  const filter = document.getElementById("filter");
  const told = document.getElementById("told");
  const entries = all("[data-problem]");
  filter?.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    const matching = new Set();
    for (const card of all("article[data-problem]")) {
      const text = card.textContent.toLowerCase();
      if (words.every((word) => text.includes(word))) matching.add(card.dataset.problem);
    }
    const carded = new Set(all("article[data-problem]").map((card) => card.dataset.problem));
    for (const entry of entries) {
      const own = entry.textContent.toLowerCase();
      const fits = carded.has(entry.dataset.problem)
        ? matching.has(entry.dataset.problem)
        : words.every((word) => own.includes(word));
      entry.hidden = words.length > 0 && !fits;
    }
    if (words.length > 0) for (const folded of all("details.ranks")) folded.open = true;
    told.textContent = words.length > 0 ? matching.size + " shown" : "";
  });

  for (const command of all(".command")) {
    const text = command.textContent;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "copy";
    button.setAttribute("aria-label", "copy this text");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "copied";
      } catch {
        getSelection().selectAllChildren(command);
        button.textContent = "selected";
      }
      setTimeout(() => { button.textContent = "copy"; }, 1500);
    });
    command.append(button);
  }

  const theme = document.getElementById("theme");
  theme?.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    theme.textContent = dark ? "Dark" : "Light";
  });

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = all("details:not([open])");
    for (const fold of opened) fold.open = true;
  });
  addEventListener("afterprint", () => { for (const fold of opened) fold.open = false; });
})();
