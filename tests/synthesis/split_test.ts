/** Splits by facts and diseases, and the sources that are selected for them. */
import { assert, assertEquals } from "@std/assert";
import { loadClinical, loadKnowledge, mentions } from "../../lib/knowledge/mod.ts";
import {
  factShares,
  heldOutShare,
  isHeldOutDisease,
  type ItemClaim,
  selectSource,
  type SourceSplit,
  splitOfClaims,
  splitOfFact,
  splitQuota,
  splits,
  splitShares,
} from "../../lib/synthesis/mod.ts";

const knowledge = await loadKnowledge();
const clinical = await loadClinical(knowledge);
const sources = new Map(
  (["train", "validation", "test", "test-diseases"] as const).map((split) => [
    split,
    selectSource(clinical, split),
  ]),
);
const sourceOf = (split: SourceSplit) => sources.get(split)!;
const isDisease = (id: string): boolean => knowledge.entities.get(id)?.kind === "disease";
const diseases = [...knowledge.entities.values()].filter(({ kind }) => kind === "disease");

/** Whether a count of independent draws is within four standard deviations of its share. */
function isNear(count: number, n: number, share: number): boolean {
  return Math.abs(count - n * share) <= 4 * Math.sqrt(n * share * (1 - share));
}

Deno.test("a fifth of all diseases is held out, by their ids alone", () => {
  const heldOut = diseases.filter(({ id }) => isHeldOutDisease(id)).length;
  assert(isNear(heldOut, diseases.length, heldOutShare), `${heldOut} of ${diseases.length}`);
  // Whatever is added to the graph, each stays where it is: another order, the same answers.
  const forth = diseases.slice(0, 500).map(({ id }) => isHeldOutDisease(id));
  const back = diseases.slice(0, 500).toReversed().map(({ id }) => isHeldOutDisease(id));
  assertEquals(back.toReversed(), forth);
});

Deno.test("facts fall into their splits by their shares, whatever the relation", () => {
  const counts = { train: 0, validation: 0, test: 0 };
  const n = 20_000;
  for (let i = 0; i < n; i++) counts[splitOfFact({ subject: `D:${i}`, object: `F:${i % 97}` })]++;
  assert(isNear(counts.test, n, factShares.test), `${counts.test}`);
  assert(isNear(counts.validation, n, factShares.validation), `${counts.validation}`);
  const claim = (predicate: ItemClaim["predicate"]): ItemClaim => ({
    subject: "D:1",
    predicate,
    object: "F:1",
  });
  assertEquals(splitOfFact(claim("treats")), splitOfFact(claim("contraindicated")));
});

/** A claim of a training disease whose fact belongs to a split. */
function claimIn(split: "train" | "validation" | "test"): ItemClaim {
  for (let i = 0;; i++) {
    const claim: ItemClaim = { subject: `D:${i}`, predicate: "presents", object: "F:1" };
    if (!isHeldOutDisease(claim.subject) && splitOfFact(claim) === split) return claim;
  }
}

/** A claim of a held-out disease. */
function heldOutClaim(): ItemClaim {
  for (let i = 0;; i++) {
    const subject = `D:${i}`;
    if (isHeldOutDisease(subject)) return { subject, predicate: "presents", object: "F:1" };
  }
}

Deno.test("claims are of the split of their rarest fact, and of none where splits meet", () => {
  const isOwn = (id: string): boolean => id.startsWith("D:");
  const [train, validation, test] = [claimIn("train"), claimIn("validation"), claimIn("test")];
  const heldOut = heldOutClaim();
  const of = (...claims: ItemClaim[]) => splitOfClaims(claims, isOwn);
  assertEquals(of(train), "train");
  assertEquals(of(train, validation), "validation");
  assertEquals(of(test, train), "test");
  assertEquals(of(validation, test), undefined);
  assertEquals(of(heldOut), "test-diseases");
  assertEquals(of(heldOut, train), undefined);
  // What is denied is no fact.
  assertEquals(of(train, { ...test, denied: "not listed" }), "train");
  assertEquals(of(train, { ...heldOut, denied: "hierarchy" }), "train");
  // Only ends that are diseases count as held out.
  assertEquals(splitOfClaims([heldOut], () => false), splitOfFact(heldOut));
});

