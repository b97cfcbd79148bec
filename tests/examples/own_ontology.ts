/**
 * Your own ontology. An OBO file becomes a graph, its facts become items, and the rules score answers against them.
 * `writeItems("own.jsonl", items)` writes them; `deno task train --method sft --data-items own.jsonl --out runs/own`
 * trains on them.
 */
import { buildKnowledge, type Knowledge, objectsOf, readObo } from "../../lib/knowledge/mod.ts";
import { referencePasses } from "../../lib/reward/mod.ts";
import { hashJson } from "../../lib/runtime/mod.ts";
import { type Item, type ItemClaim, splitOfClaims } from "../../lib/synthesis/mod.ts";

/** Reads diseases and symptoms. `has_symptom` phrases in a definition become edges where they name a known symptom. */
export function readOntology(diseases: string, symptoms: string): Knowledge {
  return buildKnowledge({
    diseases: readObo(diseases, "diseases.obo"),
    symptoms: readObo(symptoms, "symptoms.obo"),
    // Drugs, anatomy and their edges come from tables in Hetionet's form; here there are none.
    nodes: [],
    edges: [],
    indications: [],
    warnings: [],
  });
}

/** One question for each disease with a symptom. Lines that the reader could not use are in `knowledge.warnings`. */
export async function itemsOf(knowledge: Knowledge): Promise<Item[]> {
  const items: Item[] = [];
  const isDisease = (id: string): boolean => knowledge.entities.get(id)?.kind === "disease";
  for (const disease of knowledge.entities.values()) {
    const [symptom] = objectsOf(knowledge, disease.id, "presents");
    if (symptom === undefined) continue;
    const prompt = `Name one symptom of ${disease.name}.`;
    const id = await hashJson([prompt, disease.id]);
    const claim: ItemClaim = { subject: disease.id, predicate: "presents", object: symptom.id };
    items.push({
      id,
      capability: "domain",
      family: "own-symptom",
      version: 1,
      // The split follows from the fact: no family trains on what another one tests, and some diseases are held out.
      split: splitOfClaims([claim], isDisease) ?? "train",
      prompt,
      reference: `Symptom: ${symptom.name}`,
      // Any symptom that the graph supports is right, not only the one of the reference.
      checks: [{
        kind: "fact",
        capability: "domain",
        where: { format: "line", field: "Symptom" },
        entity: "symptom",
        predicate: "presents",
        side: "object",
        anchor: disease.id,
        count: 1,
      }],
      claims: [claim],
      // The prompt shows no options.
      decisions: [],
      case: id,
      template: "own-symptom-1",
    });
  }
  // A reference that fails its own check would teach something wrong.
  return items.filter((item) => referencePasses(item, knowledge));
}
