// The command palette: Ctrl-K or Cmd-K, or its button. Pages by name at once, members by name or any identifier as the
// server finds them. Arrows move, Enter goes, Escape closes; a screen reader hears the option that is active.
"use strict";

const WAIT_MS = 200;

document.addEventListener("DOMContentLoaded", () => {
  const dialog = document.getElementById("palette");
  const button = document.querySelector("[data-palette]");
  if (!dialog || !button || !dialog.showModal) return;
  const input = dialog.querySelector("input");
  const pages = dialog.querySelector("[data-pages]");
  const members = dialog.querySelector("[data-members]");
  const status = dialog.querySelector("[role=status]");
  let wanted = 0;
  let timer = 0;
  button.hidden = false;

  const shown = () => [...dialog.querySelectorAll("[role=option]:not([hidden])")];

  function activate(option) {
    for (const each of dialog.querySelectorAll("[aria-selected=true]")) each.setAttribute("aria-selected", "false");
    if (!option) return input.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** Says what is there, and makes the option active that leads to an address, else the first. */
  function tell(href) {
    const found = shown();
    activate(found.find((option) => option.dataset.href === href) ?? found[0]);
    status.textContent = found.length ? "" : status.dataset.none;
  }

  function filterPages() {
    const text = input.value.trim().toLocaleLowerCase();
    for (const option of pages.children) option.hidden = !option.textContent.toLocaleLowerCase().includes(text);
  }

  /** Asks for members; an answer that was overtaken by a later question is left out. */
  async function findMembers() {
    const question = (wanted += 1);
    const text = input.value.trim();
    let found = "";
    if (text.length > 1) {
      try {
        const answer = await fetch(`/console/palette?q=${encodeURIComponent(text)}`, { headers: { "hx-request": "true" } });
        if (answer.ok) found = await answer.text();
      } catch {
        // Without a connection the pages are still there.
      }
    }
    if (question !== wanted) return;
    // Whoever has moved on with the arrows meanwhile stays where they are.
    const active = dialog.querySelector("[aria-selected=true]")?.dataset.href;
    members.innerHTML = found;
    tell(active);
  }

  function open() {
    if (dialog.open) return;
    input.value = "";
    members.replaceChildren();
    filterPages();
    dialog.showModal();
    tell();
    input.focus();
  }

  const go = (option) => option && location.assign(option.dataset.href);

  input.addEventListener("input", () => {
    filterPages();
    tell();
    clearTimeout(timer);
    timer = setTimeout(findMembers, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    const options = shown();
    const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && options.length) {
      event.preventDefault();
      activate(options[(at + step + options.length) % options.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      go(options[at]);
    }
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
    go(event.target.closest("[role=option]"));
  });
  button.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      open();
    }
  });
});
