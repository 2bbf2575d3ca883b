// A plot of the table #numbers: choose the columns, point at a value or step through the values by key.
"use strict";
(() => {
  const table = document.getElementById("numbers");
  const plot = document.getElementById("plot");
  const reading = document.getElementById("plot-reading");
  const [across, up, grouping, only] = ["x", "y", "group", "only"].map((name) => document.getElementById(`plot-${name}`));
  const names = Array.from(table.tHead.rows[0].cells, (cell) => cell.textContent);
  const rows = Array.from(table.tBodies[0].rows, (row) => Array.from(row.cells, (cell) => cell.textContent));
  const COLOURS = ["#0b5394", "#9c1c1c", "#1b6e3c", "#7a4a00", "#5b2a86", "#00697a", "#8a0f5b", "#444444"];
  const MARKS = ["circle", "square", "triangle", "diamond"];
  const SPACE = { left: 64, right: 14, top: 24, bottom: 44 };
  let points = [], chosen = -1;

  const isTime = (text) => /^\d{4}-\d\d-\d\dT/.test(text);
  const number = (text) => (text === "" ? NaN : isTime(text) ? Date.parse(text) : Number(text));
  const drawable = names.map((_, i) => rows.some((row) => row[i] !== "") && rows.every((row) => row[i] === "" || !isNaN(number(row[i]))));
  const timed = names.map((_, i) => rows.some((row) => isTime(row[i])));

  function options(select, values, first) {
    select.replaceChildren(...values.map(([value, label]) => Object.assign(document.createElement("option"), { value, textContent: label })));
    if (values.some(([value]) => value === first)) select.value = first;
  }

  function ticks(low, high, time) {
    const steps = time ? [6e4, 3e5, 6e5, 18e5, 36e5, 72e5, 216e5, 864e5, 6048e5, 2592e6, 7776e6] : null;
    const rough = (high - low) / 5, power = 10 ** Math.floor(Math.log10(rough));
    const step = steps ? steps.find((one) => one >= rough) || 31536e6 : [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
    const out = [];
    for (let i = Math.ceil(low / step); i * step <= high; i++) out.push(i * step);
    return out;
  }

  function label(value, time, span) {
    if (!time) return String(Number(value.toPrecision(6)));
    const text = new Date(value).toISOString();
    return span > 3 * 864e5 ? text.slice(0, 10) : span > 864e5 ? text.slice(5, 16).replace("T", " ") : text.slice(11, 16);
  }

  function range(values) {
    let low = Math.min(...values), high = Math.max(...values);
    if (low === high) [low, high] = [low - 1, high + 1];
    const margin = 0.04 * (high - low);
    return [low - margin, high + margin];
  }

  function shape(mark, x, y, r) {
    if (mark === "circle") return `<circle cx="${x}" cy="${y}" r="${r}"/>`;
    const corners = { square: [[-1, -1], [1, -1], [1, 1], [-1, 1]], triangle: [[0, -1.2], [1.1, 1], [-1.1, 1]], diamond: [[0, -1.4], [1.4, 0], [0, 1.4], [-1.4, 0]] };
    return `<polygon points="${corners[mark].map(([dx, dy]) => `${x + dx * r},${y + dy * r}`).join(" ")}"/>`;
  }

  // Columns that hold the ends of the interval of a value, or its standard error.
  function interval(name) {
    const pairs = [[`${name}_low`, `${name}_high`], ["_low", "_high"].map((end) => name.replace(/(_[^_]*)$/, `${end}$1`)), ["_low", "_high"].map((end) => name.replace(/_density(_[^_]*)$/, `${end}$1`))];
    const [low, high] = pairs.map((pair) => pair.map((one) => names.indexOf(one))).find((pair) => pair.every((one) => one >= 0 && names[one] !== name)) || [-1, -1];
    const error = names.indexOf(`${name}_error`);
    if (error >= 0) return (row, value) => [value - number(row[error]), value + number(row[error])];
    return low >= 0 ? (row) => [number(row[low]), number(row[high])] : () => [NaN, NaN];
  }

  const escaped = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

  function draw() {
    const [i, j, g] = [across, up, grouping].map((one) => names.indexOf(one.value));
    const groups = [...new Set(rows.map((row) => (g < 0 ? "" : row[g])))];
    const width = Math.max(280, plot.clientWidth), height = Math.min(420, Math.max(260, width * 0.5));
    const ends = interval(up.value);
    points = rows.map((row, at) => ({ row, at, x: number(row[i]), y: number(row[j]), bar: ends(row, number(row[j])), group: groups.indexOf(g < 0 ? "" : row[g]) }))
      .filter((one) => !isNaN(one.x) && !isNaN(one.y) && (!only.value || one.row[g] === only.value));
    chosen = -1;
    reading.textContent = points.length ? `${points.length} points. Point at one, or give the plot the focus and use the arrow keys.` : "Nothing to draw with these columns.";
    if (!points.length) return plot.replaceChildren();
    const [x0, x1] = range(points.map((one) => one.x)), [y0, y1] = range(points.flatMap((one) => [one.y, ...one.bar.filter((end) => !isNaN(end))]));
    const toX = (x) => SPACE.left + (x - x0) / (x1 - x0) * (width - SPACE.left - SPACE.right);
    const toY = (y) => height - SPACE.bottom - (y - y0) / (y1 - y0) * (height - SPACE.top - SPACE.bottom);
    const axis = [
      ...ticks(x0, x1, timed[i]).map((one) => `<path d="M${toX(one)} ${SPACE.top}V${height - SPACE.bottom}"/><text x="${toX(one)}" y="${height - 26}" text-anchor="middle">${label(one, timed[i], x1 - x0)}</text>`),
      ...ticks(y0, y1, timed[j]).map((one) => `<path d="M${SPACE.left} ${toY(one)}H${width - SPACE.right}"/><text x="${SPACE.left - 6}" y="${toY(one) + 4}" text-anchor="end">${label(one, timed[j], y1 - y0)}</text>`),
      `<text x="${width / 2}" y="${height - 6}" text-anchor="middle">${escaped(across.value)}</text>`,
      `<text x="${SPACE.left}" y="14">${escaped(only.value ? `${up.value}: ${only.value}` : up.value)}</text>`,
    ];
    const marks = points.map((one) => {
      Object.assign(one, { px: toX(one.x), py: toY(one.y) });
      const colour = COLOURS[one.group % COLOURS.length], [low, high] = one.bar;
      const bar = isNaN(low) || isNaN(high) ? "" : `<path class="bar-of-error" stroke="${colour}" d="M${one.px} ${toY(low)}V${toY(high)}"/>`;
      return `${bar}<g fill="${colour}">${shape(MARKS[one.group % MARKS.length], one.px, one.py, 3.5)}</g>`;
    });
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" aria-hidden="true"><g class="axes">${axis.join("")}</g>${marks.join("")}<circle id="plot-ring" r="8" visibility="hidden"/></svg>`;
  }

  function choose(index) {
    if (index < 0 || index >= points.length) return;
    chosen = index;
    const one = points[index], ring = document.getElementById("plot-ring");
    for (const [name, value] of [["cx", one.px], ["cy", one.py], ["visibility", "visible"]]) ring.setAttribute(name, value);
    reading.textContent = names.map((name, i) => [name, one.row[i]]).filter(([, value]) => value !== "").map((pair) => pair.join(" ")).join("; ");
  }

  function refill() {
    const g = names.indexOf(grouping.value);
    const values = g < 0 ? [] : [...new Set(rows.map((row) => row[g]))];
    // What is grouped has axes of its own (a night, a quantity): the first group is shown, not all in one.
    options(only, [...values.map((value) => [value, value || "(empty)"]), ["", "all"]], values[0] || "");
    draw();
  }

  const axes = names.filter((_, i) => drawable[i]).map((name) => [name, name]);
  if (axes.length < 2) return;
  options(across, axes, across.dataset.first);
  options(up, axes, up.dataset.first);
  options(grouping, [["", "none"], ...names.map((name) => [name, name])], grouping.dataset.first);
  across.addEventListener("change", draw);
  up.addEventListener("change", draw);
  only.addEventListener("change", draw);
  grouping.addEventListener("change", refill);
  window.addEventListener("resize", draw);
  plot.addEventListener("pointermove", (event) => {
    const box = plot.getBoundingClientRect();
    const far = points.map((one) => Math.hypot(one.px - event.clientX + box.left, one.py - event.clientY + box.top));
    const nearest = far.indexOf(Math.min(...far));
    if (far[nearest] < 20) choose(nearest);
  });
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    choose(chosen < 0 ? 0 : Math.min(points.length - 1, Math.max(0, chosen + step)));
  });
  document.getElementById("plot-controls").hidden = false;
  plot.hidden = false;
  refill();
})();
