// Maps of a figure: choose panel and quantity, point at a cell or move by key to read its value.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("map-data").textContent);
  const canvas = document.getElementById("map");
  const context = canvas.getContext("2d");
  const reading = document.getElementById("map-reading");
  const panel = document.getElementById("map-panel"), field = document.getElementById("map-field");
  const rows = data.latitude.length, columns = data.longitude.length;
  // Dark to light in lightness, so that it reads without colour too.
  const SCALE = [[3, 33, 76], [40, 85, 135], [93, 130, 145], [160, 170, 140], [225, 205, 130], [255, 244, 200]];
  const MISSING = "#c8c8c8";
  let point = null;

  const cells = () => data.fields[field.value][Number(panel.value)];

  function limits() {
    const all = data.fields[field.value].flat().filter((one) => one !== null);
    return [all.reduce((a, b) => Math.min(a, b), Infinity), all.reduce((a, b) => Math.max(a, b), -Infinity)];
  }

  function colour(share) {
    const at = Math.min(SCALE.length - 1.001, Math.max(0, share * (SCALE.length - 1))), i = Math.floor(at);
    return `rgb(${SCALE[i].map((one, k) => Math.round(one + (at - i) * (SCALE[i + 1][k] - one))).join()})`;
  }

  // North is up, whichever way the latitudes of the file run.
  const rowAt = (line) => (data.latitude[0] < data.latitude[rows - 1] ? rows - 1 - line : line);

  function draw() {
    const box = canvas.getBoundingClientRect(), ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(box.width * ratio);
    canvas.height = Math.round(box.height * ratio);
    const wide = canvas.width / columns, high = canvas.height / rows;
    const [low, top] = limits(), values = cells();
    for (let line = 0; line < rows; line++) {
      for (let i = 0; i < columns; i++) {
        const value = values[rowAt(line) * columns + i];
        context.fillStyle = value === null ? MISSING : colour((value - low) / (top - low || 1));
        context.fillRect(i * wide, line * high, Math.ceil(wide), Math.ceil(high));
      }
    }
    if (!point) return;
    context.strokeStyle = "#d00";
    context.lineWidth = 2 * ratio;
    context.strokeRect(point.i * wide, point.line * high, wide, high);
  }

  function read() {
    if (!point) return;
    const row = rowAt(point.line), value = cells()[row * columns + point.i];
    const [low, top] = limits();
    reading.textContent = `${data.latitude[row]}° N, ${data.longitude[point.i]}° E: ` +
      `${value === null ? "no observation" : `${value / 100} TECU`} (scale ${low / 100} to ${top / 100} TECU, dark to light)`;
    draw();
  }

  const within = (value, size) => Math.min(size - 1, Math.max(0, value));

  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    point = { i: within(Math.floor((event.clientX - box.left) / box.width * columns), columns),
      line: within(Math.floor((event.clientY - box.top) / box.height * rows), rows) };
    read();
  });
  canvas.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!step) return;
    event.preventDefault();
    point = point ? { i: within(point.i + step[0], columns), line: within(point.line + step[1], rows) }
      : { i: columns >> 1, line: rows >> 1 };
    read();
  });
  for (const one of [panel, field]) one.addEventListener("change", () => { draw(); read(); });
  window.addEventListener("resize", draw);
  document.getElementById("map-controls").hidden = false;
  draw();
})();
