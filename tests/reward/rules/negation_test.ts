import { assertEquals } from "@std/assert";
import { mentions } from "../../../lib/knowledge/mod.ts";
import { deniedSpans } from "../../../lib/reward/rules/negation.ts";
import { namedIn } from "../../../lib/reward/rules/reading.ts";
import { knowledge, read } from "./graph.ts";

/** The names that a text affirms, and those that it denies. */
function readNames(text: string): { affirmed: string[]; denied: string[] } {
  const found = mentions(knowledge, text);
  const flags = deniedSpans(text, found);
  const names = (wanted: boolean): string[] => [
    ...new Set(
      found.filter((_, i) => flags[i] === wanted).map(({ start, end }) => text.slice(start, end)),
    ),
  ];
  return { affirmed: names(false), denied: names(true) };
}

Deno.test("what is denied before or behind the name", () => {
  const cases: [text: string, affirmed: string[], denied: string[]][] = [
    ["not topiramate", [], ["topiramate"]],
    ["no fever", [], ["fever"]],
    ["without any sign of fever", [], ["fever"]],
    ["nausea, no fever", ["nausea"], ["fever"]],
    ["no fever, nausea or vomiting", [], ["fever", "nausea", "vomiting"]],
    ["no fever but nausea", ["nausea"], ["fever"]],
    ["No fever. Nausea", ["Nausea"], ["fever"]],
    ["asthma rather than influenza", ["asthma"], ["influenza"]],
    ["asthma not influenza", ["asthma"], ["influenza"]],
    ["asthma because influenza is unlikely", ["asthma"], ["influenza"]],
    ["influenza is ruled out, so asthma", ["asthma"], ["influenza"]],
    ["influenza and asthma are excluded", [], ["influenza", "asthma"]],
    ["influenza isn't likely", [], ["influenza"]],
    ["it isn’t influenza", [], ["influenza"]],
    ["Influenza is no cause of it", [], ["Influenza"]],
    ["topiramate is not indicated", [], ["topiramate"]],
    ["topiramate, which is contraindicated", [], ["topiramate"]],
    ["topiramate (not indicated)", [], ["topiramate"]],
    ["Topiramate does not treat migraine", [], ["Topiramate", "migraine"]],
    ["Nausea is not a symptom of migraine", [], ["Nausea", "migraine"]],
    ["the patient denies fever and reports nausea", ["nausea"], ["fever"]],
  ];
  for (const [text, affirmed, denied] of cases) {
    assertEquals(readNames(text), { affirmed, denied }, text);
  }
});

Deno.test("what is affirmed stays so", () => {
  const cases: [text: string, affirmed: string[]][] = [
    ["not only fever but also nausea", ["fever", "nausea"]],
    ["no doubt influenza", ["influenza"]],
    ["Asthma has no cure but topiramate", ["Asthma", "topiramate"]],
    ["Nausea is a symptom of migraine. It is not rare.", ["Nausea", "migraine"]],
    ["a patient without a known cause that explains it has fever", ["fever"]],
    ["Note: influenza", ["influenza"]],
  ];
  for (const [text, affirmed] of cases) {
    assertEquals(readNames(text), { affirmed, denied: [] }, text);
  }
});

Deno.test("a cue inside a name is part of the name", () => {
  for (const name of ["non-Hodgkin lymphoma", "triple-receptor negative breast cancer"]) {
    assertEquals(readNames(`Diagnosis: ${name}`), { affirmed: [name], denied: [] });
    assertEquals(readNames(`not ${name}`), { affirmed: [], denied: [name] });
  }
});

Deno.test("of a long text full of cues and names the first 4,000 characters are read", () => {
  for (const part of ["no fever ", "fever and ", "fever, no "]) {
    const found = namedIn(read(part.repeat(1000)), { format: "text" }, "symptom");
    const names = found.entities.length + found.repeats + found.strays;
    assertEquals(names, Math.floor(4000 / part.length), part);
  }
});
