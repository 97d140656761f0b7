// A pass through a network, step by step: each step's formula, the formula with the numbers in, and where they come from.
//   data = {steps: [{number, kind, layer, words, symbol, formula, shape, uses: [...], equations: [...]}], agreement: words}
// Formulas are plain text; arrow keys walk, Home and End jump, Enter goes to the first step that this one uses.
import { buttons, colours, frame, make, say, stepped } from "./base.js";

export function draw(element, figure, options) {
  const theme = colours(options);
  const body = frame(element, figure, options);
  let data = figure.data;
  let place = 0;

  const list = make("ol", { tabindex: "0", role: "listbox", style: { listStyle: "none", margin: "0", padding: "4px", maxHeight: "320px", overflowY: "auto", position: "relative", border: `1px solid ${theme.grid}`, borderRadius: "6px", flex: "0 0 38%" } });
  const detail = make("div", { "aria-live": "polite", style: { flex: "1 1 0", minWidth: "min(100%, 280px)", padding: "4px 12px", minHeight: "200px", overflowX: "auto" } });
  const go = (to) => {
    place = to;
    show();
  };
  const last = () => data.steps.length - 1;

  const show = () => {
    const step = data.steps[place];
    list.replaceChildren(...data.steps.map((one, i) => make("li", {
      role: "option", "aria-selected": String(i === place), onclick: () => go(i),
      style: {
        padding: "3px 8px", cursor: "pointer", borderRadius: "4px", whiteSpace: "nowrap",
        background: i === place ? theme.middle : "transparent",
        borderLeft: `3px solid ${i === place ? theme.high : step.uses.includes(one.number) ? theme.low : "transparent"}`,
        color: one.kind === "given" ? theme.quiet : theme.ink,
      },
    }, [`${one.number}  ${one.symbol}`])));
    const chosen = list.children[place];
    if (chosen && (chosen.offsetTop < list.scrollTop || chosen.offsetTop > list.scrollTop + list.clientHeight - 24)) list.scrollTop = chosen.offsetTop - 80;
    const uses = step.uses.map((number) => make("button", {
      type: "button", onclick: () => go(number - 1), "data-uses": String(number),
      style: { font: "inherit", color: theme.low, background: "none", border: "none", cursor: "pointer", padding: "0 4px", textDecoration: "underline" },
    }, [`${number} ${data.steps[number - 1].symbol}`]));
    detail.replaceChildren(
      make("div", { style: { fontSize: "15px", fontWeight: "600" } }, [[step.layer, say(step.words, options.language)].filter(Boolean).join(options.language === "zh" ? "：" : ": ")]),
      make("div", { style: { color: theme.quiet, margin: "2px 0 8px" } }, [step.shape]),
      ...(step.formula ? [make("div", { style: { fontSize: "16px", margin: "8px 0", whiteSpace: "pre-wrap" } }, [step.formula])] : []),
      ...step.equations.map((line) => make("div", { style: { margin: "3px 0", whiteSpace: "pre-wrap" } }, [line])),
      ...(uses.length ? [make("div", { style: { marginTop: "8px" } }, ["← ", ...uses])] : []),
    );
  };
  body.append(make("div", { style: { display: "flex", gap: "8px", flexWrap: "wrap" } }, [list, detail]));
  buttons(body, [
    { name: "back", label: "◀", action: () => go(Math.max(0, place - 1)) },
    { name: "on", label: "▶", action: () => go(Math.min(last(), place + 1)) },
  ], options);
  if (data.agreement) body.append(make("p", { style: { color: theme.quiet, margin: "4px 0 0" } }, [say(data.agreement, options.language)]));
  stepped(list, { last, get: () => place, set: go });
  list.addEventListener("keydown", (event) => {
    const to = { ArrowDown: place + 1, ArrowUp: place - 1, Enter: data.steps[place].uses.length ? data.steps[place].uses[0] - 1 : place }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(Math.max(0, Math.min(last(), to)));
  });
  show();
  return {
    update: (next) => {
      data = { ...data, ...next };
      place = Math.min(place, last());
      show();
    },
    stop: () => {},
  };
}
