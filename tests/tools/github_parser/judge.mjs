// What GitHub's own parser says of workflow files: paths on standard input, a JSON line a file.
import { readFileSync } from "node:fs";
import {
  convertWorkflowTemplate,
  NoOperationTraceWriter,
  parseWorkflow,
} from "@actions/workflow-parser";

const TRY_CONVERSION = 1;

async function errorsOf(name) {
  const content = readFileSync(name, "utf8");
  const parsed = parseWorkflow({ name, content }, new NoOperationTraceWriter());
  const errors = parsed.context.errors.getErrors().map((error) => error.message);
  if (errors.length || !parsed.value) return errors;
  const options = { errorPolicy: TRY_CONVERSION };
  const template = await convertWorkflowTemplate(parsed.context, parsed.value, undefined, options);
  return (template.errors ?? []).map((error) => error.Message ?? error.message);
}

for (const name of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  console.log(JSON.stringify({ name, errors: await errorsOf(name) }));
}
