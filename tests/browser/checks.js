// What the tests ask of a page of the book. A list of faults is empty where all is well.
"use strict";

const hlm = {
  /** Colours do not fade from one into the next, and folded answers are part of the page. */
  settle() {
    const style = document.createElement("style");
    style.textContent = "* { transition: none !important; animation: none !important; }";
    document.head.append(style);
    for (const fold of document.querySelectorAll("main details")) fold.open = true;
    return window.MathJax?.startup?.promise?.then(() => null);
  },

  theme(name) {
    document.documentElement.dataset.theme = name;
  },

  /** axe's faults, and those of contrast in both themes; `known` are the kinds of text judged. */
  async judge(known) {
    const seen = new Set(known);
    const fresh = {};
    for (const theme of ["dark", "light"]) {
      hlm.theme(theme);
      fresh[theme] = hlm.markKinds(theme, seen);
    }
    hlm.thin();
    const light = await hlm.axe("light", {});
    hlm.theme("dark");
    const dark = fresh.dark ? await hlm.axe("dark", { runOnly: ["color-contrast"] }) : [];
    hlm.theme("light");
    return { light, dark, known: [...seen] };
  },

  async axe(theme, options) {
    axe.configure({ rules: [{ id: "color-contrast", selector: `[data-${theme}]` }] });
    const found = await axe.run(document, { preload: false, resultTypes: ["violations"], ...options });
    // The minor one: pandas leaves a corner of its tables empty.
    const faults = found.violations.filter((fault) => fault.impact !== "minor");
    return faults.flatMap((fault) => fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 120)}`));
  },

  /** Mark one element for each new kind of text: its colour, its size, and all that lies behind it. */
  markKinds(theme, seen) {
    const before = seen.size;
    const layers = new Map([[null, ""]]);
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.parentElement;
      if (!walker.currentNode.data.trim() || !hlm.isSeen(text)) continue;
      const look = getComputedStyle(text);
      const kind = [look.color, look.fontSize, look.fontWeight, hlm.behind(text, layers)].join(" ");
      if (seen.has(kind)) continue;
      seen.add(kind);
      text.dataset[theme] = "";
    }
    return seen.size > before;
  },

  /** Of what repeats a hundred times a page, axe gets what is new, and a few formulas. */
  thin() {
    const isKnown = (box) => !box.querySelector("[data-light], [data-dark]");
    for (const code of [...document.querySelectorAll("pre")].filter(isKnown)) code.textContent = code.textContent;
    const formulas = [...document.querySelectorAll("mjx-container")].slice(5);
    for (const formula of formulas.filter(isKnown)) formula.remove();
  },

  /** The colours, pictures and veils behind a text, from its own box outwards. */
  behind(box, layers) {
    if (!layers.has(box)) {
      const { backgroundColor, backgroundImage, opacity } = getComputedStyle(box);
      const own = [backgroundColor, backgroundImage, opacity].join();
      const rest = hlm.behind(box.parentElement, layers);
      layers.set(box, own === "rgba(0, 0, 0, 0),none,1" ? rest : `${own}/${rest}`);
    }
    return layers.get(box);
  },

  isSeen(box) {
    return box.checkVisibility({ visibilityProperty: true });
  },

  /** Text zoom: the letters grow, and the window does not. */
  zoomed(percent) {
    document.documentElement.style.fontSize = `${percent}%`;
    dispatchEvent(new Event("resize"));
    const faults = hlm.overflow();
    document.documentElement.style.fontSize = "";
    return faults;
  },

  /** What is wider than the window, and text that its own box cuts off. */
  overflow() {
    const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const cut = [...document.querySelectorAll("body *")].filter(hlm.isCut).map(hlm.name);
    return [...(over > 0 ? [`the page is too wide by ${over}`] : []), ...cut];
  },

  isCut(box) {
    const look = getComputedStyle(box);
    const hides = (value) => value === "hidden" || value === "clip";
    const [x, y] = [hides(look.overflowX), hides(look.overflowY)];
    const forReaders = look.clip !== "auto" || box.clientWidth < 2 || box.clientHeight < 2;
    if (!(x || y) || forReaders || !hlm.isSeen(box) || !box.innerText?.trim()) return false;
    return (x && box.scrollWidth > box.clientWidth + 1) || (y && box.scrollHeight > box.clientHeight + 1);
  },

  /** Pictures without a text; headings that skip a level; an order of stops that is not the page's. */
  structure() {
    const pictures = [...document.images].filter((image) => !image.hasAttribute("alt"));
    const headings = [...document.querySelectorAll("main :is(h1, h2, h3, h4, h5, h6)")].filter(hlm.isSeen);
    const levels = headings.map((heading) => +heading.tagName[1]);
    const jumps = levels.some((level, k) => level > (levels[k - 1] ?? 0) + 1);
    const titles = levels.filter((level) => level === 1).length;
    const ordered = [...document.querySelectorAll("[tabindex]")].filter((box) => box.tabIndex > 0);
    return [
      ...pictures.map((image) => `no alt: ${image.src.slice(0, 80)}`),
      ...(jumps || titles !== 1 ? [`headings of the levels ${levels}`] : []),
      ...ordered.map((box) => `a stop out of turn: ${hlm.name(box)}`),
    ];
  },

  /** One stop of the keyboard of each kind that is not known. */
  stops(known) {
    const kinds = "a[href], button, input, select, textarea, summary, [tabindex='0']";
    const reached = (stop) => !stop.disabled && stop.tabIndex === 0 && hlm.isSeen(stop);
    const all = [...document.querySelectorAll(kinds)].filter(reached);
    const byKind = new Map(all.map((stop) => [`${stop.localName} ${stop.className}`, stop]));
    for (const kind of known) byKind.delete(kind);
    return byKind;
  },

  /** The stops that do not show that the keyboard is there. The last key must have been Tab. */
  unseenFocus(known) {
    const stops = hlm.stops(known);
    const isUnseen = (stop) => {
      stop.focus({ preventScroll: true });
      const look = getComputedStyle(stop);
      const ring = look.outlineStyle !== "none" && parseFloat(look.outlineWidth) > 0;
      return document.activeElement === stop && !ring && look.boxShadow === "none";
    };
    return { kinds: [...stops.keys()], faults: [...stops.values()].filter(isUnseen).map(hlm.name) };
  },

  name(box) {
    return `${box.localName}.${box.className} ${(box.innerText ?? "").slice(0, 40)}`.replace(/\s+/g, " ");
  },
};
window.hlm = hlm;
