// Scans as they go on: the server tells, once a second at most, what moved.
"use strict";
(() => {
  const rows = () => document.querySelectorAll("[data-scan]");
  const history = document.getElementById("scans");
  if (!rows().length) return;
  const told = new EventSource("/scans/events");

  function show(row, scan) {
    const fill = row.querySelector(".fill");
    fill?.setAttribute("width", String(scan.percent));
    row.querySelector("svg[role=img]")?.setAttribute("aria-label", `${scan.percent} per cent finished`);
    for (const cell of row.querySelectorAll("[data-field]")) {
      const value = scan[cell.dataset.field];
      if (value === undefined) continue;
      cell.textContent = String(value);
      if (cell.dataset.field === "state") cell.className = "chip " + value;
    }
    row.dataset.scanState = scan.state;
  }

  told.addEventListener("scans", (event) => {
    const scans = JSON.parse(event.data);
    // A scan that began since: its row is the server's to write.
    if (history && scans.length && scans[0].id > Number(history.dataset.first)) {
      location.reload();
      return;
    }
    for (const row of rows()) {
      const scan = scans.find((one) => String(one.id) === row.dataset.scan);
      if (!scan) continue;
      const ended = row.dataset.scanState === "running" && scan.state !== "running";
      show(row, scan);
      if (ended && !history) location.reload();
    }
  });
  addEventListener("pagehide", () => told.close());
})();
