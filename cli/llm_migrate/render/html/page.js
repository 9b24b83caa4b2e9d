"use strict";
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const one = (selector, within = document) => within.querySelector(selector);
const fill = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// light or dark
const root = document.documentElement;
const turn = () => {
  const now = root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
  root.dataset.theme = now === "dark" ? "light" : "dark";
};
one("#theme").addEventListener("click", turn);
one("#keys").addEventListener("click", () => one("#help").showModal());

// filters
const entries = all(".entry");
const texts = new Map(entries.map((entry) => [entry, entry.textContent.toLowerCase()]));
const search = one("#search");
const selects = all("select[data-filter]");
const boxes = all("input[data-verdict]");
const matches = (entry, words, off) =>
  !off.has(entry.dataset.verdict) &&
  selects.every(({ value, dataset }) => {
    const own = entry.dataset[dataset.filter] ?? "";
    return !value || own === value || (value.endsWith("/") && own.startsWith(value));
  }) &&
  words.every((word) => texts.get(entry).includes(word));
const filter = () => {
  const words = (search?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const off = new Set(boxes.filter((box) => !box.checked).map((box) => box.dataset.verdict));
  let count = 0;
  for (const entry of entries) count += !(entry.hidden = !matches(entry, words, off));
  for (const group of all(".group")) group.hidden = !one(".entry:not([hidden])", group);
  const shown = one("#shown");
  if (shown) shown.textContent = fill(shown.dataset.template, { shown: count, count: entries.length });
};
const clear = () => {
  if (search) search.value = "";
  for (const select of selects) select.value = "";
  for (const box of boxes) box.checked = box.defaultChecked;
  filter();
};
search?.addEventListener("input", filter);
for (const control of [...selects, ...boxes]) control.addEventListener("change", filter);
one("#clear")?.addEventListener("click", clear);
for (const link of all("[data-show]")) {
  link.addEventListener("click", () => {
    clear();
    for (const box of boxes) box.checked = true;
    one('select[data-filter="path"]').value = link.dataset.show;
    filter();
  });
}
if (entries.length) filter(); // a browser that goes back keeps what was chosen

// the page of a rule is there once, and is shown where somebody opens it
for (const details of all("details[data-rule]")) {
  details.addEventListener("toggle", () => {
    const page = document.getElementById(details.dataset.rule);
    if (details.open && page && !one(".rule", details)) {
      const copy = one(".rule", page).cloneNode(true);
      one("p", details)?.remove();
      details.append(copy);
    }
  });
}

// keys
const visible = () => entries.filter((entry) => !entry.hidden && entry.closest("[hidden]") === null);
const step = (by) => {
  const shown = visible();
  const at = shown.indexOf(document.activeElement?.closest(".entry"));
  const next = shown[Math.min(Math.max(at < 0 ? (by > 0 ? 0 : shown.length - 1) : at + by, 0), shown.length - 1)];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
};
const actions = {
  j: () => step(1),
  k: () => step(-1),
  d: turn,
  "/": () => (search ?? one("#keys")).focus(),
  "?": () => one("#help").showModal(),
};
document.addEventListener("keydown", (event) => {
  const { key, target } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || one("dialog[open]")) return;
  const typing = target.matches("input:not([type=checkbox]), select");
  if (key === "Escape" && search) {
    clear();
    target.blur();
  } else if (key === "Enter" && target.matches(".entry")) {
    const details = all("details", target);
    const open = details.some((each) => !each.open);
    for (const each of details) each.open = open;
  } else if (!typing && key in actions) {
    event.preventDefault();
    actions[key]();
  }
});

// what a volume of tokens costs; prices are for a million of them
const money = (amount, sign) =>
  sign + amount.toLocaleString("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const price = () => {
  const rate = Number(one("#rate")?.value) || 0;
  const totals = new Map();
  for (const volume of all(".volume[data-group]")) {
    const [tokensIn, tokensOut] = all("input", volume).map((input) => Number(input.value) || 0);
    for (const row of all(`tr[data-group="${volume.dataset.group}"]`)) {
      const { into, out, sign, provider } = row.dataset;
      const known = into !== undefined && (out !== undefined || !tokensOut);
      const cost = tokensIn * Number(into) + tokensOut * Number(out ?? 0);
      const own = rate && sign === "¥" ? [cost / rate, "$"] : [cost, sign];
      const asked = tokensIn + tokensOut > 0;
      one(".cost", row).textContent = !asked ? "" : known ? money(...own) : "?";
      if (!asked || provider === undefined) continue;
      const total = totals.get(provider) ?? new Map();
      totals.set(provider, total);
      if (known) total.set(own[1], (total.get(own[1]) ?? 0) + own[0]);
      else total.set("?", null);
    }
  }
  for (const cell of all("[data-total]")) {
    const total = totals.get(cell.dataset.total) ?? new Map();
    cell.textContent = [...total].map(([sign, sum]) => (sum === null ? "?" : money(sum, sign))).join(" + ");
  }
};
for (const input of all(".volume input")) input.addEventListener("input", price);
price();

// paper shows what is closed on the screen; the pages of the rules stand at its end
let closed = [];
addEventListener("beforeprint", () => {
  closed = all("details:not([open], [data-rule])");
  for (const details of closed) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of closed) details.open = false;
});
