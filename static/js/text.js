// The text mode's editor, Ace. The textarea stays the form's field: what is typed here stands there.

const field = document.getElementById("id_text");
const host = document.getElementById("text-editor");
const plain = document.getElementById("plain-text");
const known = JSON.parse(document.getElementById("known-words").textContent);

// -- names are completed from the registry and from the text itself

const CLOSING = { "[": "]", "<": ">", "{": "}" };
const ESCAPED = { "[": /[\\[\]]/g, "<": /[\\<>{[]/g, "{": /[\\{}]/g };
const NAMES = { "[": /\[((?:\\.|[^\\[\]])+)\]/g, "<": /<((?:\\.|[^\\<>{[])+)>/g, "{": /\{((?:\\.|[^\\{}])+)\}/g };

// Where the bracket stands that is open at `column`, or -1.
function openBracket(line, column) {
  let open = -1;
  if (line.trimStart().startsWith("--")) return open;
  for (let at = 0; at < column; at += 1) {
    if (line[at] === "\\") at += 1;
    else if (open < 0 && line[at] in CLOSING) open = at;
    else if (open >= 0 && line[at] === CLOSING[line[open]]) open = -1;
  }
  return open;
}

// Where the name ends that is open at `column`: at its bracket, or here when it has none.
function nameEnd(line, open, column) {
  for (let at = column; at < line.length; at += 1) {
    if (line[at] === "\\") at += 1;
    else if (line[at] === CLOSING[line[open]]) return at;
    else if (line[at] in CLOSING) break;
  }
  return column;
}

// What stands in brackets like this one anywhere else in the text, as it is written.
function namesInText(session, bracket, row, open) {
  const found = new Set();
  session.doc.getAllLines().forEach((line, number) => {
    if (line.trimStart().startsWith("--")) return;
    for (const match of line.matchAll(NAMES[bracket])) {
      if (number !== row || match.index !== open) found.add(match[1].trim());
    }
  });
  return found;
}

function knownNames(bracket, typed) {
  if (bracket === "[") return known.states;
  if (bracket === "<") return known.events;
  const action = typed.trimStart().split(/\s/, 1)[0];
  const names = known.arguments[known.actions[action]];
  if (/\S\s/.test(typed) && names) return names.map((name) => `${action} ${name}`);
  return [...Object.keys(known.actions), "no action"];
}

const completer = {
  identifierRegexps: [/[^[\]<>{}]/],
  triggerCharacters: Object.keys(CLOSING),

  getCompletions(editor, session, { row, column }, prefix, callback) {
    const line = session.getLine(row);
    const open = openBracket(line, column);
    if (open < 0) {
      callback(null, []);
      return;
    }
    const bracket = line[open];
    const written = (name) => name.replace(ESCAPED[bracket], "\\$&");
    const own = namesInText(session, bracket, row, open);
    const registered = new Set(knownNames(bracket, line.slice(open + 1, column)).map(written));
    const names = [...new Set([...own, ...registered])];
    callback(null, names.map((value) => ({
      value,
      score: own.has(value) ? 2 : 1,
      meta: registered.has(value) ? "known" : "here",
      completer,
    })));
    // The list has a field of its own, hidden and never used: the keyboard must not get there.
    const unused = editor.completer?.popup?.container.querySelector("textarea");
    if (unused) unused.tabIndex = -1;
  },

  // Has the whole name be `value`, with its bracket closed; an action may want its argument then.
  insertMatch(editor, { value }) {
    const { row, column } = editor.getCursorPosition();
    const line = editor.session.getLine(row);
    const open = openBracket(line, column);
    if (open < 0) { // the name was closed faster than the list: Enter means a new line
      editor.insert("\n");
      return;
    }
    const end = nameEnd(line, open, column);
    const closing = CLOSING[line[open]];
    const goesOn = line[open] === "{" && Boolean(known.actions[value]);
    const replaced = { start: { row, column: open + 1 }, end: { row, column: end } };
    editor.session.replace(replaced, value + (goesOn ? " " : "") + (line[end] === closing ? "" : closing));
    editor.moveCursorTo(row, open + 1 + value.length + 1);
    editor.clearSelection();
    if (goesOn) setTimeout(() => editor.execCommand("startAutocomplete"));
  },
};

// -- the editor

function makeEditor() {
  ace.config.set("useStrictCSP", true);
  ace.require("ace/ext/language_tools");
  const made = ace.edit(host, {
    mode: "ace/mode/notation",
    theme: "ace/theme/notation",
    value: field.value,
    minLines: 12,
    maxLines: 40,
    wrap: true,
    autoScrollEditorIntoView: true, // it may be higher than the window
    useWorker: false,
    useSvgGutterIcons: false,
    behavioursEnabled: false,
    showPrintMargin: false,
    showFoldWidgets: false,
    enableKeyboardAccessibility: true,
    enableBasicAutocompletion: [completer],
    enableLiveAutocompletion: [completer],
    textInputAriaLabel: "The machine",
  });
  made.session.setOption("wrapMethod", "text"); // between words
  made.commands.removeCommands(["showSettingsMenu", "openCommandPalette", "modeSelect"]);
  made.session.on("change", () => {
    if (field.value === made.getValue()) return;
    field.value = made.getValue();
    field.dispatchEvent(new Event("input", { bubbles: true })); // for the preview and the guard
  });
  return made;
}

let editor = null;

function choose(isPlain) {
  if (isPlain) host.hidden = true;
  else {
    host.hidden = false;
    editor ??= makeEditor();
    if (editor.getValue() !== field.value) editor.setValue(field.value, -1);
    editor.resize(true);
    mark();
  }
  field.classList.toggle("beneath", !isPlain);
  plain.textContent = isPlain ? "Use the editor" : "Use the plain text box";
  plain.previousElementSibling.hidden = isPlain;
}

const isPlain = () => host.hidden;

plain.addEventListener("click", () => {
  choose(!isPlain());
  localStorage.setItem("text-mode", isPlain() ? "plain" : "editor");
});
document.querySelector("label[for=id_text]").addEventListener("click", () => {
  if (!isPlain()) editor.focus();
});
// A browser that comes back to the page fills the field in, after all scripts.
window.addEventListener("pageshow", () => {
  if (!isPlain() && editor.getValue() !== field.value) editor.setValue(field.value, -1);
});

// -- mistakes and findings: in the gutter, and from the list to their place

// Columns are told in characters, and counted here in UTF-16 units.
const units = (line, column) => [...(line ?? "")].slice(0, column - 1).join("").length;

function mark() {
  if (isPlain()) return;
  const told = document.querySelectorAll("#text-plan.has-mistakes .mistakes [data-line], #text-plan:not(.has-mistakes) [data-line]");
  editor.session.setAnnotations([...told].map(({ dataset }) => ({
    row: dataset.line - 1,
    column: units(editor.session.getLine(dataset.line - 1), dataset.column ?? 1),
    text: dataset.told,
    type: dataset.severity,
  })));
}

function goTo(line, column) {
  const lines = field.value.split("\n");
  const offset = units(lines[line - 1], column);
  if (!isPlain()) {
    editor.gotoLine(line, offset);
    host.scrollIntoView({ block: "nearest" });
    editor.focus();
    return;
  }
  const place = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + offset;
  field.focus();
  field.setSelectionRange(place, place);
  field.scrollTop = (field.scrollHeight / lines.length) * (line - 1) - field.clientHeight / 2;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#text-plan a[data-line]");
  if (!link) return;
  event.preventDefault();
  goTo(Number(link.dataset.line), Number(link.dataset.column ?? 1));
});
document.addEventListener("htmx:afterSettle", mark); // only then has the part its class

if (window.ace) {
  document.getElementById("text-tools").hidden = false;
  choose(localStorage.getItem("text-mode") === "plain");
}
