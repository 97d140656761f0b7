// Convolution or pooling, position by position.
//   data = {kind: "convolution" | "max" | "average", image: [[...]], kernel: [[...]] | null, bias, strides,
//           padding: {top, left}, output: [[...]], positions: [{row, column, patch: [[...]], sum}], words: {...}}
// `image` has its padding already; `words` names image, kernel, output and padding in both languages.
import { buttons, canvas, colours, diverging, frame, say, short, stepped } from "./base.js";

export function draw(element, figure, options) {
  const theme = colours(options);
  const body = frame(element, figure, options);
  let data = figure.data;
  let place = 0;
  let timer = null;

  const view = canvas(body, {
    height: 300,
    label: say(figure.alternative, options.language),
    draw: (context, width, height) => {
      const { row, column, patch } = data.positions[place];
      const tall = patch.length;
      const wide = patch[0].length;
      const rows = data.image.length;
      const columns = data.image[0].length;
      const outColumns = data.output[0].length;
      const kernelColumns = data.kernel ? data.kernel[0].length : 0;
      const cell = Math.min(34, (width - 60) / (columns + outColumns + kernelColumns + 2), (height - 40) / Math.max(rows, data.output.length));
      const [top, left] = [row * data.strides, column * data.strides];
      const x0 = 8;
      table(context, data.image, x0, 28, cell, theme, say(data.words.image, options.language), (r, c) => ({
        isFramed: r >= top && r < top + tall && c >= left && c < left + wide,
        isPadding: r < data.padding.top || c < data.padding.left || r >= rows - data.padding.bottom || c >= columns - data.padding.right,
      }));
      let x = x0 + (columns + 1) * cell;
      if (data.kernel) {
        table(context, data.kernel, x, 28, cell, theme, say(data.words.kernel, options.language), () => ({}), true);
        x += (kernelColumns + 1) * cell;
      }
      table(context, data.output, x, 28, cell, theme, say(data.words.output, options.language), (r, c) => ({
        isFramed: r === row && c === column,
        isHidden: r * outColumns + c > place,
      }));
    },
  });
  const told = document.createElement("p");
  told.setAttribute("aria-live", "polite");
  told.style.cssText = `min-height: 3em; margin: 6px 0 0; color: ${theme.ink}`;

  const show = () => {
    const { row, column, patch, sum } = data.positions[place];
    const flat = patch.flat();
    let written;
    if (data.kernel) {
      const weights = data.kernel.flat();
      written = flat.map((value, i) => `${short(value)}×${bracket(weights[i])}`).join(" + ") + (data.bias ? ` + ${bracket(data.bias)}` : "");
    } else if (data.kind === "max") written = `max(${flat.map(short).join(", ")})`;
    else written = `(${flat.map(short).join(" + ")}) / ${flat.length}`;
    told.textContent = `(${row + 1}, ${column + 1})  ${written} = ${short(sum)}`;
    view.redraw();
  };
  const go = (to) => {
    place = to;
    show();
  };
  const last = () => data.positions.length - 1;
  const halt = () => {
    clearInterval(timer);
    timer = null;
  };
  buttons(body, [
    { name: "back", label: "◀", action: () => go(Math.max(0, place - 1)) },
    { name: "play", label: "▶ ❚❚", action: () => {
      if (timer) halt();
      else timer = setInterval(() => (place < last() ? go(place + 1) : halt()), 300);
    } },
    { name: "on", label: "▶", action: () => go(Math.min(last(), place + 1)) },
    { name: "all", label: "▶▶", action: () => go(last()) },
  ], options);
  body.append(told);
  stepped(view.surface, { last, get: () => place, set: go });
  show();
  return {
    update: (next) => {
      data = { ...data, ...next };
      place = Math.min(place, last());
      show();
    },
    stop: () => {
      halt();
      view.stop();
    },
  };
}

function table(context, values, x, y, cell, theme, title, mark, isSigned = false) {
  let most = 1e-12;
  for (const row of values) for (const value of row) most = Math.max(most, Math.abs(value));
  context.font = "12px system-ui, sans-serif";
  context.textAlign = "left";
  context.fillStyle = theme.ink;
  context.fillText(title, x, y - 10);
  context.textAlign = "center";
  context.font = `${Math.max(8, Math.min(12, cell * 0.31))}px system-ui, sans-serif`;
  const framed = [];
  values.forEach((row, r) => row.forEach((value, c) => {
    const { isFramed, isHidden, isPadding } = mark(r, c);
    const [left, top] = [x + c * cell, y + r * cell];
    context.fillStyle = isHidden ? theme.middle : isPadding ? theme.grid : diverging(value / most, theme);
    context.fillRect(left, top, cell - 1, cell - 1);
    if (!isHidden && cell >= 18) {
      context.fillStyle = theme.ink;
      context.fillText(short(value), left + cell / 2, top + cell / 2 + 4, cell - 2);
    }
    if (isFramed) framed.push([left, top]);
  }));
  context.strokeStyle = theme.high;
  context.lineWidth = 2.5;
  if (framed.length) {
    const [a, b] = [framed[0], framed[framed.length - 1]];
    context.strokeRect(a[0] - 1, a[1] - 1, b[0] - a[0] + cell + 1, b[1] - a[1] + cell + 1);
  }
}

function bracket(value) {
  return value < 0 ? `(${short(value)})` : short(value);
}
