// Card by card: the next cards are there before they are wanted, decisions go out
// one after another, and a card that the server refuses comes back.
"use strict";
(() => {
  const { post, say, bind, caps, keymap, pieces, visit, compare, csrf, help } = window.markhound;
  const place = document.getElementById("review");
  const empty = document.getElementById("empty");
  const progress = document.getElementById("progress");
  const counter = document.getElementById("open-count");
  const link = place.dataset.link;
  const people = place.dataset.people.split(",").filter(Boolean);
  const dialogs = Object.fromEntries(["why", "whom", "noting"].map((id) => [id, document.getElementById(id)]));
  /** Cards that are ready, below this many more are fetched. */
  const AHEAD = 8;
  const HEARTBEAT = 30000;

  /** The cards in their order; the one at `at` is before the reviewer. */
  const deck = [];
  let at = 0;
  /** Cards that were decided here, newest last. */
  const left = [];
  /** Their first cases: what the server still offers while a decision is under way. */
  const gone = new Set();
  /** Everything that changes something waits for what was sent before it. */
  let line = Promise.resolve();
  let after = "";
  let loading = false;
  let exhausted = false;
  /** Goes up when the queue is asked from its start again: an answer on its way is of before. */
  let round = 0;
  let done = 0;
  let mode = null;
  let kind = "";

  const current = () => deck[at];
  const casesOf = (card) => card.dataset.cases.split(",");
  const cmpOf = (card) => card?.querySelector(".cmp");

  function tell() {
    const ready = deck.length - at;
    progress.textContent = done > 0 ? `${done} decided` : ready > 0 ? "" : "";
  }

  function show() {
    if (at > 0 && at >= deck.length && exhausted) at = Math.max(deck.length - 1, 0);
    deck.forEach((card, index) => { card.hidden = index !== at; });
    const card = current();
    empty.hidden = Boolean(card) || !exhausted;
    if (card) {
      const cmp = cmpOf(card);
      if (cmp) compare.show(cmp, mode ?? cmp.dataset.mode);
      card.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    tell();
    need();
  }

  /** Has the pictures of a card loaded before it is shown. */
  function preload(card) {
    for (const picture of card.querySelectorAll("image")) {
      const loader = new Image();
      loader.src = picture.getAttribute("href");
    }
  }

  const ask = async (address, fields) => pieces(await fetch(address, {
    method: "POST",
    headers: { "x-csrf-token": csrf, "accept": "application/json, text/html" },
    body: new URLSearchParams(fields),
  }));

  async function need() {
    if (loading || exhausted || deck.length - at >= AHEAD) return;
    loading = true;
    const asked = round;
    try {
      await line;
      const cards = await ask("/review/next", { queue: link, after, want: 4, done });
      const known = new Set(deck.map((card) => card.dataset.case));
      for (const card of cards) {
        if (asked === round) after = card.dataset.place;
        if (known.has(card.dataset.case) || gone.has(card.dataset.case)) continue;
        card.hidden = true;
        caps(card);
        preload(card);
        place.append(card);
        deck.push(card);
      }
      if (cards.length === 0 && asked === round) exhausted = true;
    } catch (error) {
      exhausted = true;
      say(error.message, { bad: true });
    } finally {
      loading = false;
    }
    if (!current() || current().hidden) show();
    else need();
  }

  function count(by) {
    if (!counter) return;
    counter.textContent = String(Math.max(Number(counter.textContent.replace(/\D/g, "")) + by, 0));
  }

  const ejected = (card) => [...card.querySelectorAll("[data-member].out")].map((one) => one.dataset.member);

  const said = { confirm: "confirmed", reject: "rejected", watch: "put on watch", second_approval: "sent to second approval" };

  function decide(action, more = {}) {
    const card = current();
    if (!card || !card.querySelector(`button[value=${action}]`)) return;
    const out = ejected(card);
    const cases = casesOf(card).filter((id) => !out.includes(id));
    const entry = { card, cases: casesOf(card) };
    deck.splice(at, 1);
    card.remove();
    left.push(entry);
    gone.add(card.dataset.case);
    if (left.length > 1000) left.shift();
    done += 1;
    count(-cases.length);
    show();
    const what = cases.length === 1 ? `Case ${cases[0]}` : `${cases.length} cases`;
    say(cases.length ? `${what} ${said[action]}.` : "The cases have cards of their own now.", { action: undo, label: "Undo" });
    line = line.then(async () => {
      try {
        const answer = await post("/decide", { action, cases: cases.join(","), eject: out.join(","), seen: card.dataset.seen, ...more });
        if (answer.cases.some((one) => one.second_person.length)) say(answer.message, { action: undo, label: "Undo" });
        // Those that were put out come by as cards of their own.
        if (out.length) { out.forEach((id) => gone.delete(id)); exhausted = false; after = ""; round += 1; need(); }
      } catch (error) {
        left.splice(left.indexOf(entry), 1);
        done -= 1;
        count(cases.length);
        put(card);
        say(error.message, { bad: true });
      }
    });
  }

  /** Puts a card before the reviewer. */
  function put(card) {
    gone.delete(card.dataset.case);
    card.hidden = true;
    caps(card);
    place.append(card);
    deck.splice(at, 0, card);
    show();
  }

  function undo() {
    line = line.then(async () => {
      try {
        const answer = await post("/undo", {});
        const back = new Set(answer.cases.map((one) => String(one.case)));
        const entry = left.findLast((one) => one.cases.some((id) => back.has(id)));
        if (entry) { left.splice(left.indexOf(entry), 1); done = Math.max(done - 1, 0); }
        count(answer.cases.filter((one) => one.state === "open").length);
        say(answer.message);
        const [first] = answer.cases;
        if (!first) return;
        const lead = entry ? entry.card.dataset.case : first.case;
        const [fresh] = await ask("/review/card", { queue: link, case: lead }).catch(() => []);
        const card = fresh ?? entry?.card;
        if (!card) return;
        const double = deck.findIndex((one) => one.dataset.case === card.dataset.case);
        if (double >= 0) { deck[double].remove(); deck.splice(double, 1); if (double < at) at -= 1; }
        put(card);
      } catch (error) {
        say(error.message, { bad: true });
      }
    });
  }

  function step(by) {
    const to = at + by;
    if (to < 0) return;
    if (to >= deck.length && exhausted) { say("That was the last card."); return; }
    at = to;
    show();
  }

  function skip() {
    const card = current();
    if (!card) return;
    post("/review/leave", { cases: card.dataset.case }).catch(() => {});
    step(1);
  }

  // Members of a card.
  const members = () => [...(current()?.querySelectorAll("[data-member]") ?? [])];
  function member(by) {
    const all = members();
    if (!all.length) return false;
    const now = all.findIndex((one) => one.classList.contains("at"));
    const next = Math.min(Math.max(now + by, 0), all.length - 1);
    all.forEach((one, index) => one.classList.toggle("at", index === next));
    const button = all[next].querySelector("button");
    button.focus({ preventScroll: true });
    all[next].scrollIntoView({ block: "nearest" });
    current().querySelector(".member-line").textContent = button.textContent.trim();
    look(current(), all[next].dataset.member);
    return true;
  }
  /** Shows the pictures of another case of the card, once the keys rest on it. */
  let resting = null;
  function look(card, id) {
    clearTimeout(resting);
    if (cmpOf(card)?.dataset.case === id) return;
    resting = setTimeout(async () => {
      try {
        const [cmp] = await pieces(await fetch(`/review/compare/${id}`));
        const old = cmpOf(card);
        if (card !== current() || !card.querySelector(`[data-member="${CSS.escape(id)}"].at`)) return;
        const zoomed = old.classList.contains("zoomed");
        old.replaceWith(cmp);
        caps(cmp);
        compare.show(cmp, mode ?? cmp.dataset.mode);
        if (zoomed) compare.zoom(cmp);
      } catch (error) {
        say(error.message, { bad: true });
      }
    }, 80);
  }
  function mark(one) {
    if (!one) { if (member(1)) mark(members().find((other) => other.classList.contains("at"))); return; }
    const out = one.classList.toggle("out");
    one.querySelector("button").setAttribute("aria-pressed", String(out));
    const card = current();
    const gone = ejected(card).length;
    const rest = casesOf(card).length - gone;
    card.querySelector(".member-line").textContent = gone
      ? `${gone} marked: not part of the decision, ${gone === 1 ? "it gets a card of its own" : "they get cards of their own"}; ${rest} left.` : "";
  }
  place.addEventListener("click", (event) => {
    const one = event.target.closest("[data-member]");
    if (one) { members().forEach((other) => other.classList.toggle("at", other === one)); look(current(), one.dataset.member); mark(one); }
  });
  place.addEventListener("submit", (event) => {
    const value = event.submitter?.value;
    if (!said[value] || !event.target.closest(".rcard")) return;
    event.preventDefault();
    if (value === "confirm") why(); else decide(value);
  });

  // Why it infringes: kind, if another one, then a digit.
  function why() {
    if (!current()) return;
    kind = "";
    for (const button of dialogs.why.querySelectorAll("[data-kind]")) button.setAttribute("aria-pressed", "false");
    dialogs.why.showModal();
  }
  function choose(button) {
    if (button.dataset.kind) {
      kind = kind === button.dataset.kind ? "" : button.dataset.kind;
      for (const other of dialogs.why.querySelectorAll("[data-kind]")) other.setAttribute("aria-pressed", String(other.dataset.kind === kind));
      return;
    }
    confirm(button.textContent.replace(/^\s*\d\s*/, "").trim());
  }
  function confirm(reason) {
    dialogs.why.close();
    decide("confirm", { ...(kind && { kind }), ...(reason && { reason }) });
  }
  dialogs.why.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(button); else if (event.target === dialogs.why) dialogs.why.close();
  });
  dialogs.why.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Escape" || event.key === "Tab" || event.key === "Enter") return;
    event.preventDefault();
    event.stopPropagation();
    const key = event.key.toLowerCase();
    if (key === keymap.confirm) { confirm(""); return; }
    const digit = dialogs.why.querySelector(`[data-reason="${CSS.escape(key)}"]`);
    const other = [...dialogs.why.querySelectorAll("[data-kind]")].find((one) => one.querySelector("kbd").textContent.toLowerCase() === key);
    if (digit ?? other) choose(digit ?? other);
  });

  // To whom.
  function assign(to) {
    dialogs.whom.close();
    const card = current();
    if (!card) return;
    const cases = card.dataset.cases;
    if (to && to !== place.dataset.me) {
      deck.splice(at, 1);
      card.remove();
      gone.add(card.dataset.case);
      show();
    }
    line = line.then(() => post("/assign", { cases, to })).then((answer) => say(answer.message)).catch((error) => { if (!card.isConnected) put(card); say(error.message, { bad: true }); });
  }
  dialogs.whom.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) assign(button.dataset.whom); else if (event.target === dialogs.whom) dialogs.whom.close();
  });
  dialogs.whom.addEventListener("keydown", (event) => {
    if (!/^\d$/.test(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === "0") assign("");
    else if (people[Number(event.key) - 1]) assign(people[Number(event.key) - 1]);
  });

  // Notes.
  const text = document.getElementById("note-text");
  function note() {
    if (!current()) return;
    text.value = "";
    dialogs.noting.showModal();
    text.focus();
  }
  dialogs.noting.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); dialogs.noting.close("keep"); }
  });
  dialogs.noting.addEventListener("close", () => {
    const words = text.value.trim();
    const card = current();
    if (dialogs.noting.returnValue === "keep" && words && card) {
      line = line.then(() => post("/note", { cases: card.dataset.cases, text: words })).then((answer) => say(answer.message)).catch((error) => say(error.message, { bad: true }));
    }
    dialogs.noting.returnValue = "";
    card?.focus({ preventScroll: true });
  });

  const opened = () => members().find((one) => one.classList.contains("at"))?.dataset.member ?? current()?.dataset.case;
  const busy = () => Object.values(dialogs).some((dialog) => dialog.open) || help?.open;
  const when = (action) => () => { if (busy()) return false; return action(); };
  const actions = {
    confirm: why,
    reject: () => decide("reject"),
    watch: () => decide("watch"),
    second: () => decide("second_approval"),
    skip,
    undo,
    next: () => step(1), previous: () => step(-1),
    "member-next": () => { member(1); }, "member-previous": () => { member(-1); },
    eject: () => mark(members().find((one) => one.classList.contains("at"))),
    note, assign: () => { if (current()) dialogs.whom.showModal(); },
    compare: () => { mode = compare.cycle(cmpOf(current())) ?? mode; },
    zoom: () => compare.zoom(cmpOf(current())),
    blur: () => compare.blur(),
    open: () => { if (opened()) window.open(`/case/${opened()}?${link}`, "_blank", "noopener"); },
    listing: () => visit(current()?.querySelector("a.out")),
    packet: () => current()?.querySelector("form.packet")?.requestSubmit(),
  };
  bind(Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, when(action)])), {
    ArrowDown: when(() => step(1)), ArrowUp: when(() => step(-1)),
    ArrowRight: when(() => { if (!compare.slide(cmpOf(current()), 40)) member(1); }),
    ArrowLeft: when(() => { if (!compare.slide(cmpOf(current()), -40)) member(-1); }),
    Escape: when(() => document.getElementById("to-queue").click()),
  });

  setInterval(() => {
    const cases = deck.slice(at).map((card) => card.dataset.case).join(",");
    if (cases) post("/review/keep", { cases }).catch(() => {});
  }, HEARTBEAT);
  addEventListener("pagehide", () => {
    const cases = deck.map((card) => card.dataset.case).join(",");
    if (cases) navigator.sendBeacon("/review/leave", new URLSearchParams({ csrf, cases }));
  });
  need();
})();
