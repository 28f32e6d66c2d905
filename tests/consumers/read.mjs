// Reads exports as their consumers do: a question a line in (JSON), an answer a line out.
//
//   {"format": "mermaid", "text": …}                 -> {"states": {id: name}, "arrows": [[from, to, label]]}
//   {"format": "xstate", "text": …, "runs": [[…]]}   -> {"states": {key: type}, "runs": [[[state, actions]]]}
//
// What a consumer refuses is answered by {"error": …}.

import { createInterface } from "node:readline";
import { JSDOM } from "jsdom";
import { createMachine, initialTransition, transition } from "xstate";

// Mermaid cleans labels by what only a browser has.
const { window } = new JSDOM("");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import("mermaid");

async function readMermaid({ text }) {
  const { diagramType } = await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const states = {};
  for (const [id, state] of db.getStates()) states[id] = state.descriptions.join("\n");
  const arrows = db.getRelations().map((each) => [each.id1, each.id2, each.relationTitle ?? ""]);
  return { diagramType, states, arrows };
}

function readXState({ text, runs }) {
  const machine = createMachine(JSON.parse(text));
  const states = Object.entries(machine.states).map(([key, state]) => [key, state.type]);
  return { states, runs: runs.map((events) => run(machine, events)) };
}

function run(machine, events) {
  let [snapshot] = initialTransition(machine);
  return events.map((type) => {
    let actions;
    [snapshot, actions] = transition(machine, snapshot, { type });
    return [snapshot.value, actions.map((each) => [each.type, each.params?.argument ?? ""])];
  });
}

const readers = { mermaid: readMermaid, xstate: readXState };

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  let answer;
  try {
    answer = await readers[asked.format](asked);
  } catch (error) {
    answer = { error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