Deno.test("quotas add up and keep their shares", () => {
  for (const n of [0, 1, 7, 40, 400, 12_345]) {
    const quota = splitQuota(n);
    assertEquals(splits.reduce((sum, split) => sum + quota[split], 0), n);
    for (const split of splits) {
      if (split === "train") continue;
      assert(Math.abs(quota[split] - n * splitShares[split]) <= 0.5, `${n} ${split}`);
    }
    assert(quota.train >= 0.6 * n - 3);
  }
});

Deno.test("a source holds the diseases of its split alone, at least fifteen held-out ones, and their facts", () => {
  for (const [split, source] of sources) {
    assert(source.diseases.length >= 15, `${split}: ${source.diseases.length}`);
    for (const { disease, findings, drugs, profile } of source.diseases) {
      assertEquals(isHeldOutDisease(disease.id), split === "test-diseases", disease.name);
      assert(findings.length >= 3, disease.name);
      const listed = new Set(profile.findings.map(({ finding }) => finding.id));
      for (const { finding, row } of findings) {
        assertEquals([row.finding.id, listed.has(finding.id)], [finding.id, true], finding.name);
      }
      for (const { drug, row } of drugs) assertEquals(row.drug.id, drug.id);
    }
  }
  const ids = (split: SourceSplit) => sourceOf(split).diseases.map(({ disease: { id } }) => id);
  const trained = new Set(ids("train"));
  assertEquals(ids("test-diseases").filter((id) => trained.has(id)), []);
});

/** Every fact of a source as subject and object, and whether it is the split's own. */
function factsOf(split: SourceSplit): Map<string, boolean> {
  return new Map(
    sourceOf(split).diseases.flatMap(({ disease, findings, drugs }) => [
      ...findings.map(({ finding, own }) => [`${disease.id}\t${finding.id}`, own] as const),
      ...drugs.map(({ drug, own }) => [`${drug.id}\t${disease.id}`, own] as const),
    ]),
  );
}

Deno.test("what is own in validation or test is in no other source; what is not, training has", () => {
  const all = new Map([...sources.keys()].map((split) => [split, factsOf(split)]));
  const train = all.get("train")!;
  assert([...train.values()].every(Boolean));
  for (const split of ["validation", "test"] as const) {
    const other = all.get(split === "test" ? "validation" : "test")!;
    let own = 0;
    for (const [ends, isOwn] of all.get(split)!) {
      if (isOwn) {
        assert(!train.has(ends) && !other.has(ends), ends);
        own += 1;
      }
      const [subject, object] = ends.split("\t") as [string, string];
      assertEquals(splitOfFact({ subject, object }), isOwn ? split : "train");
    }
    assert(own >= (split === "test" ? 150 : 30), `${split}: ${own}`);
  }
  assert([...all.get("test-diseases")!.values()].every(Boolean));
});

Deno.test("the names of a source are found in text as the entities that they are", () => {
  for (const { diseases } of sources.values()) {
    for (const { disease, findings } of diseases) {
      const named = mentions(knowledge, disease.name, ["disease"]).map(({ entity }) => entity.id);
      assertEquals(named, [disease.id], disease.name);
      for (const { finding } of findings) {
        const found = mentions(knowledge, finding.name, ["symptom"]);
        assertEquals(found.map(({ entity }) => entity.id), [finding.id], finding.name);
      }
    }
  }
});

Deno.test("the claim of an own fact is of its split, that of any other of training", () => {
  const claims = sourceOf("test").diseases.flatMap(({ disease, findings }) =>
    findings.map(({ finding, own }): [ItemClaim, boolean] => [
      { subject: disease.id, predicate: "presents", object: finding.id },
      own,
    ])
  );
  for (const [claim, own] of claims) {
    assertEquals(splitOfClaims([claim], isDisease), own ? "test" : "train");
  }
});
