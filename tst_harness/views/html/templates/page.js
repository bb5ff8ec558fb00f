"use strict";
// The page reads without this script; it adds sorting, the table of questions, and the theme.

const PAGE_ROWS = 50;
const ADDRESS = "#questions?";
const FILTERS = ["view", "search", "type", "fold", "rule", "group", "case", "low", "high"];
const byId = (id) => document.getElementById(id);

/** An element with attributes or properties, and children: elements or text, which is never read as markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** The children of an element for a name, which goes on in the next line after a separator, not anywhere. */
function breakable(name) {
  return name.split(/(?<=[_/.-])/).flatMap((part) => [part, make("wbr")]);
}

// Theme: the system's, until the reader chooses.
const theme = byId("theme");
if (theme) {
  const dark = () =>
    (document.documentElement.dataset.theme ||
      (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const name = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => {
    document.documentElement.dataset.theme = dark() ? "light" : "dark";
    name();
  });
  name();
  theme.hidden = false;
}

// Tables by type, and the chart above each.
for (const table of document.querySelectorAll("table.sortable")) {
  const headings = [...table.tHead.rows[0].cells];
  const charts = table.closest(".by-type")?.querySelectorAll(".chart svg") ?? [];
  headings.forEach((heading, column) => {
    const button = make("button", { type: "button" }, ...heading.childNodes);
    heading.append(button);
    if (!heading.hasAttribute("aria-sort")) heading.setAttribute("aria-sort", "none");
    button.addEventListener("click", () => {
      const figures = heading.classList.contains("figure");
      const was = heading.getAttribute("aria-sort");
      const direction = was === "none" ? (figures ? "descending" : "ascending")
        : was === "descending" ? "ascending" : "descending";
      headings.forEach((other) => other.setAttribute("aria-sort", "none"));
      heading.setAttribute("aria-sort", direction);
      sortByType(table.tBodies[0], column, direction === "ascending" ? 1 : -1);
      for (const chart of charts) moveRows(chart, [...table.tBodies[0].rows].map((row) => Number(row.dataset.chart)));
    });
  });
}

function sortByType(body, column, sign) {
  const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const numeric = (row) => row.cells[column].dataset.value !== undefined;
  const rows = [...body.rows].sort((a, b) =>
    sign * (numeric(a) ? Number(value(a)) - Number(value(b)) : compare(value(a), value(b))));
  body.append(...rows);
}

/** Move the lines of a chart, `order[place]` being the line that comes to a place. */
function moveRows(chart, order) {
  const marks = [...chart.querySelectorAll("[data-row]")];
  const drawn = new Set(marks.map((mark) => Number(mark.dataset.row)));
  const places = order.filter((row) => drawn.has(row));
  for (const mark of marks) {
    const row = Number(mark.dataset.row);
    mark.style.transform = `translateY(${(places.indexOf(row) - row) * chart.dataset.pitch}px)`;
  }
}

async function unpack(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let place = 0; place < letters.length; place++) bytes[place] = letters.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

/** The table of questions. A view is what one diagnostic, or a comparison, says of them. */
class Explorer {
  constructor({ benchmark, questions, views }) {
    this.benchmark = benchmark;
    this.questions = questions;
    this.views = views;
    this.selected = new Set();
    this.compare = new Intl.Collator(undefined, { numeric: true }).compare;
    const choices = (select, names) => select.append(...names.map((name) => make("option", { value: name }, name)));
    choices(byId("view"), views.map((view) => view.name));
    byId("view-label").hidden = views.length < 2;
    byId("type").append(make("option", { value: "" }, "all"));
    choices(byId("type"), questions.types);
    byId("rule").append(make("option", { value: "" }, "all"), ...questions.shortcuts.map((text, place) =>
      make("option", { value: place }, `${place + 1}. ${text}`)));
    byId("rule-label").hidden = !questions.shortcuts.length;
    const groups = new Set(questions.group.filter(Boolean));
    byId("group-label").hidden = byId("by-group").hidden = groups.size < 2 || groups.size === questions.id.length;
    byId("by-group").addEventListener("toggle", () => this.drawGroups());
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => setTimeout(() => { byId("view").value = this.view.name; this.filter(); }));
    byId("view").addEventListener("change", () => this.show(byId("view").selectedIndex));
    for (const id of ["type", "fold", "case", "low", "high", "rule", "group"]) byId(id).addEventListener("input", () => this.filter());
    let pause;
    byId("search").addEventListener("input", () => {
      clearTimeout(pause);
      pause = setTimeout(() => this.filter(), 120);
    });
    byId("previous").addEventListener("click", () => this.turn(-1));
    byId("next").addEventListener("click", () => this.turn(1));
    byId("select-found").addEventListener("click", () => {
      for (const row of this.found) this.selected.add(this.view.data.at[row]);
      this.draw();
    });
    byId("select-none").addEventListener("click", () => { this.selected.clear(); this.draw(); });
    byId("export-csv").addEventListener("click", () => this.exportTable());
    byId("export-ids").addEventListener("click", () => this.exportIds());
    byId("explorer").hidden = false;
    // The address is still to be restored, so it must not be replaced.
    this.restoring = true;
    this.show(0);
    this.restoring = false;
  }

  show(number) {
    this.view = this.views[number];
    byId("view").selectedIndex = number;
    const own = { name: "id", label: "id", kind: "text" };
    const text = this.questions.text ? [{ name: "text", label: "question", kind: "text" }] : [];
    const answer = this.questions.answer ? [{ name: "answer", label: "gold", kind: "text" }] : [];
    this.columns = [own, ...text, { name: "type", label: "type", kind: "text" }, ...this.view.columns, ...answer];
    const folds = this.view.data.fold ? [...new Set(this.view.data.fold)].sort((a, b) => a - b) : [];
    byId("fold-label").hidden = !folds.length;
    byId("fold").replaceChildren(make("option", { value: "" }, "all"), ...folds.map((fold) => make("option", { value: fold }, String(fold))));
    const cases = this.view.cases ?? [];
    byId("case-label").hidden = !cases.length;
    byId("case").replaceChildren(make("option", { value: "" }, "all"), ...cases.map((name) => make("option", { value: name }, name)));
    byId("range-legend").textContent = this.columns.find((column) => column.name === this.view.ranged).label;
    this.drawHead();
    if (this.view.mixed) this.mix(...this.view.order);
    else this.sort(...this.view.order);
  }

  /** What stands in a column for a row of the view. */
  value(row, name) {
    if (name in this.view.data) return this.view.data[name][row];
    const at = this.view.data.at[row];
    return name === "type" ? this.questions.types[this.questions.type[at]] : this.questions[name][at];
  }

  sort(name, sign) {
    this.order = [name, sign];
    byId("mixed").hidden = true;
    const rows = Array.from(this.view.data.at, (_, row) => row);
    const values = rows.map((row) => this.value(row, name) ?? "");
    const numeric = values.every((value) => typeof value === "number");
    rows.sort((a, b) => sign * (numeric ? values[a] - values[b] : this.compare(values[a], values[b])) || a - b);
    this.sorted = rows;
    for (const heading of byId("table").tHead.rows[0].querySelectorAll("[data-name]")) {
      const direction = heading.dataset.name !== name ? "none" : sign > 0 ? "ascending" : "descending";
      heading.setAttribute("aria-sort", direction);
    }
    this.filter();
  }

  /** Let types take turns, as often as their questions give away, each sorted by a column; those that give nothing come last. */
  mix(name, sign) {
    this.sort(name, sign);
    const { at } = this.view.data;
    const type = (row) => this.questions.type[at[row]];
    const sums = this.questions.types.map(() => 0), taken = this.questions.types.map(() => 0);
    for (const row of this.sorted) sums[type(row)] += this.value(row, name);
    if (sums.filter((sum) => sum > 0).length < 2) return;
    const turn = new Map(this.sorted.map((row) => [row, (taken[type(row)]++ + 0.5) / Math.max(0, sums[type(row)])]));
    // The sort is stable, so that of equal turns the higher value comes first.
    this.sorted.sort((a, b) => turn.get(a) - turn.get(b) || 0);
    for (const heading of byId("table").tHead.rows[0].querySelectorAll("[data-name]")) heading.setAttribute("aria-sort", "none");
    this.order = [];
    this.filter();
    byId("mixed").hidden = false;
  }

  filter() {
    const words = byId("search").value.trim().toLowerCase();
    const type = byId("type").selectedIndex - 1;
    const fold = byId("fold").value;
    const low = byId("low").value === "" ? -Infinity : Number(byId("low").value);
    const high = byId("high").value === "" ? Infinity : Number(byId("high").value);
    const chosen = byId("case").value;
    const rule = byId("rule").value === "" ? -1 : Number(byId("rule").value);
    const group = byId("group").value.trim();
    const { at, fold: folds, case: cases } = this.view.data;
    const scores = this.view.data[this.view.ranged];
    if (words) this.searched ??= this.questions.id.map((_, question) => this.textOf(question));
    this.found = this.sorted.filter((row) =>
      (type < 0 || this.questions.type[at[row]] === type) &&
      (fold === "" || folds[row] === Number(fold)) &&
      (chosen === "" || cases[row] === chosen) &&
      (rule < 0 || this.questions.applies[at[row]].includes(rule)) &&
      (group === "" || this.questions.group[at[row]] === group) &&
      (!this.only || this.only.has(at[row])) &&
      scores[row] >= low && scores[row] <= high &&
      (!words || this.searched[at[row]].includes(words)));
    this.page = 0;
    this.draw();
    this.drawGroups();
    this.remember();
  }

  /** Put the filters into the address, so that it can be passed on. */
  remember() {
    if (this.restoring) return;
    const state = new URLSearchParams();
    for (const id of FILTERS) if (byId(id).value !== "" && !(id === "view" && byId(id).selectedIndex === 0)) state.set(id, byId(id).value);
    const text = state.toString();
    if (text || location.hash.startsWith(ADDRESS)) history.replaceState(null, "", text ? ADDRESS + text : "#questions");
  }

  /** Take filters from the address; a question that it names is found alone, and opened. */
  restore() {
    if (!location.hash.startsWith(ADDRESS)) return;
    const state = new URLSearchParams(location.hash.slice(ADDRESS.length));
    this.restoring = true;
    const view = this.views.findIndex((candidate) => candidate.name === state.get("view"));
    this.show(Math.max(view, 0));
    for (const id of FILTERS) if (id !== "view") byId(id).value = state.get(id) ?? "";
    const named = state.has("id") ? this.questions.id.indexOf(state.get("id")) : -1;
    this.only = named < 0 ? null : new Set([named]);
    this.filter();
    this.only = null;
    if (named >= 0) byId("table").querySelector("tbody .open")?.click();
    this.restoring = false;
    byId("questions").scrollIntoView();
  }

  drawGroups() {
    if (!byId("by-group").open) return;
    const { at } = this.view.data;
    const scores = this.view.data[this.view.ranged], above = this.view.data.above;
    const groups = new Map();
    for (const row of this.found) {
      const name = this.questions.group[at[row]];
      const sums = groups.get(name) ?? groups.set(name, { name, n: 0, s: 0, above: 0 }).get(name);
      sums.n += 1;
      sums.s += scores[row];
      sums.above += above ? above[row] : 0;
    }
    const mean = (sums) => (above ? sums.above : sums.s) / sums.n;
    const shown = [...groups.values()]
      .sort((a, b) => mean(b) - mean(a) || b.n - a.n || this.compare(a.name, b.name)).slice(0, PAGE_ROWS);
    byId("by-group").querySelector("tbody").replaceChildren(...shown.map((sums) => {
      const button = make("button", { type: "button" }, sums.name);
      button.addEventListener("click", () => { byId("group").value = sums.name; this.filter(); });
      const figure = (text) => make("td", { className: "figure" }, text);
      return make("tr", {}, make("th", { scope: "row" }, button), figure(String(sums.n)), figure((sums.s / sums.n).toFixed(2)),
        figure(above ? (sums.above / sums.n).toFixed(2) : "–"));
    }));
  }

  /** Filter by one rule, and show the table. */
  list(rule) {
    byId("filters").reset();
    this.show(0);
    byId("rule").value = String(rule);
    this.filter();
    byId("questions").scrollIntoView();
  }

  /** The rows of the first view that a rule applies to, those that gain most first. */
  solved(rule) {
    const { at, above, s } = this.views[0].data;
    const gain = above ?? s;
    return at.map((_, row) => row).filter((row) => this.questions.applies[at[row]].includes(rule)).sort((a, b) => gain[b] - gain[a] || a - b);
  }

  /** Other questions of the same group that share all words which are rare in their types. */
  related(question) {
    this.own ??= this.ownWords();
    const own = this.own[question];
    if (own.split(" ").length < 2) return [];
    return this.questions.id.map((_, other) => other).filter((other) =>
      other !== question && this.own[other] === own && this.questions.group[other] === this.questions.group[question]);
  }

  ownWords() {
    const { text, type, types } = this.questions;
    const words = text.map((each) => [...new Set((each ?? "").toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [])]);
    const size = types.map(() => 0), counts = types.map(() => new Map());
    words.forEach((each, question) => {
      size[type[question]] += 1;
      for (const word of each) counts[type[question]].set(word, (counts[type[question]].get(word) ?? 0) + 1);
    });
    return words.map((each, question) =>
      each.filter((word) => counts[type[question]].get(word) <= size[type[question]] / 3).sort().join(" "));
  }

  textOf(question) {
    const { id, text, options } = this.questions;
    return [id[question], text?.[question] ?? "", ...(options?.[question] ?? [])].join("\n").toLowerCase();
  }

  turn(pages) {
    this.page += pages;
    this.draw();
    byId("table").scrollIntoView({ block: "start" });
  }

  drawHead() {
    const head = byId("table").tHead.rows[0];
    head.replaceChildren(make("td", { className: "choose" }));
    for (const column of this.columns) {
      const button = make("button", { type: "button" }, column.label);
      button.addEventListener("click", () => {
        const [name, sign] = this.order;
        this.sort(column.name, name === column.name ? -sign : column.kind === "text" ? 1 : -1);
      });
      const figure = column.kind === "text" ? "" : "figure";
      button.title = definition(column.label);
      head.append(make("th", { scope: "col", className: `${figure} c-${column.name}`, "data-name": column.name, "aria-sort": "none" }, button));
    }
  }

  draw() {
    const pages = Math.max(1, Math.ceil(this.found.length / PAGE_ROWS));
    const shown = this.found.slice(this.page * PAGE_ROWS, (this.page + 1) * PAGE_ROWS);
    byId("table").tBodies[0].replaceChildren(...shown.map((row) => this.drawRow(row)));
    const count = (number) => number.toLocaleString("en");
    const chosen = this.selected.size ? `, ${count(this.selected.size)} selected` : "";
    byId("found").textContent = `${count(this.found.length)} of ${count(this.sorted.length)} questions${chosen}`;
    byId("page").textContent = `Page ${count(this.page + 1)} of ${count(pages)}`;
    byId("previous").disabled = this.page === 0;
    byId("next").disabled = this.page >= pages - 1;
    byId("select-none").disabled = byId("export-ids").disabled = !this.selected.size;
  }

  drawRow(row) {
    const question = this.view.data.at[row];
    const id = this.questions.id[question];
    const box = make("input", { type: "checkbox", checked: this.selected.has(question), "aria-label": `Select question ${id}` });
    box.addEventListener("change", () => {
      this.selected[box.checked ? "add" : "delete"](question);
      this.draw();
      byId("table").querySelector(`tr[data-row="${row}"] input`)?.focus();
    });
    const line = make("tr", { "data-row": row }, make("td", { className: "choose" }, box));
    for (const column of this.columns) {
      if (column.name === "id" && !this.opens(question, row)) {
        line.append(make("td", { className: "id" }, make("span", {}, ...breakable(id))));
      } else if (column.name === "id") {
        const open = make("button", { type: "button", className: "open", "aria-expanded": "false", "aria-label": `Question ${id}` }, ...breakable(id));
        open.addEventListener("click", () => this.toggle(open, line, row));
        const text = this.questions.text?.[question];
        const beneath = text ? [make("span", { className: "beneath", dir: "auto" }, text)] : [];
        line.append(make("td", { className: "id" }, open, ...beneath));
      } else {
        const className = column.kind !== "text" ? "figure" : { text: "snippet", case: "case" }[column.name] ?? "";
        const text = this.written(column, row);
        const parts = column.name === "type" ? breakable(text) : [text];
        line.append(make("td", { className: `${className} c-${column.name}`, dir: "auto" }, ...parts));
      }
    }
    return line;
  }

  /** Whether there is more to say of a question than its row does. */
  opens(question, row) {
    const { text, group, applies } = this.questions;
    const bars = this.view.bars.some(([name]) => this.view.data[name][row]);
    return Boolean(text?.[question] || group[question] || applies[question].length || bars || this.view.note);
  }

  written(column, row) {
    const value = this.value(row, column.name);
    if (value === null || value === "") return "–";
    if (column.kind === "score") return value.toFixed(2);
    if (column.kind === "change") return (value > 0 ? "+" : "") + value.toFixed(2);
    return String(value);
  }

  toggle(button, line, row) {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) line.nextSibling.remove();
    else line.after(make("tr", {}, make("td", { className: "detail", colSpan: this.columns.length + 1 }, make("div", {}, ...this.detail(row)))));
  }

  detail(row) {
    const question = this.view.data.at[row];
    const { text, options, answer, applies, shortcuts, group } = this.questions;
    const parts = [];
    if (text?.[question]) parts.push(make("p", { dir: "auto" }, text[question]));
    const gold = answer?.[question] ?? null;
    const bars = this.view.bars.filter(([name]) => this.view.data[name][row]);
    const names = options?.[question] ?? (bars.length ? this.view.data[bars[0][0]][row].map(() => "") : []);
    for (const [name, label] of bars.length ? bars : names.length ? [[null, "options"]] : []) {
      const list = make("ul", { className: "options", "aria-label": label });
      if (bars.length > 1) parts.push(make("p", { className: "quiet" }, label));
      names.forEach((option, place) => {
        const letter = place < 26 ? String.fromCharCode(65 + place) : String(place);
        const right = String(gold).split(", ").includes(letter);
        const item = make("li", { className: right ? "gold" : "" },
          make("span", { dir: "auto" }, `${letter}. ${option}${right ? " ✓ gold" : ""}`));
        if (name) {
          const share = this.view.data[name][row][place];
          const fill = make("div");
          fill.style.width = `${100 * share}%`;
          item.append(make("div", { className: "track", "aria-hidden": "true" }, fill),
            make("span", { className: "value" }, `${(100 * share).toFixed(1)}%`));
        }
        list.append(item);
      });
      parts.push(list);
    }
    if (!names.length && gold !== null) parts.push(make("p", {}, `Gold answer: ${gold}. Predicted: ${this.written({ name: "predicted" }, row)}.`));
    if (this.view.note) parts.push(make("p", { className: "quiet" }, this.view.note));
    parts.push(make("p", {}, make("a", { href: `${ADDRESS}${new URLSearchParams({ id: this.questions.id[question] })}` }, "Link to this question")));
    if (group[question]) parts.push(make("p", { className: "quiet" }, `Group: ${group[question]}`));
    if (applies[question].length) {
      parts.push(make("p", { className: "quiet" }, "Shortcuts that apply:"),
        make("ul", {}, ...applies[question].map((place) => make("li", {}, shortcuts[place]))));
    }
    return parts;
  }

  /** The rows to export: those selected or, where none is, all found. */
  chosen() {
    const { at } = this.view.data;
    return this.selected.size ? this.sorted.filter((row) => this.selected.has(at[row])) : this.found;
  }

  exportTable() {
    // A spreadsheet would run what begins like a formula; numbers stay numbers.
    const inert = (value) => /^[=+\-@\t\r]/.test(value) && Number.isNaN(Number(value)) ? `'${value}` : value;
    const quoted = (value) => /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
    const cell = (value) => quoted(inert(value));
    const names = ["id", "type", "group", ...this.view.columns.map((column) => column.name),
      ...(this.questions.answer ? ["answer", "text"] : [])];
    const rows = this.chosen().map((row) => names.map((name) => cell(String(this.value(row, name) ?? ""))).join(","));
    save(`${this.benchmark}.${this.view.name}.csv`, "text/csv", [names.join(","), ...rows].join("\r\n") + "\r\n");
  }

  exportIds() {
    const ids = this.chosen().map((row) => this.value(row, "id"));
    save(`${this.benchmark}.remove.txt`, "text/plain", ids.join("\n") + "\n");
  }
}

