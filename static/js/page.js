// What the platform does not do by itself. Every page works without it.

// -- edges and rows light each other up

function light(number, on) {
  for (const lit of document.querySelectorAll(".lit")) lit.classList.remove("lit");
  if (!on || !number) return;
  document.getElementById(`diagram-t${number}`)?.classList.add("lit");
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
  (row.querySelector("a[id^=change-]") ?? row).focus();
});

// -- zoom: buttons set the picture's width; the box around it scrolls

function showTools() {
  for (const tools of document.querySelectorAll(".diagram-tools[hidden]")) tools.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-zoom]");
  if (!button) return;
  const svg = button.closest(".diagram").querySelector("svg");
  if (button.dataset.zoom === "fit") {
    svg.style.width = svg.style.maxWidth = "";
    return;
  }
  const factor = button.dataset.zoom === "in" ? 1.25 : 0.8;
  svg.style.width = `${svg.getBoundingClientRect().width * factor}px`;
  svg.style.maxWidth = "none";
});

// -- what was typed is not lost by accident

const changed = new Set();
const guarded = () => [...changed].filter((form) => form.isConnected);

document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-guard]");
  if (form) changed.add(form);
});
function guardUnsaved(part) {
  if (!part.querySelector(".refusal, .errorlist, .rehearsal")) return;
  for (const form of part.querySelectorAll(":is(.transition-form, .page-form)[data-guard]")) changed.add(form);
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
  if (!detail.elt.matches(".pane")) { // those only follow what was told
    for (const said of document.querySelectorAll("#trouble, #status")) said.textContent = "";
  }
  if (!detail.elt.contains(document.activeElement)) return;
  const row = detail.elt.closest("tr");
  const number = row?.sectionRowIndex;
  if (row) left = (part) => part.querySelectorAll("tbody tr")[number]?.querySelector(".row-tools .action");
  else if (detail.elt.closest(".layers")) left = (part) => part.querySelector(".layers :is(button, summary)");
  else left = () => null;
});

document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const part = detail.target?.isConnected ? detail.target : document.getElementById(detail.target?.id);
  showTools();
  if (part) guardUnsaved(part);
  const wanted =
    part?.querySelector("#refusal, #rehearsal") ?? part?.querySelector("form.transition-form :is(input, textarea):not([type=hidden])");
  if (wanted) wanted.focus();
  else if (document.activeElement === document.body) {
    const follows = detail.requestConfig?.elt.matches(".pane"); // nobody asked for it there
    const first = ["#add-transition, #add-note", ...(follows ? [] : ["#switched-off-summary", "#switch-off-1"])];
    (part && (left(part) ?? first.map((each) => part.querySelector(each)).find(Boolean)))?.focus();
  }
});
for (const failure of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, ({ detail }) => {
    const code = detail.xhr?.status;
    const why = code === 403 ? "You may not do this." : "The server could not answer; nothing was saved.";
    document.getElementById("trouble").textContent = `${why} What you typed is still there.`;
  });
}

showTools();
guardUnsaved(document);
