// What a page gains from a script; without it every page is whole all the same.
(() => {
  "use strict";

  // Regions marked data-live are fetched again, from the page itself, when the service says that something changed.
  let fetching = false, again = false;
  async function refresh() {
    if (fetching) { again = true; return; }
    fetching = true;
    try {
      const answer = await fetch(location.href, { headers: { "X-Penny-Refresh": "1" } });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const old of document.querySelectorAll("[data-live]")) {
        const now = fresh.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
        if (now && now.outerHTML !== old.outerHTML && !isInUse(old)) swap(old, now);
      }
      document.title = fresh.title;
    } catch { /* The service is away; its return is told by the events. */ } finally {
      fetching = false;
      if (again) { again = false; later(); }
    }
  }
  // A region whose form is being filled in, or whose text is being selected, waits.
  function isInUse(region) {
    const active = document.activeElement;
    return (region.contains(active) && active.matches("input, select, textarea"))
      || (!getSelection().isCollapsed && region.contains(getSelection().anchorNode));
  }
  // What had the focus keeps it, what was open stays open.
  function swap(old, now) {
    const active = document.activeElement;
    const key = old.contains(active) && (active.id ? `#${CSS.escape(active.id)}` : active.getAttribute("href") && `a[href="${CSS.escape(active.getAttribute("href"))}"]`);
    const open = [...old.querySelectorAll("details[open][id]")].map((details) => details.id);
    old.replaceWith(now);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    if (key) now.querySelector(key)?.focus({ preventScroll: true });
  }
  let timer = 0;
  function later() { clearTimeout(timer); timer = setTimeout(refresh, 150); }

  // Progress comes with the event itself: {"runs": [{"run": 7, "cell": 5, "cells": 12}]}.
  function advance(runs) {
    for (const { run, cell, cells } of runs) {
      for (const bar of document.querySelectorAll(`progress[data-run="${run}"]`)) {
        if (cells > 0) { bar.max = cells; bar.value = cell; }
      }
      for (const text of document.querySelectorAll(`[data-cell-of="${run}"]`)) {
        if (cells > 0) text.textContent = text.dataset.words.replace("{cell}", cell).replace("{cells}", cells);
      }
    }
  }
  if (document.querySelector("[data-live]")) {
    const events = new EventSource("/events");
    events.addEventListener("progress", (event) => advance(JSON.parse(event.data).runs));
    events.addEventListener("change", later);
    addEventListener("pagehide", () => events.close());
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    // "12 minutes ago" grows old by itself.
    setInterval(() => { if (!document.hidden) later(); }, 60000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) later(); });
  }

  // A confirmation page opens as a dialog above the page where it was asked for.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href);
      const content = answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      if (!content) throw new Error("no page");
      const dialog = document.createElement("dialog");
      dialog.append(...content.childNodes);
      const heading = dialog.querySelector("h1, h2");
      if (heading) { heading.id ||= "dialog-heading"; dialog.setAttribute("aria-labelledby", heading.id); }
      dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
      dialog.addEventListener("click", (inside) => {
        if (inside.target === dialog || inside.target.closest("[data-close]")) { inside.preventDefault(); dialog.close(); }
      });
      document.body.append(dialog);
      dialog.showModal();
    } catch { location.href = link.href; }
  });

  // Filters act as they change; the button that does it without a script goes.
  for (const form of document.querySelectorAll("form[data-filter]")) {
    form.querySelector("[data-without-script]")?.remove();
    form.addEventListener("change", () => form.requestSubmit());
  }
  // Copying a value.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = label; }, 1500);
  });
  for (const button of document.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
  // The failing cell comes into view.
  if (!location.hash) document.querySelector("[data-in-view]")?.scrollIntoView({ block: "center" });
})();
