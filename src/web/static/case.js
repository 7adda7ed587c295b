// The case page by keyboard: each key presses what can be seen on the page.
"use strict";
(() => {
  const { bind, visit, compare } = window.markhound;
  const at = (selector) => document.querySelector(selector);
  const press = (selector) => { at(selector)?.click(); };
  const decide = (action) => press(`#decide button[value=${action}]`);
  const cmp = at(".cmp");
  if (cmp) compare.show(cmp, cmp.dataset.mode);

  bind({
    confirm: () => decide("confirm"),
    reject: () => decide("reject"),
    watch: () => decide("watch"),
    second: () => decide("second_approval"),
    // What was just done elsewhere comes first, then this case's own decision.
    undo: () => (at("form[data-undo]") ?? at("#undo"))?.requestSubmit(),
    next: () => press("#next"), previous: () => press("#previous"), skip: () => press("#next"),
    listing: () => visit(at("#listing")),
    packet: () => at("#packet")?.requestSubmit(),
    compare: () => { compare.cycle(cmp); },
    zoom: () => compare.zoom(cmp),
    blur: () => compare.blur(),
    note: () => at("textarea[name=text]")?.focus(),
  }, {
    ArrowLeft: () => compare.slide(cmp, -40), ArrowRight: () => compare.slide(cmp, 40),
    Escape: () => press("#to-queue"),
  });
})();
