// What all moving figures share: a sharp canvas, our colours, words in two languages, and a frame that draws when needed.
// No framework, no network. `bundle.py` puts this text in front of a module where imports are not possible.

export const THEMES = {
  light: { ground: "#ffffff", ink: "#22252b", quiet: "#7a808c", grid: "#e3e6eb", low: "#0072B2", high: "#D55E00", middle: "#f4f4f2",
           lines: ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F", "#8B6914"] },
  dark: { ground: "#16181d", ink: "#e6e8ec", quiet: "#8d94a1", grid: "#31353d", low: "#56B4E9", high: "#F28E4B", middle: "#23262d",
          lines: ["#56B4E9", "#F28E4B", "#35C79B", "#E3A1C6", "#8FD0F5", "#F2BE4A", "#B0B0B0", "#CDB15E"] },
};

export const FONT = "system-ui, -apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'WenQuanYi Micro Hei', sans-serif";

// The words of a figure in the chosen language; words are {en, zh} or plain text.
export function say(words, language) {
  return typeof words === "string" ? words : (words && (words[language] || words.en)) || "";
}

export function colours(options) {
  return THEMES[(options && options.theme) || "light"];
}

// Blue below zero, orange above, pale in the middle; `share` from -1 to 1.
export function diverging(share, theme) {
  const end = share < 0 ? theme.low : theme.high;
  return mixed(theme.middle, end, Math.min(1, Math.abs(share)));
}

export function mixed(from, to, share) {
  const read = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
  const [a, b] = [read(from), read(to)];
  return `rgb(${a.map((value, i) => Math.round(value + (b[i] - value) * share)).join(",")})`;
}

// A number with three digits, as people read it.
export function short(value) {
  if (value === null || value === undefined || !isFinite(value)) return "–";
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100000)) return value.toExponential(1).replace("-", "−");
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

// Round numbers between two ends, at most `most` of them; whole ones where only these make sense.
export function roundTicks(low, high, most, isWhole) {
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough * 0.999);
  if (isWhole) step = Math.max(1, Math.round(step));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k += 1) found.push(Number((k * step).toPrecision(12)));
  return found;
}

// An element with attributes, styles and children.
export function make(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "style") Object.assign(element.style, value);
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value);
  }
  for (const child of children) element.append(child);
  return element;
}

// A figure's frame: title, the drawing, what it says in words. The drawing takes keys when it is chosen with Tab.
export function frame(element, figure, options) {
  const theme = colours(options);
  element.replaceChildren();
  const body = make("div", { class: "backlit-body" });
  const root = make("figure", {
    class: "backlit-figure", role: "group", "aria-label": say(figure.alternative, options.language),
    style: { margin: "0", padding: "12px", background: theme.ground, color: theme.ink, font: `13px ${FONT}` },
  }, [
    make("figcaption", { style: { fontSize: "16px", marginBottom: "8px" } }, [say(figure.title, options.language)]),
    body,
  ]);
  element.append(root);
  return body;
}

// A canvas that is sharp on every screen, drawn anew when its width changes or when `redraw` is called, once a frame.
export function canvas(parent, { height, label, draw }) {
  const surface = make("canvas", { tabindex: "0", role: "img", "aria-label": label || "", style: { display: "block", width: "100%", height: `${height}px` } });
  parent.append(surface);
  const context = surface.getContext("2d");
  let waits = false;
  let tall = height;
  const paint = () => {
    waits = false;
    const ratio = window.devicePixelRatio || 1;
    const width = surface.clientWidth || 640;
    if (surface.width !== Math.round(width * ratio) || surface.height !== Math.round(tall * ratio)) {
      surface.width = Math.round(width * ratio);
      surface.height = Math.round(tall * ratio);
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw(context, width, tall);
  };
  const redraw = () => {
    if (!waits) {
      waits = true;
      requestAnimationFrame(paint);
    }
  };
  const resize = (next) => {
    tall = next;
    surface.style.height = `${next}px`;
    redraw();
  };
  const watcher = new ResizeObserver(redraw);
  watcher.observe(surface);
  redraw();
  return { surface, redraw, resize, stop: () => watcher.disconnect() };
}

// A row of buttons that also answer to keys: [{key, label, action}].
export function buttons(parent, items, options) {
  const theme = colours(options);
  const row = make("div", { style: { display: "flex", gap: "6px", margin: "8px 0", flexWrap: "wrap" } });
  for (const { label, action, name } of items) {
    row.append(make("button", {
      type: "button", "data-action": name || "", onclick: action,
      style: { font: `13px ${FONT}`, padding: "4px 10px", color: theme.ink, background: theme.middle, border: `1px solid ${theme.grid}`, borderRadius: "6px", cursor: "pointer" },
    }, [label]));
  }
  parent.append(row);
  return row;
}

// Left and right arrows, Home and End move a number between 0 and `last`.
export function stepped(element, { last, get, set }) {
  element.addEventListener("keydown", (event) => {
    const now = get();
    const to = { ArrowRight: now + 1, ArrowLeft: now - 1, Home: 0, End: last() }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(Math.max(0, Math.min(last(), to)));
  });
}
