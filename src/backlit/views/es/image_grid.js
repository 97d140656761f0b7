// A grid of small images: kernels, feature maps, excited inputs, samples, an augmentation preview.
//   data = {images: [{pixels: [...], label, note}], height, width, channels, range: [low, high] | null, columns}
// Pixels lie row by row, channels last; one channel is grey, or blue and orange around zero where the range is signed.
import { canvas, colours, diverging, frame, say, short } from "./base.js";

const GAP = 10;
const LABEL = 18;

export function draw(element, figure, options) {
  const theme = colours(options);
  const body = frame(element, figure, options);
  let data = figure.data;
  let chosen = -1;
  let tiles = [];

  const layout = (width) => {
    const most = data.columns || 8;
    const columns = Math.max(1, Math.min(most, data.images.length, Math.floor((width + GAP) / (48 + GAP))));
    const size = Math.min(120, Math.floor((width - GAP * (columns - 1)) / columns));
    const rows = Math.ceil(data.images.length / columns);
    const hasLabels = data.images.some((image) => image.label !== undefined);
    const tall = Math.round((size * data.height) / data.width) + (hasLabels ? LABEL : 0) + GAP;
    return { columns, size, rows, tall, hasLabels };
  };

  const palette = Array.from({ length: 511 }, (_, i) => diverging((i - 255) / 255, theme).match(/\d+/g).map(Number));
  const prepare = () => {
    tiles = data.images.map((image, i) => tile(image, data, palette, tiles[i]));
  };

  const view = canvas(body, {
    height: 100,
    label: say(figure.alternative, options.language),
    draw: (context, width) => {
      const place = layout(width);
      context.imageSmoothingEnabled = false;
      context.font = `12px ${"system-ui, sans-serif"}`;
      context.textAlign = "center";
      data.images.forEach((image, i) => {
        const x = (i % place.columns) * (place.size + GAP);
        const y = Math.floor(i / place.columns) * place.tall;
        const tall = (place.size * data.height) / data.width;
        context.drawImage(tiles[i], x, y, place.size, tall);
        context.strokeStyle = i === chosen ? theme.high : theme.grid;
        context.lineWidth = i === chosen ? 3 : 1;
        context.strokeRect(x + 0.5, y + 0.5, place.size - 1, tall - 1);
        if (image.label !== undefined) {
          context.fillStyle = theme.ink;
          context.fillText(say(image.label, options.language), x + place.size / 2, y + tall + 13, place.size);
        }
      });
      const wanted = Math.max(40, place.rows * place.tall);
      if (Math.abs(wanted - parseFloat(view ? view.surface.style.height : "0")) > 1 && view) view.resize(wanted);
    },
  });
  const told = document.createElement("p");
  told.setAttribute("aria-live", "polite");
  told.style.cssText = `min-height: 1.4em; margin: 6px 0 0; color: ${theme.quiet}`;
  body.append(told);

  const choose = (i) => {
    chosen = i;
    const image = data.images[i];
    const values = image ? image.pixels : [];
    told.textContent = image
      ? [say(image.label || `${i + 1}`, options.language), say(image.note || "", options.language), `${short(Math.min(...values))} … ${short(Math.max(...values))}`].filter(Boolean).join("   ")
      : "";
    view.redraw();
  };
  const at = (event) => {
    const place = layout(view.surface.clientWidth);
    const box = view.surface.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / (place.size + GAP));
    const row = Math.floor((event.clientY - box.top) / place.tall);
    return column < place.columns ? row * place.columns + column : -1;
  };
  view.surface.addEventListener("click", (event) => choose(at(event)));
  view.surface.addEventListener("keydown", (event) => {
    const place = layout(view.surface.clientWidth);
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: place.columns, ArrowUp: -place.columns }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    choose(Math.max(0, Math.min(data.images.length - 1, chosen + by)));
  });
  prepare();
  view.redraw();
  return {
    update: (next) => {
      data = next;
      prepare();
      view.redraw();
    },
    stop: view.stop,
  };
}

// One image as a small canvas of its own, which the browser scales; drawn over when the figure changes.
function tile(image, data, palette, known) {
  const surface = known || document.createElement("canvas");
  if (surface.width !== data.width || surface.height !== data.height) [surface.width, surface.height] = [data.width, data.height];
  const context = surface.getContext("2d");
  const picture = context.createImageData(data.width, data.height);
  const [low, high] = image.range || data.range || span(image.pixels);
  const signed = low < 0 && data.channels === 1;
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const bytes = picture.data;
  const { pixels } = image;
  for (let i = 0; i < data.width * data.height; i += 1) {
    const at = 4 * i;
    if (signed) {
      const rgb = palette[255 + Math.round((255 * Math.max(-most, Math.min(most, pixels[i]))) / most)];
      [bytes[at], bytes[at + 1], bytes[at + 2]] = rgb;
    } else {
      const first = i * data.channels;
      for (let c = 0; c < 3; c += 1) bytes[at + c] = scaled(pixels[data.channels >= 3 ? first + c : first], low, high);
    }
    bytes[at + 3] = 255;
  }
  context.putImageData(picture, 0, 0);
  return surface;
}

function span(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

function scaled(value, low, high) {
  return Math.round((255 * (value - low)) / (high - low || 1));
}
