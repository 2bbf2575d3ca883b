// The image of a night: decode, draw, zoom, read values, show stripes. All data stand in the page.
"use strict";
(() => {
  const night = JSON.parse(document.getElementById("data").textContent);
  const canvas = document.getElementById("view");
  const context = canvas.getContext("2d");
  const readout = document.getElementById("readout");
  const stripeText = document.getElementById("stripe");
  const overlay = document.getElementById("overlay");
  const chosenLevel = document.getElementById("level");
  const rows = Array.from(document.querySelectorAll("[data-stripe]"));
  const MARGIN = { left: 46, right: 22, top: 34, bottom: 36 };
  const STEPS_S = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800];
  const STEPS_KM = [0.5, 1, 2, 5, 10, 20, 50];
  const FRAME_MS = 16;
  const MINUS = "−";

  const first = night.levels[0];
  const whole = {
    t0: first.starts[0], t1: first.stops[first.stops.length - 1],
    z0: first.bottom, z1: first.bottom + first.rows * first.step,
  };
  const colours = Uint32Array.from(night.colours, (text) => {
    const value = parseInt(text.slice(1), 16);
    return (0xff000000 | ((value & 0xff) << 16) | (value & 0xff00) | (value >> 16)) >>> 0;
  });
  let view = { ...whole };
  let point = null;
  let chosen = -1;
  let painted = { key: "", image: null };
  let waiting = false;

  async function decode(level) {
    const bytes = Uint8Array.from(atob(level.data), (letter) => letter.charCodeAt(0));
    const stream = new DecompressionStream("deflate"), writer = stream.writable.getWriter();
    writer.write(bytes);
    writer.close();
    level.codes = new Uint8Array(await new Response(stream.readable).arrayBuffer());
    level.data = "";
    level.width = median(level.stops.map((stop, i) => stop - level.starts[i]));
  }

  function median(values) {
    return values.slice().sort((a, b) => a - b)[values.length >> 1];
  }

  // ---- from the screen to the data and back ----

  function frame() {
    const box = canvas.getBoundingClientRect();
    return {
      x: MARGIN.left, y: MARGIN.top, all: box,
      width: Math.max(10, box.width - MARGIN.left - MARGIN.right),
      height: Math.max(10, box.height - MARGIN.top - MARGIN.bottom),
    };
  }

  const toX = (t, f) => f.x + (t - view.t0) / (view.t1 - view.t0) * f.width;
  const toY = (z, f) => f.y + (view.z1 - z) / (view.z1 - view.z0) * f.height;
  const toTime = (x, f) => view.t0 + (x - f.x) / f.width * (view.t1 - view.t0);
  const toAltitude = (y, f) => view.z1 - (y - f.y) / f.height * (view.z1 - view.z0);

  function column(level, t) {
    let low = 0, high = level.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (level.starts[middle] <= t) low = middle; else high = middle - 1;
    }
    return level.starts[low] <= t && t < level.stops[low] ? low : -1;
  }

  function row(level, z) {
    const found = Math.floor((z - level.bottom) / level.step);
    return found >= 0 && found < level.rows ? found : -1;
  }

  const isWhole = () => Object.keys(whole).every((name) => Math.abs(view[name] - whole[name]) < 1e-6);

  // The overview of the whole night; closer, the finest decoded resolution whose cells can be told apart.
  function current(f) {
    if (chosenLevel.value !== "" && night.levels[chosenLevel.value].codes) return night.levels[chosenLevel.value];
    const perKm = f.height / (view.z1 - view.z0), perSecond = f.width / (view.t1 - view.t0);
    if (isWhole()) return first.codes ? first : null;
    const fits = night.levels.filter((one) => one.codes && one.step * perKm >= 1.2 && one.width * perSecond >= 1);
    return fits.pop() || (first.codes ? first : null);
  }

  // ---- drawing ----

  function draw() {
    if (waiting) return;
    waiting = true;
    setTimeout(() => { waiting = false; drawNow(); }, FRAME_MS);
  }

  function drawNow() {
    const f = frame(), ratio = window.devicePixelRatio || 1, level = current(f);
    canvas.width = Math.round(f.all.width * ratio);
    canvas.height = Math.round(f.all.height * ratio);
    if (level) drawImage(level, f, ratio);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawAxes(f);
    context.save();
    context.beginPath();
    context.rect(f.x, f.y, f.width, f.height);
    context.clip();
    if (overlay.checked) night.stripes.forEach((one, i) => drawStripe(one, i, f));
    if (point) drawPoint(f);
    context.restore();
    canvas.dataset.level = level ? night.levels.indexOf(level) : "";
  }

  function drawImage(level, f, ratio) {
    const width = Math.round(f.width * ratio), height = Math.round(f.height * ratio);
    const key = [night.levels.indexOf(level), width, height, ...Object.values(view)].join();
    if (painted.key !== key) painted = { key, image: paint(level, f, width, height) };
    context.putImageData(painted.image, Math.round(f.x * ratio), Math.round(f.y * ratio));
  }

  function paint(level, f, width, height) {
    const image = context.createImageData(width, height), count = level.starts.length;
    const pixels = new Uint32Array(image.data.buffer);
    const columns = Int32Array.from({ length: width }, (_, x) => column(level, toTime(f.x + (x + 0.5) / width * f.width, f)));
    for (let y = 0; y < height; y++) {
      const at = row(level, toAltitude(f.y + (y + 0.5) / height * f.height, f)) * count;
      for (let x = 0; x < width; x++) {
        pixels[y * width + x] = colours[at < 0 || columns[x] < 0 ? 0 : level.codes[at + columns[x]]];
      }
    }
    return image;
  }

  function ticks(low, high, steps, room) {
    const step = steps.find((one) => (high - low) / one <= room) || steps[steps.length - 1];
    const out = [];
    for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i++) out.push(i * step);
    return out;
  }

  function drawAxes(f) {
    Object.assign(context, { strokeStyle: "#333", fillStyle: "#1b1f24", lineWidth: 1, font: "12px system-ui, sans-serif" });
    context.strokeRect(f.x, f.y, f.width, f.height);
    context.textAlign = "center";
    const times = ticks(view.t0, view.t1, STEPS_S, Math.max(2, Math.floor(f.width / 75)));
    for (const t of times) {
      const seconds = times.length > 1 && times[1] - times[0] < 60;
      tick(toX(t, f), f.y + f.height, 0, 4);
      context.fillText(clock(t, seconds), toX(t, f), f.y + f.height + 16);
      if (night.offset === null) continue;
      tick(toX(t, f), f.y, 0, -4);
      context.fillText(clock(t + night.offset, seconds), toX(t, f), f.y - 7);
    }
    context.fillText("UT", f.x + f.width / 2, f.y + f.height + 31);
    if (night.offset !== null) context.fillText(night.local, f.x + f.width / 2, f.y - 21);
    context.textAlign = "right";
    for (const z of ticks(view.z0, view.z1, STEPS_KM, Math.max(2, Math.floor(f.height / 40)))) {
      tick(f.x, toY(z, f), -4, 0);
      context.fillText(String(z), f.x - 6, toY(z, f) + 4);
    }
    context.textAlign = "left";
    context.fillText("altitude (km)", 2, f.y - 21);
  }

  function tick(x, y, dx, dy) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + dx, y + dy);
    context.stroke();
  }

  function drawStripe(one, i, f) {
    const [x0, x1] = one.t.map((t) => toX(t, f)), [y0, y1] = one.z.map((z) => toY(z, f));
    const marked = i === chosen;
    Object.assign(context, { strokeStyle: marked ? "#FFFFFF" : night.stripe_colour, fillStyle: night.stripe_colour,
      lineWidth: marked ? 2 : 1 });
    context.setLineDash(marked ? [] : [2, 4]);
    context.beginPath();
    context.moveTo(x0, y0);
    context.lineTo(x1, y1);
    context.stroke();
    context.setLineDash([]);
    triangle(x0, y0, -1, marked ? 6 : 4);
    triangle(x1, y1, 1, marked ? 6 : 4);
  }

  function triangle(x, y, way, size) {
    context.beginPath();
    context.moveTo(x, y + way * size);
    context.lineTo(x - size, y - way * size);
    context.lineTo(x + size, y - way * size);
    context.fill();
  }

  function drawPoint(f) {
    Object.assign(context, { strokeStyle: "rgba(255,255,255,.85)", lineWidth: 1 });
    const x = toX(point.t, f), y = toY(point.z, f);
    tick(x, f.y, 0, f.height);
    tick(f.x, y, f.width, 0);
  }

  // ---- words ----

  function clock(t, seconds) {
    const whole = ((Math.round(t) % 86400) + 86400) % 86400;
    const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].slice(0, seconds ? 3 : 2);
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  }

  function density(level, t, z) {
    const i = column(level, t), j = row(level, z);
    const code = i < 0 || j < 0 ? 0 : level.codes[j * level.starts.length + i];
    if (code === 0) return "not observed";
    const noise = level.error[j] === null ? "" : `; noise of a cell ${level.error[j]} cm⁻³`;
    const value = code === 1 ? `below ${Number(night.low.toPrecision(2))}` :
      String(Number((night.low * Math.pow(night.ratio, code - 2)).toPrecision(2)));
    return `${value} cm⁻³ (${level.name}${noise})`;
  }

  function read() {
    const level = current(frame());
    if (!point || !level) return;
    const local = night.offset === null ? "" : ` ${clock(point.t + night.offset, true)} LT,`;
    readout.textContent = `${clock(point.t, true)} UT,${local} ` +
      `${point.z.toFixed(1)} km: ${density(level, point.t, point.z)}`;
  }

  function choose(i) {
    chosen = i;
    rows.forEach((button, at) => button.closest("tr").classList.toggle("chosen", at === i));
    const one = night.stripes[i];
    stripeText.textContent = one ? `Stripe ${one.id}: ${one.z[0].toFixed(0)} km at ${one.from}, ` +
      `${one.z[1].toFixed(0)} km at ${one.to} UT; slowness ${one.slowness} s km⁻¹, ` +
      `width ${one.width} s, β ${one.beta}` : "";
    draw();
  }

  // ---- moving ----

  function within(low, high, start, end) {
    const span = Math.min(high - low, end - start);
    const from = Math.min(Math.max(low, start), end - span);
    return [from, from + span];
  }

  function look(t0, t1, z0, z1) {
    if (t1 - t0 < 30 || z1 - z0 < 0.5) return;
    [t0, t1] = within(t0, t1, whole.t0, whole.t1);
    [z0, z1] = within(z0, z1, whole.z0, whole.z1);
    view = { t0, t1, z0, z1 };
    draw();
    read();
  }

  function zoom(factor, t, z, timeOnly) {
    const k = timeOnly ? 1 : factor;
    look(t - (t - view.t0) * factor, t + (view.t1 - t) * factor, z - (z - view.z0) * k, z + (view.z1 - z) * k);
  }

  function zoomAtPoint(factor) {
    const inside = point && point.t > view.t0 && point.t < view.t1 && point.z > view.z0 && point.z < view.z1;
    const at = inside ? point : { t: (view.t0 + view.t1) / 2, z: (view.z0 + view.z1) / 2 };
    zoom(factor, at.t, at.z, false);
  }

  function shift(right, up) {
    const dt = right * (view.t1 - view.t0), dz = up * (view.z1 - view.z0);
    look(view.t0 + dt, view.t1 + dt, view.z0 + dz, view.z1 + dz);
  }

  function showStripe(i) {
    const one = night.stripes[i], margin = 0.15 * (one.z[1] - one.z[0]) + 1;
    const low = Math.min(...one.t), high = Math.max(...one.t);
    choose(i);
    look(low - 300, high + 300, one.z[0] - margin, one.z[1] + margin);
  }

  // ---- pointer ----

  const fingers = new Map();
  let moved = 0;

  function place(event) {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  function pointTo(at) {
    const f = frame();
    if (at.x < f.x || at.x > f.x + f.width || at.y < f.y || at.y > f.y + f.height) return;
    point = { t: toTime(at.x, f), z: toAltitude(at.y, f) };
    read();
    draw();
  }

  function drag(before, now) {
    const f = frame();
    moved += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
    shift((before.x - now.x) / f.width, (now.y - before.y) / f.height);
  }

  function pinch(id, before, now) {
    const other = Array.from(fingers).find(([key]) => key !== id)[1], f = frame();
    const apart = (one) => Math.max(20, Math.hypot(one.x - other.x, one.y - other.y));
    moved = 99;
    zoom(apart(before) / apart(now), toTime((now.x + other.x) / 2, f), toAltitude((now.y + other.y) / 2, f), false);
  }

  function nearest(at) {
    const f = frame();
    const distance = (one) => {
      const [x0, x1] = one.t.map((t) => toX(t, f)), [y0, y1] = one.z.map((z) => toY(z, f));
      const share = ((at.x - x0) * (x1 - x0) + (at.y - y0) * (y1 - y0)) / ((x1 - x0) ** 2 + (y1 - y0) ** 2);
      const k = Math.min(1, Math.max(0, share));
      return Math.hypot(at.x - x0 - k * (x1 - x0), at.y - y0 - k * (y1 - y0));
    };
    const all = night.stripes.map(distance), best = all.indexOf(Math.min(...all));
    return all[best] < 14 ? best : -1;
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!fingers.size) moved = 0;
    fingers.set(event.pointerId, place(event));
    if (event.isTrusted) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId), now = place(event);
    if (before && fingers.size === 1) drag(before, now);
    if (before && fingers.size === 2) pinch(event.pointerId, before, now);
    if (before) fingers.set(event.pointerId, now);
    else pointTo(now);
  });
  for (const name of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(name, (event) => {
      if (name === "pointerup" && fingers.size === 1 && moved < 6) {
        pointTo(place(event));
        if (overlay.checked) choose(nearest(place(event)));
      }
      fingers.delete(event.pointerId);
    });
  }
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    const at = place(event), f = frame(), amount = event.deltaY || event.deltaX;
    zoom(Math.exp(Math.sign(amount) * 0.25), toTime(at.x, f), toAltitude(at.y, f), event.shiftKey);
  }, { passive: false });
  canvas.addEventListener("dblclick", () => zoomAtPoint(0.5));

  // ---- keys and buttons ----

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

  function movePoint(right, up) {
    const f = frame(), level = current(f);
    if (!level) return;
    point = point || { t: (view.t0 + view.t1) / 2, z: (view.z0 + view.z1) / 2 };
    const t = point.t + right * Math.max(level.width, 3 * (view.t1 - view.t0) / f.width);
    const z = point.z + up * Math.max(level.step, 3 * (view.z1 - view.z0) / f.height);
    point = { t: Math.min(Math.max(t, view.t0), view.t1), z: Math.min(Math.max(z, view.z0), view.z1) };
    read();
    draw();
  }

  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const way = ARROWS[event.key];
    if (way && event.shiftKey) shift(0.1 * way[0], 0.1 * way[1]);
    else if (way) movePoint(...way);
    else if (event.key === "+" || event.key === "=") zoomAtPoint(0.5);
    else if (event.key === "-" || event.key === MINUS) zoomAtPoint(2);
    else if (event.key === "0") look(whole.t0, whole.t1, whole.z0, whole.z1);
    else return;
    event.preventDefault();
  });
  document.getElementById("closer").addEventListener("click", () => zoomAtPoint(0.5));
  document.getElementById("wider").addEventListener("click", () => zoomAtPoint(2));
  document.getElementById("whole").addEventListener("click", () => look(whole.t0, whole.t1, whole.z0, whole.z1));
  overlay.addEventListener("change", draw);
  chosenLevel.addEventListener("change", () => { draw(); read(); });
  rows.forEach((button, i) => {
    button.addEventListener("focus", () => choose(i));
    button.addEventListener("click", () => {
      showStripe(i);
      canvas.scrollIntoView({ block: "nearest" });
    });
  });
  new ResizeObserver(draw).observe(canvas);

  // ---- start: the overview first, then the finer resolutions ----

  (async () => {
    if (typeof DecompressionStream === "undefined") {
      readout.textContent = "This browser cannot unpack the data of this page; a newer one can.";
      return;
    }
    for (const level of night.levels) {
      await decode(level);
      draw();
    }
    canvas.dataset.ready = "true";
  })();
})();
