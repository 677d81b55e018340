// Choice questions that answer in the page, formulas, and what scrolls or wraps. No library, no request.
"use strict";

/** Turn a list of options, with its replies beside it, into a form. */
function makeForm(box) {
  const asked = JSON.parse(box.querySelector("script").textContent);
  const form = document.createElement("form");
  const fields = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = asked.legend;
  fields.append(legend, ...Array.from(box.querySelectorAll(":scope > ul > li"), (item) => option(item, asked.id)));
  const button = document.createElement("button");
  button.textContent = "Check";
  const reply = document.createElement("p");
  reply.className = "hlm-reply";
  reply.setAttribute("role", "status"); // a screen reader says what is written here
  form.append(fields, button, reply);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    answer(form, asked, reply);
  });
  form.addEventListener("change", () => {
    reply.textContent = "";
    delete reply.dataset.verdict;
  });
  box.querySelector("ul").replaceWith(form);
}

function option(item, name) {
  const row = document.createElement("div");
  const label = document.createElement("label");
  const radio = document.createElement("input");
  const key = item.querySelector("strong").textContent;
  radio.type = "radio";
  radio.name = name;
  radio.value = key;
  const text = item.querySelector(":scope > p") ?? item;
  label.append(radio, " ", ...text.childNodes);
  row.append(label);
  return row;
}

function answer(form, asked, reply) {
  const chosen = new FormData(form).get(asked.id);
  if (chosen === null) {
    reply.textContent = "Choose an answer first.";
    return;
  }
  const right = chosen === asked.right;
  reply.dataset.verdict = right ? "right" : "wrong";
  reply.innerHTML = (right ? "✓ " : "✗ ") + asked.replies[chosen];
}

/** No line begins with the full stop that ends a formula: a browser may break a line there. */
function keepTogether(formula) {
  const mark = /^[.,;:!?)]+/.exec(formula.nextSibling?.data ?? "");
  if (mark === null) return;
  const box = document.createElement("span");
  box.className = "hlm-together";
  formula.nextSibling.data = formula.nextSibling.data.slice(mark[0].length);
  formula.replaceWith(box);
  box.append(formula, mark[0]);
}

/** Wide tables, code and formulas scroll: the keyboard must reach them. */
function reachScrolling() {
  const formulas = [...document.querySelectorAll("main span.math")];
  for (const formula of formulas) formula.classList.remove("hlm-wide");
  const isWide = (formula) => formula.offsetWidth > formula.closest("p, li, td, th, dd, div").clientWidth;
  for (const formula of formulas.filter(isWide)) formula.classList.add("hlm-wide");
  const kinds = ".cell_output .output, pre, div.math mjx-container, .hlm-wide, .pst-scrollable-table-container, table";
  for (const box of document.querySelectorAll(kinds)) {
    if (box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX !== "visible") {
      box.tabIndex = 0;
    }
  }
}

/** Sentences that a cell prints are wrapped; what stands in columns scrolls. */
function wrapSentences() {
  const inColumns = /\S {2,}\S|[-=─]{4}/;
  for (const printed of document.querySelectorAll(".cell_output :is(.stream, .text_plain) pre")) {
    printed.classList.toggle("hlm-wrapped", !inColumns.test(printed.textContent));
  }
}

/** A landmark for the title above the list of chapters, which the theme puts into none. */
function nameSidebar() {
  const sidebar = document.querySelector(".bd-sidebar-primary");
  sidebar?.setAttribute("role", "region");
  sidebar?.setAttribute("aria-label", "The book");
}

nameSidebar();
wrapSentences();
document.querySelectorAll(".hlm-choice").forEach(makeForm);
document.querySelectorAll("main span.math").forEach(keepTogether);
addEventListener("load", reachScrolling);
addEventListener("resize", reachScrolling);

// Light letters of the dark mode cannot be read on paper.
const root = document.documentElement;
let theme = null;
addEventListener("beforeprint", () => {
  theme = root.dataset.theme;
  root.dataset.theme = "light";
});
addEventListener("afterprint", () => {
  root.dataset.theme = theme;
});
