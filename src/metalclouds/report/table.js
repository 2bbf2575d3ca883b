// Sorting and filtering of the table of verdicts. Without script the table is complete and in the order of the paper.
"use strict";
(() => {
  const table = document.getElementById("verdicts");
  const body = table.tBodies[0];
  const verdict = document.getElementById("filter-verdict");
  const text = document.getElementById("filter-text");
  const count = document.getElementById("filter-count");
  document.querySelector(".controls").hidden = false;

  function filter() {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const row of body.rows) {
      const fits = (!verdict.value || row.dataset.verdict === verdict.value) &&
        row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits;
    }
    count.textContent = `${shown} of ${body.rows.length} shown`;
  }

  function key(row, column, kind) {
    const cell = row.cells[column];
    const value = cell.dataset.value ?? cell.textContent.trim();
    if (kind !== "number") return value;
    return value === "" ? Infinity : Number(value);
  }

  function sort(column, kind, direction) {
    const rows = Array.from(body.rows);
    const compare = kind === "number"
      ? (a, b) => (a === b ? 0 : a - b)
      : (a, b) => a.localeCompare(b, "en", { numeric: true });
    rows.sort((a, b) => direction * compare(key(a, column, kind), key(b, column, kind)));
    body.append(...rows);
  }

  Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.replaceChildren(button);
    button.addEventListener("click", () => {
      const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
      sort(column, heading.dataset.sort, direction);
    });
  });

  // A link to a claim shows its row even if the filter hides it, and opens its explanation.
  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (!row || !row.dataset || !row.dataset.verdict) return;
    row.hidden = false;
    row.querySelector("details").open = true;
    row.scrollIntoView();
  }

  verdict.addEventListener("change", filter);
  text.addEventListener("input", filter);
  window.addEventListener("hashchange", reveal);
  window.addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  filter();
  reveal();
})();
