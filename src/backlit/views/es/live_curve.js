// A curve that grows while a network trains, thousands of points without a stutter.
//   data = {x: [...], series: [{name, values: [...]}], xName, yName, isLog}; update({x, series}) takes whole or longer lists
import { canvas, colours, frame, roundTicks, say, short } from "./base.js";

const LEFT = 62;
const BOTTOM = 40;
const TOP = 26;

export function draw(element, figure, options) {
  const theme = colours(options);
  const body = frame(element, figure, options);
  let data = figure.data;
  let pointer = -1;

  const view = canvas(body, {
    height: 280,
    label: say(figure.alternative, options.language),
    draw: (context, width, height) => {
      const n = data.x.length;
      const lift = (value) => (data.isLog ? (value > 0 ? Math.log10(value) : NaN) : value);
      let [low, high] = [Infinity, -Infinity];
      for (const one of data.series) for (const value of one.values) {
        const y = lift(value);
        if (isFinite(y)) [low, high] = [Math.min(low, y), Math.max(high, y)];
      }
      if (!isFinite(low)) [low, high] = [0, 1];
      if (low === high) [low, high] = [low - 0.5, high + 0.5];
      const first = data.x[0] || 0;
      const last = n > 1 ? data.x[n - 1] : first + 1;
      const px = (x) => LEFT + ((x - first) / (last - first || 1)) * (width - LEFT - 16);
      const py = (y) => height - BOTTOM - ((y - low) / (high - low)) * (height - BOTTOM - TOP);
      context.font = "12px system-ui, sans-serif";
      context.fillStyle = theme.quiet;
      context.strokeStyle = theme.grid;
      context.lineWidth = 1;
      context.textAlign = "right";
      const heights = data.isLog ? [0, 1, 2, 3, 4].map((k) => low + ((high - low) * k) / 4) : roundTicks(low, high, 5);
      for (const y of heights) {
        context.beginPath();
        context.moveTo(LEFT, py(y));
        context.lineTo(width - 16, py(y));
        context.stroke();
        context.fillText(short(data.isLog ? 10 ** y : y), LEFT - 6, py(y) + 4);
      }
      context.textAlign = "center";
      for (const x of roundTicks(first, last, 8, data.x.every(Number.isInteger))) {
        context.fillText(short(x), px(x), height - BOTTOM + 16);
      }
      context.fillText(say(data.xName, options.language), (LEFT + width) / 2, height - 6);
      context.textAlign = "left";
      context.fillText(say(data.yName, options.language), LEFT, 12);
      data.series.forEach((one, s) => {
        context.strokeStyle = theme.lines[s % theme.lines.length];
        context.lineWidth = 2;
        context.setLineDash(s % 2 ? [6, 4] : []);
        context.beginPath();
        let isDown = false;
        const pixels = Math.max(1, Math.floor(n / (2 * width)));
        for (let i = 0; i < n; i += pixels) {
          const y = lift(one.values[i]);
          if (!isFinite(y)) { isDown = false; continue; }
          if (isDown) context.lineTo(px(data.x[i]), py(y));
          else context.moveTo(px(data.x[i]), py(y));
          isDown = true;
        }
        context.stroke();
        context.setLineDash([]);
        context.fillStyle = theme.lines[s % theme.lines.length];
        context.textAlign = "right";
        context.fillText(say(one.name, options.language), width - 18 - 110 * (data.series.length - 1 - s), 12);
      });
      if (pointer >= 0 && pointer < n) {
        context.strokeStyle = theme.quiet;
        context.lineWidth = 1;
        context.beginPath();
        context.moveTo(px(data.x[pointer]), TOP);
        context.lineTo(px(data.x[pointer]), height - BOTTOM);
        context.stroke();
      }
    },
  });
  const told = document.createElement("p");
  told.setAttribute("aria-live", "polite");
  told.style.cssText = `min-height: 1.4em; margin: 6px 0 0; color: ${theme.quiet}`;
  body.append(told);
  const point = (i) => {
    pointer = Math.max(0, Math.min(data.x.length - 1, i));
    const values = data.series.map((one) => `${say(one.name, options.language)} ${short(one.values[pointer])}`);
    told.textContent = `${say(data.xName, options.language)} ${short(data.x[pointer])}   ${values.join("   ")}`;
    view.redraw();
  };
  view.surface.addEventListener("pointermove", (event) => {
    const box = view.surface.getBoundingClientRect();
    point(Math.round(((event.clientX - box.left - LEFT) / (box.width - LEFT - 16)) * (data.x.length - 1)));
  });
  view.surface.addEventListener("keydown", (event) => {
    const to = { ArrowRight: pointer + 1, ArrowLeft: pointer - 1, Home: 0, End: data.x.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    point(to);
  });
  return {
    update: (next) => {
      data = { ...data, ...next };
      view.redraw();
    },
    stop: view.stop,
  };
}