/** A text with its words of a rule marked. */
function marked(text, words) {
  const escaped = words.filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (!escaped.length) return [text];
  const parts = text.split(new RegExp(`((?<![\\p{L}\\p{N}])(?:${escaped.join("|")})(?![\\p{L}\\p{N}]))`, "giu"));
  return parts.map((part, place) => (place % 2 ? make("mark", {}, part) : part));
}

/** What a term means, as the page's glossary has it. */
function definition(name) {
  const terms = [...document.querySelectorAll("#glossary dt")];
  return terms.find((term) => term.textContent === name)?.nextElementSibling.textContent ?? "";
}

/** Shortcuts list their questions and show examples; what to do offers lists of questions to remove. */
function makeLive(explorer) {
  const { questions } = explorer;
  const button = (label, act) => {
    const made = make("button", { type: "button" }, label);
    made.addEventListener("click", act);
    return made;
  };
  for (const item of document.querySelectorAll("[data-rule]")) {
    const rule = Number(item.dataset.rule);
    if (rule >= questions.shortcuts.length) continue;
    item.append(button("List its questions", () => explorer.list(rule)));
    if (questions.text) {
      const show = button("Examples", () => {
        const open = show.getAttribute("aria-expanded") === "true";
        show.setAttribute("aria-expanded", String(!open));
        if (open) show.nextSibling.remove();
        else show.after(examples(explorer, rule));
      });
      show.setAttribute("aria-expanded", "false");
      item.append(show);
    }
  }
  for (const item of document.querySelectorAll("[data-solves], [data-ids]")) {
    const rule = Number(item.dataset.solves);
    if (item.dataset.solves && rule >= questions.shortcuts.length) continue;
    const rows = item.dataset.solves ? explorer.solved(rule).filter((row) => (explorer.views[0].data.above?.[row] ?? 1) > 0) : [];
    const ids = item.dataset.ids ? JSON.parse(item.dataset.ids) : rows.map((row) => questions.id[explorer.views[0].data.at[row]]);
    if (ids.length) {
      item.append(button(`Removal list (${ids.length.toLocaleString("en")})`, () =>
        save(`${explorer.benchmark}.remove.txt`, "text/plain", ids.join("\n") + "\n")));
    }
  }
}

