// What Mermaid itself makes of flowcharts: paths on standard input, a JSON line a file.
import { readFileSync } from "node:fs";
import { JSDOM } from "jsdom";

const { window } = new JSDOM("");
Object.assign(globalThis, { window, document: window.document, Element: window.Element });
const { default: mermaid } = await import("mermaid");
mermaid.initialize({ startOnLoad: false });

// Entities are decoded when a label is drawn.
const decoded = (text) =>
  text.replace(/\uFB02\u00B0\u00B0(\d+)\u00B6\u00DF/g, (_, code) => String.fromCodePoint(code));

for (const name of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  try {
    const diagram = await mermaid.mermaidAPI.getDiagramFromText(readFileSync(name, "utf8"));
    const nodes = [...diagram.db.getVertices().values()].map((each) => decoded(each.text));
    const edges = diagram.db.getEdges().map((each) => decoded(each.text));
    console.log(JSON.stringify({ nodes, edges, error: null }));
  } catch (error) {
    console.log(JSON.stringify({ nodes: [], edges: [], error: error.message }));
  }
}
