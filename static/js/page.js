// What the platform does not do by itself. Every page works without it.

// -- edges and rows light each other up

function light(number, on) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (!on || !number) return;
  for (const edge of [`t${number}`, `t${number}t0`]) document.getElementById(`diagram-${edge}`)?.classList.add("lit");
  document.getElementById(`row-${number}`)?.classList.add("lit");
}

for (const [event, on] of [["focusin", true], ["mouseover", true], ["mouseout", false]]) {
  document.addEventListener(event, ({ target }) => {
    const row = target.closest?.("tr[data-edge]");
    const edge = target.closest?.(".edge a[data-row]");
    if (row) light(row.dataset.edge, on);
    else if (edge) light(edge.dataset.row, on);
  });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.(".diagram a[data-row]");
  const row = link && document.querySelector(link.getAttribute("href"));
  if (!row) return;
  event.preventDefault();
  row.closest("details")?.setAttribute("open", "");
  row.scrollIntoView({ block: "center" });
  const change = row.querySelector("a[id^=change-]");
  (change ?? row.querySelector("form input:not([type=hidden])") ?? row).focus();
  change?.click();
});

// -- zoom: buttons set the picture's width; the box around it scrolls

const widths = new Map(); // by the id of the part that the picture is in

function keepSize() {
  for (const [id, width] of widths) {
    const svg = document.querySelector(`#${id} .diagram-view svg`);
    if (svg) [svg.style.width, svg.style.maxWidth] = [width, width && "none"];
  }
}

function showTools() {
  for (const tools of document.querySelectorAll(".diagram-tools[hidden]")) {
    tools.hidden = false;
    const view = tools.closest(".diagram").querySelector(".diagram-view"); // a picture that is too wide begins in its middle
    view.scrollLeft = (view.scrollWidth - view.clientWidth) / 2;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-zoom]");
  if (!button) return;
  const svg = button.closest(".diagram").querySelector("svg");
  const factor = { in: 1.25, out: 0.8 }[button.dataset.zoom];
  const width = factor ? `${svg.getBoundingClientRect().width * factor}px` : "";
  [svg.style.width, svg.style.maxWidth] = [width, width && "none"];
  const part = button.closest("[id]:has(.diagram)");
  if (part) widths.set(part.id, width);
});

// -- the argument's field offers what the action takes

document.addEventListener("input", ({ target }) => {
  if (target.name !== "action") return;
  const known = document.querySelector(`#known-actions option[value="${CSS.escape(target.value)}"]`);
  const argument = target.parentElement.querySelector("[name=argument]");
  const kind = known?.dataset.argument;
  argument.placeholder = known ? kind || "takes none" : "argument";
  if (kind) argument.setAttribute("list", `known-${kind}s`);
  else argument.removeAttribute("list");
});

// -- the name that was probably meant, put where another one was typed

const FIELDS = { state: "#id_source, #id_target", event: "#id_event", action: "[name=action]" };

document.addEventListener("click", ({ target }) => {
  const { use, name, kind } = target.closest?.("[data-use]")?.dataset ?? {};
  if (!use) return;
  const form = target.closest("form");
  const typed = [...form.querySelectorAll(FIELDS[kind] ?? "[name=argument]")].filter((field) => field.value.trim() === name);
  for (const field of typed) field.value = use;
  typed[0]?.focus();
  typed[0]?.dispatchEvent(new Event("input", { bubbles: true }));
});

// -- what was typed is not lost by accident

const changed = new Set();
const guarded = () => [...changed].filter((form) => form.isConnected);

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-guard]");
  if (form) changed.add(form);
});
function guardUnsaved(part) {
  if (!part.querySelector(".refusal, .errorlist, .rehearsal, [data-typed]")) return;
  for (const form of part.querySelectorAll(":is(.transition-form, .page-form, .text-form)[data-guard]")) changed.add(form);
}
document.addEventListener("submit", ({ target }) => changed.delete(target));
window.addEventListener("beforeunload", (event) => {
  if (guarded().length) event.preventDefault();
});
document.addEventListener("htmx:confirm", (event) => {
  const { elt, target } = event.detail;
  const lost = guarded().filter((form) => form !== elt && target.contains(form));
  if (!lost.length) return;
  event.preventDefault();
  if (window.confirm("What you typed here is not saved. Go on without it?")) {
    for (const form of lost) changed.delete(form);
    event.detail.issueRequest(true);
  }
});

// -- where the keyboard goes after a part of the page was exchanged

let left = () => null; // finds, in the part that came, what is where the request was made

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (!detail.elt.matches(".pane, [data-quiet]")) { // those only follow what was told or typed
    for (const said of document.querySelectorAll("#trouble, #status, #undo")) said.textContent = "";
  }
  if (!detail.elt.contains(document.activeElement)) return;
  const row = detail.elt.closest("tr");
  const number = row?.sectionRowIndex;
  if (row) left = (part) => part.querySelectorAll("tbody tr")[number]?.querySelector(".row-tools .action");
  else if (detail.elt.closest(".layers")) {
    const stage = detail.elt.closest("li[id]")?.id; // a stage that moved to an end has one button less
    left = (part) =>
      (stage && part.querySelector(`#${stage} button`)) ?? part.querySelector(".layers :is(button, summary)");
  }
  else left = () => null;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const part = detail.target?.isConnected ? detail.target : document.getElementById(detail.target?.id);
  showTools();
  keepSize();
  if (part) guardUnsaved(part);
  if (detail.requestConfig?.verb === "get" && part?.id === "machine" && document.querySelector("[data-draft]")) {
    htmx.trigger(document.body, "machine-changed"); // the draft that the parts show is gone
  }
  if (detail.elt?.matches?.("[data-quiet]") || detail.requestConfig?.elt.matches("[data-quiet]")) return;
  const wanted =
    part?.querySelector("#refusal, #rehearsal, [autofocus]:enabled, summary[autofocus]") ?? part?.querySelector("form.transition-form :is(input, textarea):not([type=hidden])");
  if (wanted) wanted.focus();
  else if (document.activeElement === document.body) {
    const follows = detail.requestConfig?.elt.matches(".pane"); // nobody asked for it there
    const first = ["#add-transition, #add-note, .decide, #questions-count", ...(follows ? [] : ["#switched-off-summary", "#switch-off-1"])];
    (part && (left(part) ?? first.map((each) => part.querySelector(each)).find(Boolean)))?.focus();
  }
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    if (detail.elt?.id === "presence") return; // nobody asked for it
    const code = detail.xhr?.status;
    const why =
      { 403: "You may not do this.", 503: "The database is busy or away; nothing was saved. Try again in a few seconds." }[code] ??
      "The server could not answer; nothing was saved.";
    document.getElementById("trouble").textContent = `${why} What you typed is still there.`;
  });
}

// -- whoever is signed out meanwhile stays on the page, with what was typed

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { elt, xhr } = event.detail;
  if (elt.id === "presence" && xhr.getResponseHeader("HX-Redirect")) event.preventDefault();
});

// -- a whole page that tells what to mend begins there; that of a change request, what was done

const TO_MEND = "#refusal, .wrong :is(input, textarea, select), .errorlist.nonfield";

function goToOutcome() {
  const decided = document.querySelector(".decision-bar") ? "#rehearsal, .messagelist" : null;
  const wanted = document.querySelector(TO_MEND) ?? (decided && document.querySelector(decided));
  if (!wanted || document.querySelector("[autofocus]")) return;
  if (wanted.tabIndex < 0) wanted.tabIndex = -1;
  wanted.focus();
}

showTools();
guardUnsaved(document);
goToOutcome();
