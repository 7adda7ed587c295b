// A picture dropped on the form or pasted anywhere on the page is searched for
// at once. Without this file the form works by itself.
"use strict";
(() => {
  const { say } = window.markhound;
  const form = document.getElementById("find");
  const input = document.getElementById("picture");
  const button = form.querySelector("button");

  function take(files) {
    const picture = [...files].find((file) => file.type.startsWith("image/"));
    if (!picture) { say("That is no picture.", { bad: true }); return; }
    const carrier = new DataTransfer();
    carrier.items.add(picture);
    input.files = carrier.files;
    form.requestSubmit();
  }

  form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
  form.addEventListener("dragleave", () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) { event.preventDefault(); take(event.clipboardData.files); }
  });
  form.addEventListener("submit", () => {
    form.setAttribute("aria-busy", "true");
    button.querySelector("span").textContent = "Searching …";
  });
  // Coming back by the browser's own button finds the form as it was.
  window.addEventListener("pageshow", () => {
    form.removeAttribute("aria-busy");
    button.querySelector("span").textContent = "Find it";
  });
})();
