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
      // Another Penny has taken over, with another look.
      if (["script[src]", "style"].some((part) => fresh.querySelector(part)?.outerHTML !== document.querySelector(part)?.outerHTML)) { location.reload(); return; }
      for (const old of document.querySelectorAll("[data-live]")) {
        const now = fresh.querySelector(`[data-live="${CSS.escape(old.dataset.live)}"]`);
        if (now && now.outerHTML !== old.outerHTML && !isInUse(old)) swap(old, now);
      }
      document.title = fresh.title;
      speak(fresh);
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
    const places = [...old.querySelectorAll("[data-end]")].map((list) => isAtEnd(list) ? -1 : list.scrollTop);
    old.replaceWith(now);
    for (const id of open) document.getElementById(id)?.setAttribute("open", "");
    now.querySelectorAll("[data-end]").forEach((list, index) => { list.scrollTop = places[index] >= 0 ? places[index] : list.scrollHeight; });
    unhide(now);
    if (key) now.querySelector(key)?.focus({ preventScroll: true });
  }
  // A list that grows at its end is shown from there, unless its reader has gone back.
  const isAtEnd = (list) => list.scrollHeight - list.scrollTop - list.clientHeight < 40;
  for (const list of document.querySelectorAll("[data-end]")) list.scrollTop = list.scrollHeight;
  // What can only be done by a script is there now.
  function unhide(region) { for (const button of region.querySelectorAll("button[data-copy][hidden]")) button.hidden = false; }
  // A verdict that is another one is told to whoever listens.
  let said = document.querySelector("[data-say]")?.dataset.say;
  function speak(fresh) {
    const now = fresh.querySelector("[data-say]")?.dataset.say;
    if (now && now !== said) document.querySelector("[data-spoken]").textContent = said = now;
  }
  let timer = 0;
  function later() { if (!isStill()) { clearTimeout(timer); timer = setTimeout(refresh, 150); } }
  // The page of a run that has ended does not change any more.
  function isStill() { return document.querySelector("[data-still]"); }
  // The page of a run under way is fetched again while cells advance, but not with each.
  let slow = 0;
  function follows(run) { if (document.querySelector(`[data-follow="${run}"]`)) slow ||= setTimeout(() => { slow = 0; later(); }, 1500); }

  // Progress comes with the event itself: {"runs": [{"run": 7, "cell": 5, "cells": 12}]}.
  function advance(runs) {
    for (const { run, cell, cells } of runs) {
      follows(run);
      for (const bar of document.querySelectorAll(`progress[data-run="${run}"]`)) {
        if (cells > 0) { bar.max = cells; bar.value = cell; }
      }
      for (const text of document.querySelectorAll(`[data-cell-of="${run}"]`)) {
        if (cells > 0) text.textContent = text.dataset.words.replace("{cell}", cell).replace("{cells}", cells);
      }
    }
  }
  // Only a page that is looked at follows what happens: a browser has few connections for all its tabs.
  if (document.querySelector("[data-live]")) {
    const notice = document.querySelector("[data-away]");
    let events = null, retry = 0, away = 0;
    function lose() {
      away ||= setTimeout(() => { notice.hidden = false; }, 5000);
      // A browser tries again by itself, unless it was refused.
      if (events?.readyState === EventSource.CLOSED) { clearTimeout(retry); retry = setTimeout(follow, 5000); }
    }
    function follow() {
      events?.close();
      events = new EventSource("/events");
      events.addEventListener("open", () => { clearTimeout(away); away = 0; notice.hidden = true; });
      events.addEventListener("error", () => { later(); lose(); });
      events.addEventListener("progress", (event) => advance(JSON.parse(event.data).runs));
      events.addEventListener("change", later);
    }
    function leave() { clearTimeout(retry); clearTimeout(away); away = 0; events?.close(); events = null; }
    function look() { if (document.hidden || isStill()) leave(); else if (!events) follow(); }
    addEventListener("pagehide", leave);
    addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
    document.addEventListener("visibilitychange", look);
    look();
    // "12 minutes ago" grows old by itself.
    setInterval(() => { if (!document.hidden) later(); }, document.querySelector("[data-often]") ? 3000 : 60000);
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
      dialog.addEventListener("close", () => { dialog.remove(); (link.isConnected ? link : document.querySelector(`a[href="${CSS.escape(link.getAttribute("href"))}"]`))?.focus(); });
      dialog.addEventListener("click", (inside) => {
        if (inside.target === dialog || inside.target.closest("[data-close]")) { inside.preventDefault(); dialog.close(); }
      });
      document.body.append(dialog);
      dialog.showModal();
    } catch { location.href = link.href; }
  });

  // Filters act as they are chosen; for whoever goes through the choices by keyboard, with Enter or the button.
  for (const form of document.querySelectorAll("form[data-filter]")) {
    let byKey = false;
    form.addEventListener("keydown", (event) => {
      byKey = true;
      if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); form.requestSubmit(); }
    });
    form.addEventListener("pointerdown", () => { byKey = false; });
    form.addEventListener("change", () => { if (!byKey) form.requestSubmit(); });
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
  unhide(document);
  // An output that needs its scripts runs them in a frame, which can neither read this page nor reach anything else.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-frame]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    Object.assign(frame, { title: link.dataset.frame, loading: "lazy", src: link.href });
    link.parentElement.replaceChildren(frame);
  });
  // The failing cell comes into view.
  if (!location.hash) document.querySelector("[data-in-view]")?.scrollIntoView({ block: "center" });
})();
