import { assertEquals } from "@std/assert";
import { deniedSpans, loadKnowledge, mentions } from "../../lib/knowledge/mod.ts";

const knowledge = await loadKnowledge();

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

Deno.test("a denial by other words than not: hedges, opposites, bare answers, what is taken back", () => {
  for (
    const text of [
      "fever? No.",
      "fever - no",
      "Fever: absent",
      "Fever (not)",
      "hardly fever",
      "anything but fever",
      "it is false that it is fever",
      "It is not the case that it is fever",
      "It is a myth that one sees fever",
      "Nobody with it has fever.",
      "No patient ever has fever",
      "It protects from fever.",
      "It protects the patient against fever.",
      "Fever is far from being a symptom",
      "Fever isnt a symptom",
      "Fever doesnt occur",
      "Fever is a myth",
      "Fever is the wrong answer, fever is wrong",
      "Fever has nothing to do with it",
      "I doubt that it is fever",
      "unlike fever",
      "rather than fever",
      "more typical than fever",
      "it never gives fever",
      "It rarely causes fever",
      "they wrongly call it fever",
      "fever. I am wrong.",
      "fever. No, wait.",
      "neither fever",
      "It does nothing for fever",
      "It fails to give fever",
      "fever: no, all else: yes",
    ]
  ) assertEquals(readNames(text).affirmed, [], text);
});

Deno.test("a word of denial that denies nothing, or something else", () => {
  for (
    const text of [
      "Fever is not uncommon.",
      "It not infrequently causes fever.",
      "Fever is not a rare symptom",
      "Fever is never missing",
      "Fever cannot be ignored.",
      "Fever must not be overlooked",
      "Do not forget fever",
      "Fever is not the only symptom",
      "It cannot exclude fever",
      "Fever cannot be excluded",
      "It does not lack fever",
      "In non-smokers it causes fever.",
      "Without treatment it causes fever.",
      "With no vaccination it gives fever",
      "If not treated it leads to fever",
      "Without any doubt fever",
      "no one doubts that it gives fever",
      "none other than fever",
      "It rarely comes without fever",
      "It is never without fever",
      "Fever is by no means rare",
      "Fever is in no way unusual",
      "There is no such case without fever",
      "Not all patients have fever, fever is not always there",
      "It is not limited to fever",
      "The absence of a vaccine makes it bring fever",
      "It does not spare anyone and causes fever",
      "Fever is no surprise",
    ]
  ) assertEquals(readNames(text).denied, [], text);
  for (
    const [text, affirmed] of [
      ["To rule out influenza ask about fever.", ["fever"]],
      ["Unlike asthma influenza causes fever", ["influenza", "fever"]],
      ["Fever without jaundice suggests influenza", ["Fever", "influenza"]],
      ["Fever is a symptom of influenza, not of asthma", ["Fever", "influenza"]],
      ["Fever, not jaundice, is a symptom of influenza", ["Fever", "influenza"]],
      ["influenza, never asthma", ["influenza"]],
    ] as const
  ) assertEquals(readNames(text).affirmed, [...affirmed], text);
});

Deno.test("two names in one phrase share the denial behind them; a drug that causes a disease is no drug for it", () => {
  assertEquals(readNames("Fever in influenza is a myth").affirmed, []);
  assertEquals(readNames("Fever as a symptom of influenza is out of the question").affirmed, []);
  assertEquals(readNames("Topiramate causes migraine").affirmed, ["migraine"]);
  assertEquals(readNames("Influenza causes fever").affirmed, ["Influenza", "fever"]);
});
