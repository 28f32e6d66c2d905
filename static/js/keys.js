// Shortcuts. The help dialog's own lines say which keys do what; every function has a control too.

const dialog = document.getElementById("keys");
const opener = document.getElementById("keys-button");
const OFF = "smadmin-keys-off"; // kept in this browser
const WAIT = 1500; // milliseconds between the keys of a pair

let first = { key: "", at: 0 };

const isOn = () => localStorage.getItem(OFF) === null;
const isTyping = (element) => element.closest("input, textarea, select, [contenteditable], .ace_editor") !== null;

function rowOf(element) {
  return element.closest(".transitions.editable tbody tr");
}

function go(step) {
  const rows = [...document.querySelectorAll(".transitions.editable tbody tr[id]")];
  const at = rows.indexOf(rowOf(document.activeElement));
  const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

function press(control) {
  if (!control || control.disabled) return;
  control.focus();
  control.click();
}

function run({ row, press: selector, pressInRow, focus }) {
  if (row) go(row === "next" ? 1 : -1);
  else if (selector) press(document.querySelector(selector));
  else if (pressInRow) press(rowOf(document.activeElement)?.querySelector(pressInRow));
  else document.querySelector(focus)?.focus();
}

function typed(event) {
  const { key, target } = event;
  const form = target.closest?.("form.transition-form");
  if (form && key === "Enter" && event.ctrlKey) return press(form.querySelector(".primary[type=submit]"));
  if (form && key === "Escape") return press(form.querySelector("#cancel-transition"));
  const elsewhere = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented;
  if (elsewhere || !isOn() || isTyping(target) || document.querySelector("dialog[open]")) return undefined;
  const pair = event.timeStamp - first.at < WAIT ? `${first.key} ${key}` : key;
  first = { key, at: event.timeStamp };
  const lines = [...dialog.querySelectorAll("[data-keys]")];
  const line = lines.find(({ dataset }) => dataset.keys === pair) ?? lines.find(({ dataset }) => dataset.keys === key);
  if (!line) return undefined;
  event.preventDefault();
  first.at = -WAIT;
  return run(line.dataset);
}

function start() {
  document.addEventListener("keydown", typed);
  opener.hidden = false;
  opener.addEventListener("click", () => {
    dialog.querySelector("#keys-on").checked = isOn();
    dialog.showModal();
  });
  dialog.querySelector("#keys-on").addEventListener("change", ({ target }) => {
    if (target.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  });
}

if (dialog && opener) start(); // not on a page of an error
