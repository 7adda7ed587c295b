// The case page by keyboard: each key presses what can be seen on the page.
"use strict";
(() => {
  const { keys, visit } = window.markhound;
  const at = (selector) => document.querySelector(selector);
  const press = (selector) => { at(selector)?.click(); };
  const decide = (action) => press(`#decide button[value=${action}]`);

  keys({
    c: () => decide("confirm"),
    r: () => decide("reject"),
    w: () => decide("watch"),
    s: () => decide("second_approval"),
    // What was just done elsewhere comes first, then this case's own decision.
    u: () => (at("form[data-undo]") ?? at("#undo"))?.requestSubmit(),
    j: () => press("#next"), k: () => press("#previous"),
    l: () => visit(at("#listing")),
    x: () => at("#packet")?.requestSubmit(),
    Escape: () => press("#to-queue"),
  });
})();
