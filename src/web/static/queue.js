// The queue by keyboard: decisions go out one after another, the card leaves at
// once and comes back when the server refuses.
"use strict";
(() => {
  const { post, say, bind, caps, pieces, visit } = window.markhound;
  const list = document.getElementById("cards");
  const empty = document.getElementById("empty");
  const counter = document.getElementById("open-count");
  const state = list.dataset.state;
  /** Cards that left, newest last: what undo brings back. */
  const left = [];
  /** Everything that changes something waits for what was sent before it. */
  let line = Promise.resolve();
  let loading = false;

  const cards = () => [...list.querySelectorAll(".card")];
  const current = () => list.querySelector(".card.at");

  function focus(card, { quiet = false } = {}) {
    current()?.classList.remove("at");
    if (!card) return;
    card.classList.add("at");
    if (quiet) return;
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = cards();
    const at = all.indexOf(current());
    focus(all[Math.min(Math.max(at + by, 0), all.length - 1)]);
    if (at + by >= all.length - 3) more();
  }

  const casesOf = (card) => (card.dataset.cases ?? card.dataset.case).split(",");

  function count(by) {
    if (!counter || state !== "open") return;
    const now = Number(counter.textContent.replace(/\D/g, "")) + by;
    counter.textContent = String(Math.max(now, 0));
  }

  function settle() {
    const none = cards().length === 0 && !document.getElementById("more");
    empty.hidden = !none;
    if (cards().length < 6) more();
  }

  function take(card) {
    const all = cards();
    const at = all.indexOf(card);
    const next = all[at + 1] ?? all[at - 1];
    const had = card.contains(document.activeElement) || document.activeElement === card
      || document.activeElement === document.body;
    const entry = { card, id: card.dataset.case, cases: casesOf(card), before: all[at + 1]?.dataset.case };
    left.push(entry);
    if (left.length > 1000) left.shift();
    card.remove();
    count(-entry.cases.length);
    focus(next, { quiet: !had });
    settle();
    return entry;
  }

  function putBack(entry) {
    const at = left.indexOf(entry);
    if (at >= 0) left.splice(at, 1);
    const before = entry.before && document.getElementById("case-" + entry.before);
    if (before) before.before(entry.card); else if (cards().length) cards()[0].before(entry.card); else list.prepend(entry.card);
    entry.card.classList.remove("at");
    empty.hidden = true;
    count(entry.cases.length);
    focus(entry.card);
  }

  const said = { confirm: "confirmed", reject: "rejected", watch: "put on watch", second_approval: "sent to second approval" };

  function decide(card, action) {
    if (!card || !card.querySelector(`button[value=${action}]`)) return;
    const leaves = state !== "all";
    const entry = leaves ? take(card) : { card, id: card.dataset.case, cases: casesOf(card) };
    const seen = card.querySelector("input[name=seen]")?.value ?? "";
    line = line.then(async () => {
      try {
        const answer = await post("/decide", { action, cases: entry.cases.join(","), seen });
        if (leaves && answer.cases.some((one) => one.second_person.length)) say(answer.message, { action: undo, label: "Undo" });
        if (!leaves) {
          say(answer.message, { action: undo, label: "Undo" });
          await refresh(entry.id);
        }
      } catch (error) {
        if (leaves) putBack(entry);
        say(error.message, { bad: true });
      }
    });
    const what = entry.cases.length > 1 ? `${entry.cases.length} cases` : `Case ${entry.id}`;
    if (leaves) say(`${what} ${said[action]}.`, { action: undo, label: "Undo" });
  }

  function undo() {
    line = line.then(async () => {
      try {
        const answer = await post("/undo", {});
        const back = new Set(answer.cases.map((one) => String(one.case)));
        const entry = left.findLast((one) => one.cases.some((id) => back.has(id)));
        const [first] = answer.cases;
        if (entry) putBack(entry);
        else if (first && (first.state === state || state === "all")) await refresh(first.case);
        say(answer.message);
      } catch (error) {
        say(error.message, { bad: true });
      }
    });
  }

  const fragment = async (address) => pieces(await fetch(address, { headers: { "x-fragment": "1" } }));

  async function refresh(id) {
    const [card] = await fragment(`/queue/card/${id}?${list.dataset.link}`);
    const old = document.getElementById("case-" + id);
    if (old) old.replaceWith(card); else list.prepend(card);
    caps(card);
    empty.hidden = true;
    focus(card);
  }

  async function more() {
    const link = document.getElementById("more");
    if (!link || loading) return;
    loading = true;
    try {
      const parts = await fragment(link.href);
      link.closest(".more").remove();
      const known = new Set(cards().map((card) => card.id));
      list.append(...parts.filter((part) => !known.has(part.id)));
      caps(list);
      if (!current()) focus(cards()[0], { quiet: true });
    } catch (error) {
      say(error.message, { bad: true });
    } finally {
      loading = false;
    }
  }

  list.addEventListener("submit", (event) => {
    const value = event.submitter?.value;
    const card = event.target.closest(".card");
    if (!card || !said[value]) return;
    event.preventDefault();
    decide(card, value);
  });
  list.addEventListener("click", (event) => {
    if (event.target.closest("#more")) { event.preventDefault(); more(); }
  });
  list.addEventListener("focusin", (event) => {
    const card = event.target.closest(".card");
    if (card && card !== current()) { current()?.classList.remove("at"); card.classList.add("at"); }
  });
  for (const select of document.querySelectorAll(".filters select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }
  document.querySelector("form[data-undo]")?.addEventListener("submit", (event) => {
    event.preventDefault();
    event.target.closest(".said").remove();
    undo();
  });

  const open = () => current()?.querySelector("a.open").click();
  if (list.dataset.blur === "true") document.documentElement.classList.add("blurred");
  bind({
    next: () => step(1), previous: () => step(-1),
    confirm: () => decide(current(), "confirm"),
    reject: () => decide(current(), "reject"),
    watch: () => decide(current(), "watch"),
    second: () => decide(current(), "second_approval"),
    skip: () => step(1),
    undo: () => undo(),
    open,
    listing: () => visit(current()?.querySelector("a.out")),
    packet: () => current()?.querySelector("form.packet")?.requestSubmit(),
    review: () => document.getElementById("start")?.click(),
    blur: () => {
      const blur = document.documentElement.classList.toggle("blurred");
      post("/look", { blur }).catch((error) => say(error.message, { bad: true }));
    },
    search: () => { const box = document.getElementById("search"); box.focus(); box.select(); },
  }, {
    ArrowDown: () => step(1), ArrowUp: () => step(-1),
    Enter: (event) => {
      if (event.target.closest?.("a, button, summary")) return false;
      open();
    },
  });
  focus(cards()[0], { quiet: true });
})();
