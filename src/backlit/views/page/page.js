// Draws the figures of a page, switches its language and theme, and saves figures. No framework, no network.
//   #backlit-data   {title, templates: {light, dark}, figures: [{form, name, …}]}, see drawn.py
//   <html data-language data-theme>  what is shown now;  data-drawn="all" once every figure is there
(() => {
  const root = document.documentElement;
  const page = JSON.parse(document.getElementById("backlit-data").textContent);
  const settings = { displayModeBar: false, responsive: true, doubleClick: "reset" };
  const shown = new Map(); // block → what draw() of its module gave
  const HEAD = 72; // pixels above a saved chart, for the title that the page writes itself

  if ("auto" in root.dataset && window.matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.theme = "dark";

  const now = () => ({ language: root.dataset.language, theme: root.dataset.theme });

  // A chart in the language and theme of now: what was written for English and light, with what differs put in.
  function chart(figure) {
    const { language, theme } = now();
    const drawn = structuredClone(figure.base);
    for (const [path, value] of figure.changes[`${language}-${theme}`]) {
      let place = drawn;
      for (const key of path.slice(0, -1)) place = place[key];
      place[path[path.length - 1]] = value;
    }
    drawn.layout.template = page.templates[theme];
    return drawn;
  }

  function draw(block) {
    const figure = page.figures[Number(block.dataset.figure)];
    const place = block.querySelector(".drawing");
    if (figure.form === "chart") {
      const { data, layout } = chart(figure);
      // The title stands above as text that wraps; the room that it had inside goes to the legend.
      const inside = { ...layout, title: undefined, height: figure.height, margin: { ...layout.margin, t: 56 } };
      place.setAttribute("aria-label", figure.alternative[now().language]);
      Plotly.react(place, data, inside, settings);
    } else if (figure.form === "moving") {
      if (shown.has(block)) shown.get(block).stop();
      shown.set(block, backlitModules[figure.kind].draw(place, figure, now()));
      const button = block.querySelector("[data-save=png]");
      if (button) button.hidden = !place.querySelector("canvas");
    }
  }

  // Figures come one after another, so that the page can be read and scrolled at once.
  let round = 0;
  function drawAll() {
    const mine = (round += 1);
    const waiting = [...document.querySelectorAll("[data-figure]")];
    root.dataset.drawn = "some";
    const next = () => {
      if (mine !== round) return;
      const block = waiting.shift();
      if (!block) {
        root.dataset.drawn = "all";
        return;
      }
      draw(block);
      setTimeout(next, 0);
    };
    next();
  }

  function change(what) {
    const pairs = { language: ["en", "zh"], theme: ["light", "dark"] }[what];
    root.dataset[what] = pairs[1 - pairs.indexOf(root.dataset[what])];
    root.lang = root.dataset.language === "zh" ? "zh-CN" : "en";
    document.title = page.title[root.dataset.language];
    drawAll();
  }

  function download(name, blob) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // The figure alone as a page of its own: this page's style, script and, where it needs them, Plotly and the modules.
  function asPage(block) {
    const figure = page.figures[Number(block.dataset.figure)];
    const copy = block.cloneNode(true);
    copy.dataset.figure = "0";
    copy.querySelector("details").open = false;
    const place = copy.querySelector(".drawing");
    if (place) {
      const empty = document.createElement("div");
      empty.className = "drawing";
      if (figure.form === "chart") {
        empty.setAttribute("role", "img");
        empty.style.height = `${figure.height}px`;
      }
      place.replaceWith(empty);
    }
    const title = figure.title || page.title;
    const data = { title, templates: figure.form === "chart" ? page.templates : {}, figures: [figure] };
    const made = document.implementation.createHTMLDocument(title[now().language]);
    const top = made.documentElement;
    top.className = "backlit";
    top.lang = root.lang;
    Object.assign(top.dataset, now());
    for (const part of document.head.querySelectorAll("meta, link")) made.head.append(made.importNode(part, true));
    made.head.append(made.importNode(document.getElementById("backlit-style"), true));
    const bar = document.querySelector(".bar");
    if (bar) made.body.append(made.importNode(bar, true));
    const main = made.createElement("main");
    main.append(made.importNode(copy, true));
    made.body.append(main);
    const needed = { "backlit-plotly": figure.form === "chart", "backlit-modules": figure.form === "moving", "backlit-script": true };
    const holder = made.createElement("script");
    holder.type = "application/json";
    holder.id = "backlit-data";
    holder.textContent = JSON.stringify(data).replaceAll("<", "\\u003c");
    made.body.append(holder);
    for (const [id, isNeeded] of Object.entries(needed)) {
      const script = document.getElementById(id);
      if (isNeeded && script) made.body.append(made.importNode(script, true));
    }
    return new Blob(["<!doctype html>\n", top.outerHTML], { type: "text/html" });
  }

  // A chart as a picture, with its title, as wide as it is on the page.
  async function picture(block, format) {
    const figure = page.figures[Number(block.dataset.figure)];
    const { data, layout } = chart(figure);
    const size = { width: Math.max(640, block.querySelector(".drawing").clientWidth), height: figure.height + HEAD };
    const link = await Plotly.toImage({ data, layout: { ...layout, ...size } }, { format, ...size, scale: format === "png" ? 2 : 1 });
    const [head, body] = [link.slice(0, link.indexOf(",")), link.slice(link.indexOf(",") + 1)];
    if (!head.endsWith("base64")) return new Blob([decodeURIComponent(body)], { type: "image/svg+xml" });
    return new Blob([Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0))], { type: "image/png" });
  }

  // What a moving figure shows now, with its title, on its ground.
  function still(block) {
    const figure = page.figures[Number(block.dataset.figure)];
    const source = block.querySelector(".drawing canvas");
    const scale = source.width / source.clientWidth;
    const surface = document.createElement("canvas");
    [surface.width, surface.height] = [source.width, source.height + 40 * scale];
    const context = surface.getContext("2d");
    const style = getComputedStyle(root);
    context.fillStyle = style.getPropertyValue("--ground").trim();
    context.fillRect(0, 0, surface.width, surface.height);
    context.fillStyle = style.getPropertyValue("--ink").trim();
    context.font = `${16 * scale}px system-ui, sans-serif`;
    context.fillText(figure.title[now().language], 8 * scale, 26 * scale, surface.width - 16 * scale);
    context.drawImage(source, 0, 40 * scale);
    return new Promise((done) => surface.toBlob(done, "image/png"));
  }

  async function save(block, format) {
    const figure = page.figures[Number(block.dataset.figure)];
    const name = `${figure.name}.${format}`;
    if (format === "html") download(name, asPage(block));
    else if (figure.form === "chart") download(name, await picture(block, format));
    else download(name, await still(block));
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    if (!button) return;
    if (button.dataset.switch) change(button.dataset.switch);
    if (button.dataset.save) {
      const block = button.closest("[data-figure]");
      save(block, button.dataset.save);
      block.querySelector("details").open = false;
      block.querySelector("summary").focus();
    }
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (menu) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  // In a notebook the page stands in a frame, which is made as high as the page.
  let frame = null;
  try {
    frame = window.frameElement;
  } catch { /* the frame belongs to another origin */ }
  if (frame) new ResizeObserver(() => { frame.style.height = `${Math.ceil(document.body.getBoundingClientRect().height) + 2}px`; }).observe(document.body);

  drawAll();
})();
