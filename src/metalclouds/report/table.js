// Sorting and filtering of tables. Without script a table is complete and in the order of its file.
"use strict";
(() => {
  function make(table) {
    const body = table.tBodies[0];
    const controls = table.closest("section, details").querySelector(".controls:not([id])");
    const find = (name) => controls.querySelector(name);
    const group = find(".filter-group"), text = find(".filter-text"), sortBy = find(".sort-by");
    const headings = Array.from(table.tHead.rows[0].cells);
    const original = Array.from(body.rows);
    const kinds = headings.map((heading, column) => kind(heading, column));

    function kind(heading, column) {
      if (heading.dataset.sort !== "auto") return heading.dataset.sort;
      return original.every((row) => !isNaN(value(row, column))) ? "number" : "text";
    }

    function value(row, column) {
      const cell = row.cells[column];
      return cell.dataset.value ?? cell.textContent.trim();
    }

    function filter() {
      const wanted = text.value.trim().toLowerCase();
      let shown = 0;
      for (const row of body.rows) {
        row.hidden = !((!group || !group.value || row.dataset.group === group.value) &&
          row.textContent.toLowerCase().includes(wanted));
        shown += !row.hidden;
      }
      find(".filter-count").textContent = `${shown} of ${body.rows.length} shown`;
    }

    function order(a, b, column) {
      if (kinds[column] !== "number") return a.localeCompare(b, "en", { numeric: true });
      return Number(a) - Number(b);
    }

    // Missing values stay last whichever way a column is sorted.
    function sort(column, direction) {
      headings.forEach((one) => one.removeAttribute("aria-sort"));
      sortBy.value = column < 0 ? "" : `${column} ${direction}`;
      if (column < 0) return body.append(...original);
      headings[column].setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
      const keyed = original.map((row) => [value(row, column), row]);
      keyed.sort(([a], [b]) => (a === "") - (b === "") || direction * order(a, b, column));
      body.append(...keyed.map(([, row]) => row));
    }

    function option(value, label) {
      const made = document.createElement("option");
      Object.assign(made, { value, textContent: label });
      sortBy.append(made);
    }

    option("", "the order of the file");
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: heading.textContent });
      option(`${column} 1`, `${heading.textContent} ▲`);
      option(`${column} -1`, `${heading.textContent} ▼`);
      heading.replaceChildren(button);
      button.addEventListener("click", () => sort(column, heading.getAttribute("aria-sort") === "ascending" ? -1 : 1));
    });
    sortBy.addEventListener("change", () => sort(...(sortBy.value ? sortBy.value.split(" ").map(Number) : [-1, 1])));
    if (group) group.addEventListener("change", filter);
    text.addEventListener("input", filter);
    controls.hidden = false;
    filter();
  }

  // A link to a claim takes the filter away if it hides the row, and opens its explanation.
  function reveal() {
    const row = document.getElementById(location.hash.slice(1));
    if (!row || !row.matches("tr[data-group]")) return;
    if (row.hidden) {
      for (const one of row.closest("section").querySelectorAll(".filter-group, .filter-text")) {
        one.value = "";
        one.dispatchEvent(new Event(one.matches("select") ? "change" : "input"));
      }
    }
    row.querySelector("details").open = true;
    row.scrollIntoView();
  }

  document.querySelectorAll("table.sortable").forEach(make);
  window.addEventListener("hashchange", reveal);
  // The same link again changes no hash.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal();
  });
  // On paper the explanations of the claims are open; checksums, code and settings stay closed.
  window.addEventListener("beforeprint", () => document.querySelectorAll("td details").forEach((one) => { one.open = true; }));
  reveal();
})();
