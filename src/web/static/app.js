// What every page shares: sending forms by script, messages, the help dialog,
// keys. Without this file every page still works by plain forms.
"use strict";
window.markhound = (() => {
  document.documentElement.classList.add("js");
  const csrf = document.querySelector("meta[name=csrf]")?.content ?? "";
  const toasts = document.getElementById("toasts");

  /** Sends a form by script and gives the answer, or throws what went wrong. */
  async function post(address, fields) {
    let answer;
    try {
      answer = await fetch(address, {
        method: "POST",
        headers: { "accept": "application/json", "x-csrf-token": csrf },
        body: new URLSearchParams(fields),
      });
    } catch {
      throw new Error("The server cannot be reached. Nothing was changed.");
    }
    const body = await answer.json().catch(() => ({}));
    if (answer.status === 401) {
      location.assign("/sign-in?next=" + encodeURIComponent(location.pathname + location.search));
    }
    if (!answer.ok) {
      const why = body.error ?? `the server answered ${answer.status}`;
      throw new Error(why.charAt(0).toUpperCase() + why.slice(1) + ".");
    }
    return body;
  }

  /** Shows a message for a while; with an action as a button beside it. */
  function say(text, { bad = false, action = null, label = "" } = {}) {
    const toast = document.createElement("div");
    toast.className = bad ? "toast bad" : "toast";
    toast.setAttribute("role", bad ? "alert" : "status");
    const words = document.createElement("span");
    words.textContent = text;
    toast.append(words);
    if (action) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "small";
      button.textContent = label;
      button.addEventListener("click", () => { toast.remove(); action(); });
      toast.append(button);
    }
    // One at a time: its button undoes what was done last, nothing older.
    toasts.replaceChildren(toast);
    setTimeout(() => toast.remove(), bad ? 12000 : 6000);
  }

  const help = document.getElementById("help");
  const opener = document.querySelector(".help-open");
  if (help && opener) {
    opener.hidden = false;
    opener.addEventListener("click", () => help.showModal());
    help.addEventListener("click", (event) => { if (event.target === help) help.close(); });
  }

  const writing = (node) => node instanceof HTMLElement
    && (node.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(node.tagName));

  /** Calls the action of a pressed key, unless somebody is writing. */
  function keys(actions) {
    document.addEventListener("keydown", (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "?" && help && !writing(event.target)) {
        event.preventDefault();
        if (help.open) help.close(); else help.showModal();
        return;
      }
      if (help?.open) return;
      if (writing(event.target)) {
        if (event.key === "Escape") event.target.blur();
        return;
      }
      const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
      if (action && action(event) !== false) event.preventDefault();
    });
  }

  /** The keys of the person signed in, as the page carries them, and their caps put right. */
  const keymap = JSON.parse(document.querySelector("[data-keys]")?.dataset.keys ?? "{}");
  function caps(root = document) {
    for (const cap of root.querySelectorAll("kbd[data-key]")) {
      const key = keymap[cap.dataset.key];
      if (key) cap.textContent = key.toUpperCase();
    }
  }
  caps();

  /** Binds actions by name to the person's keys; `more` are keys that never change. */
  function bind(actions, more = {}) {
    const bound = { ...more };
    for (const [name, action] of Object.entries(actions)) {
      if (keymap[name]) bound[keymap[name]] = action;
    }
    keys(bound);
  }

  /** The elements of an answer that is a piece of a page. */
  async function pieces(answer) {
    if (!answer.ok || answer.redirected) {
      const body = await answer.json().catch(() => ({}));
      const why = body.error ?? "the cards could not be loaded; reload the page";
      throw new Error(why.charAt(0).toUpperCase() + why.slice(1) + ".");
    }
    return [...new DOMParser().parseFromString(await answer.text(), "text/html").body.children];
  }

  /** Opens a listing in a new tab that learns nothing of this page. */
  const visit = (link) => { if (link) window.open(link.href, "_blank", "noopener,noreferrer"); };

  return { post, say, keys, bind, caps, keymap, pieces, visit, csrf, help };
})();