/** Three questions that a rule applies to, its words marked; for related questions, those too. */
function examples(explorer, rule) {
  const { questions } = explorer;
  const words = [...questions.shortcuts[rule].matchAll(/“([^”]*)”/g)].map((match) => match[1]);
  const about = /other questions mention/.test(questions.shortcuts[rule]);
  const { at } = explorer.views[0].data;
  const box = make("div", { className: "examples" });
  const shown = (question) => {
    const options = questions.options?.[question] ?? [];
    const lines = [questions.text[question], ...options.map((option, place) => `${String.fromCharCode(65 + place)}. ${option}`)];
    const gold = questions.answer?.[question];
    return make("p", { dir: "auto" }, ...marked(lines.join("\n"), words), gold === null || gold === undefined ? "" : `\nGold: ${gold}`);
  };
  for (const row of explorer.solved(rule).slice(0, 3)) {
    box.append(shown(at[row]));
    const related = about ? explorer.related(at[row]).slice(0, 3) : [];
    if (related.length) {
      box.append(make("p", { className: "quiet" }, "Questions about the same things:"), make("div", { className: "examples" }, ...related.map(shown)));
    }
  }
  return box;
}

function save(name, type, content) {
  const url = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Make the bars of the histograms buttons that list their questions; each chart is one stop of the tab key. */
function listFromBars(explorer) {
  for (const figure of document.querySelectorAll(".histograms[data-view] figure")) {
    const svg = figure.querySelector("svg");
    const type = figure.dataset.type;
    const view = explorer.views.findIndex((candidate) => candidate.name === figure.parentElement.dataset.view);
    const bars = [...svg.querySelectorAll("[data-bin]")];
    svg.setAttribute("role", "group");
    bars.forEach((bar, place) => {
      const low = place / bars.length, high = (place + 1) / bars.length;
      bar.setAttribute("role", "button");
      bar.setAttribute("tabindex", place ? "-1" : "0");
      bar.setAttribute("aria-label", `${type}, s(x) from ${low} to ${high}: ${bar.dataset.count} questions`);
      const list = () => {
        byId("filters").reset();
        explorer.show(view);
        byId("type").value = type;
        byId("low").value = low;
        byId("high").value = high;
        explorer.filter();
        byId("questions").scrollIntoView();
      };
      bar.addEventListener("click", list);
      bar.addEventListener("keydown", (event) => {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
        if (step && bars[place + step]) {
          bar.setAttribute("tabindex", "-1");
          bars[place + step].setAttribute("tabindex", "0");
          bars[place + step].focus();
        } else if (event.key === "Enter" || event.key === " ") list();
        else return;
        event.preventDefault();
      });
    });
  }
  document.querySelectorAll(".scripted").forEach((element) => { element.hidden = false; });
}

if (byId("data")) {
  document.querySelector(".unscripted").hidden = true;
  unpack(byId("data").textContent).then((data) => {
    const explorer = new Explorer(data);
    listFromBars(explorer);
    makeLive(explorer);
    explorer.restore();
    addEventListener("hashchange", () => explorer.restore());
  });
}
