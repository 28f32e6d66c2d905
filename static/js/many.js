// Ticks in a list: all of them at once, how many there are, and that filtering keeps those in sight.

const all = document.getElementById("tick-all");
const told = document.getElementById("ticked");
const nothing = told?.textContent;
const ticks = () => [...document.querySelectorAll("tbody .tick")];
let kept = new Set();

function tell() {
  const shown = ticks();
  const number = shown.filter((tick) => tick.checked).length;
  all.checked = number > 0 && number === shown.length;
  all.indeterminate = number > 0 && number < shown.length;
  all.disabled = !shown.length;
  const text = number ? `${number} chosen` : nothing;
  if (told && told.textContent !== text) told.textContent = text;
}

document.addEventListener("change", ({ target }) => {
  if (target === all) for (const tick of ticks()) tick.checked = all.checked;
  if (target.classList.contains("tick")) tell();
});

document.addEventListener("htmx:beforeSwap", () => {
  kept = new Set(ticks().filter((tick) => tick.checked).map((tick) => tick.value));
});
document.addEventListener("htmx:afterSwap", () => {
  for (const tick of ticks()) tick.checked = kept.has(tick.value);
  tell();
});
window.addEventListener("pageshow", tell); // also when the browser gives back what was ticked

all.closest("label").hidden = false;
