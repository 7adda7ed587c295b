// The two pictures of a card: side by side, flickering, under a slider, laid over
// each other; zoomed to the part that matches; blurred until asked for.
"use strict";
window.markhound.compare = (() => {
  const { post, say } = window.markhound;
  const MODES = ["side", "flicker", "slider", "overlay"];
  /** Slow enough for everybody: less than two changes a second. */
  const BEAT = 700;
  let beating = null;

  const keep = (what) => post("/look", what).catch((error) => say(error.message, { bad: true }));

  function cut(cmp, share) {
    const left = Number(cmp.dataset.left);
    const right = Number(cmp.dataset.right);
    const at = left + (right - left) * share;
    cmp.querySelector(".cut")?.setAttribute("width", String(Math.max(at, 0)));
    for (const end of ["x1", "x2"]) cmp.querySelector(".edge")?.setAttribute(end, String(at));
  }

  function whole(cmp) {
    const cutting = cmp.querySelector(".cut");
    const svg = cmp.querySelector(".cmp-over svg");
    if (cutting && svg) cutting.setAttribute("width", svg.dataset.whole.split(" ")[2]);
  }

  function show(cmp, mode) {
    if (!cmp?.querySelector(".cmp-over")) return;
    cmp.dataset.mode = mode;
    cmp.classList.remove("laid-on");
    for (const button of cmp.querySelectorAll("[data-set-mode]")) {
      button.setAttribute("aria-pressed", String(button.dataset.setMode === mode));
    }
    clearInterval(beating);
    beating = null;
    const slider = cmp.querySelector(".cut-at");
    if (mode === "slider") cut(cmp, Number(slider.value) / 1000); else whole(cmp);
    if (mode === "flicker") {
      beating = setInterval(() => {
        if (!cmp.isConnected || cmp.closest("[hidden]")) return;
        cmp.classList.toggle("laid-on");
      }, BEAT);
    }
  }

  function cycle(cmp) {
    if (!cmp?.querySelector(".cmp-over")) return null;
    const next = MODES[(MODES.indexOf(cmp.dataset.mode) + 1) % MODES.length];
    show(cmp, next);
    keep({ mode: next });
    return next;
  }

  function zoom(cmp) {
    if (!cmp) return;
    const on = !cmp.classList.contains("zoomed");
    cmp.classList.toggle("zoomed", on);
    for (const svg of cmp.querySelectorAll("svg.pic")) {
      svg.setAttribute("viewBox", on && svg.dataset.part ? svg.dataset.part : svg.dataset.whole);
    }
    cmp.querySelector("[data-zoom]")?.setAttribute("aria-pressed", String(on));
  }

  function blur() {
    const on = document.documentElement.classList.toggle("blurred");
    for (const button of document.querySelectorAll("[data-blur][aria-pressed]")) button.setAttribute("aria-pressed", String(on));
    keep({ blur: on });
  }

  /** Moves the slider, where there is one to move. */
  function slide(cmp, by) {
    if (cmp?.dataset.mode !== "slider") return false;
    const slider = cmp.querySelector(".cut-at");
    slider.value = String(Number(slider.value) + by);
    cut(cmp, Number(slider.value) / 1000);
    return true;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches?.(".cut-at")) cut(event.target.closest(".cmp"), Number(event.target.value) / 1000);
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    const cmp = button?.closest(".cmp");
    if (!cmp) return;
    if (button.dataset.setMode) { show(cmp, button.dataset.setMode); keep({ mode: button.dataset.setMode }); }
    if (button.hasAttribute("data-zoom")) zoom(cmp);
    if (button.hasAttribute("data-blur")) blur();
  });

  if (document.querySelector("[data-keys][data-blur=true]")) document.documentElement.classList.add("blurred");
  return { show, cycle, zoom, blur, slide };
})();
