// A network with live weights and activations: dense layers as columns of neurons, convolutions as stacks of maps.
//   data = {layers: [{name, kind: "units", values: [...], names: [...] | null, more} |
//                    {name, kind: "maps", maps: [[...], ...], height, width, more}],
//           weights: [null | [[from, to, weight], ...]]}      one entry between each two neighbouring layers
// `more` counts what is not drawn. Weights blue below zero and orange above, their width is their size; activations fill.
import { canvas, colours, diverging, frame, say, short } from "./base.js";

const HEAD = 34;
const BUCKETS = 7; // widths and colours of lines; lines of one bucket are one path, which keeps a frame cheap

export function draw(element, figure, options) {
  const theme = colours(options);
  const body = frame(element, figure, options);
  let data = figure.data;
  let chosen = null; // {layer, unit}
  let spots = [];

  const heightFor = () => {
    const most = Math.max(...data.layers.map((layer) => (layer.kind === "units" ? 14 * layer.values.length : 44 * layer.maps.length)), 1);
    return Math.max(240, Math.min(760, HEAD + 24 + most));
  };

  const view = canvas(body, {
    height: heightFor(),
    label: say(figure.alternative, options.language),
    draw: (context, width, height) => {
      spots = places(data.layers, width, height);
      data.weights.forEach((edges, i) => {
        if (edges && edges.length) lines(context, edges, spots[i], spots[i + 1], theme, chosen, i);
      });
      data.layers.forEach((layer, i) => {
        const column = spots[i];
        context.font = "12px system-ui, sans-serif";
        context.textAlign = "center";
        context.fillStyle = theme.ink;
        const room = width / data.layers.length - 8;
        context.fillText(say(layer.name, options.language), column.x, 14, room);
        if (layer.more) {
          context.fillStyle = theme.quiet;
          context.fillText(`+ ${layer.more}`, column.x, height - 6, room);
        }
        if (layer.kind === "maps") maps(context, layer, column, theme, chosen, i);
        else units(context, layer, column, theme, chosen, i);
      });
    },
  });
  const told = document.createElement("p");
  told.setAttribute("aria-live", "polite");
  told.style.cssText = `min-height: 1.4em; margin: 6px 0 0; color: ${theme.quiet}`;
  body.append(told);

  const choose = (layer, unit) => {
    const last = data.layers.length - 1;
    const at = Math.max(0, Math.min(last, layer));
    const n = spots[at].points.length;
    chosen = { layer: at, unit: Math.max(0, Math.min(n - 1, unit)) };
    const one = data.layers[at];
    const value = one.kind === "units" ? one.values[chosen.unit] : mean(one.maps[chosen.unit]);
    const name = one.names ? say(one.names[chosen.unit], options.language) : String(chosen.unit + 1);
    told.textContent = `${say(one.name, options.language)} ${name}: ${short(value)}`;
    view.redraw();
  };
  view.surface.addEventListener("click", (event) => {
    const box = view.surface.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    let best = null;
    spots.forEach((column, layer) => column.points.forEach((point, unit) => {
      const distance = (column.x - x) ** 2 + (point - y) ** 2;
      if (!best || distance < best.distance) best = { distance, layer, unit };
    }));
    if (best) choose(best.layer, best.unit);
  });
  view.surface.addEventListener("keydown", (event) => {
    const now = chosen || { layer: 0, unit: -1 };
    const [across, along] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] || [];
    if (across === undefined) return;
    event.preventDefault();
    choose(now.layer + across, now.unit + along);
  });
  return {
    update: (next) => {
      data = { ...data, ...next };
      view.redraw();
    },
    stop: view.stop,
  };
}

// Where each layer stands, and each unit or map in it.
function places(layers, width, height) {
  const step = width / layers.length;
  return layers.map((layer, i) => {
    const n = layer.kind === "units" ? layer.values.length : layer.maps.length;
    const room = height - HEAD - 24;
    const gap = Math.min(layer.kind === "units" ? 34 : 64, room / Math.max(n, 1));
    const top = HEAD + (room - gap * n) / 2 + gap / 2;
    return { x: step * (i + 0.5), gap, points: Array.from({ length: n }, (_, k) => top + gap * k) };
  });
}

function lines(context, edges, from, to, theme, chosen, layer) {
  let most = 0;
  for (const edge of edges) most = Math.max(most, Math.abs(edge[2]));
  const paths = new Map();
  for (const [a, b, weight] of edges) {
    const isOurs = chosen && ((chosen.layer === layer && chosen.unit === a) || (chosen.layer === layer + 1 && chosen.unit === b));
    if (chosen && !isOurs && (chosen.layer === layer || chosen.layer === layer + 1)) continue;
    const bucket = Math.round((weight / (most || 1)) * BUCKETS);
    if (bucket === 0) continue;
    if (!paths.has(bucket)) paths.set(bucket, new Path2D());
    const path = paths.get(bucket);
    path.moveTo(from.x, from.points[a]);
    path.lineTo(to.x, to.points[b]);
  }
  for (const bucket of [...paths.keys()].sort((a, b) => Math.abs(a) - Math.abs(b))) {
    const share = bucket / BUCKETS;
    context.strokeStyle = diverging(share, theme);
    context.lineWidth = 0.4 + 2.2 * Math.abs(share);
    context.stroke(paths.get(bucket));
  }
}

function units(context, layer, column, theme, chosen, i) {
  const most = Math.max(...layer.values.map(Math.abs), 1e-12);
  const radius = Math.max(2.5, Math.min(11, column.gap * 0.42));
  layer.values.forEach((value, k) => {
    context.beginPath();
    context.arc(column.x, column.points[k], radius, 0, 2 * Math.PI);
    context.fillStyle = diverging(value / most, theme);
    context.fill();
    const isChosen = chosen && chosen.layer === i && chosen.unit === k;
    context.strokeStyle = isChosen ? theme.high : theme.quiet;
    context.lineWidth = isChosen ? 3 : 1;
    context.stroke();
  });
}

const scratch = new Map(); // one small canvas a size of map, used again in every frame

function maps(context, layer, column, theme, chosen, i) {
  const size = Math.max(10, Math.min(56, column.gap * 0.9));
  const key = `${layer.width}x${layer.height}`;
  if (!scratch.has(key)) {
    const surface = document.createElement("canvas");
    [surface.width, surface.height] = [layer.width, layer.height];
    const own = surface.getContext("2d");
    scratch.set(key, { surface, own, picture: own.createImageData(layer.width, layer.height) });
  }
  const { surface, own, picture } = scratch.get(key);
  context.imageSmoothingEnabled = false;
  layer.maps.forEach((values, k) => {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const scale = 255 / (high - low || 1);
    for (let p = 0; p < values.length; p += 1) {
      const grey = (values[p] - low) * scale;
      picture.data[4 * p] = grey;
      picture.data[4 * p + 1] = grey;
      picture.data[4 * p + 2] = grey;
      picture.data[4 * p + 3] = 255;
    }
    own.putImageData(picture, 0, 0);
    const [x, y] = [column.x - size / 2, column.points[k] - size / 2];
    context.drawImage(surface, x, y, size, size);
    const isChosen = chosen && chosen.layer === i && chosen.unit === k;
    context.strokeStyle = isChosen ? theme.high : theme.quiet;
    context.lineWidth = isChosen ? 3 : 1;
    context.strokeRect(x, y, size, size);
  });
}

function mean(values) {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / (values.length || 1);
}
