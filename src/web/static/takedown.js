// Keys of the takedown board: through the notices without a mouse.
"use strict";
{
  const columns = [...document.querySelectorAll(".column")].map((column) => [...column.querySelectorAll(".slip")]);
  const at = () => {
    for (const [x, slips] of columns.entries()) {
      const y = slips.indexOf(document.activeElement);
      if (y >= 0) return { x, y };
    }
    return null;
  };
  const go = (x, y) => {
    const slip = columns[x]?.[Math.max(0, Math.min(y, (columns[x]?.length ?? 1) - 1))];
    slip?.focus();
    return Boolean(slip);
  };
  const down = (by) => {
    const here = at();
    return here ? go(here.x, here.y + by) : go(columns.findIndex((slips) => slips.length), 0);
  };
  const across = (by) => {
    const here = at();
    let x = here ? here.x + by : columns.findIndex((slips) => slips.length);
    while (columns[x] && !columns[x].length) x += by;
    return columns[x] ? go(x, here?.y ?? 0) : false;
  };
  window.markhound?.keys?.({
    j: () => down(1), k: () => down(-1), ArrowDown: () => down(1), ArrowUp: () => down(-1),
    ArrowRight: () => across(1), ArrowLeft: () => across(-1),
  });
}
