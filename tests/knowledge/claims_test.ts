import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  checkClaim,
  type Evidence,
  isStated,
  loadKnowledge,
  type Predicate,
} from "../../lib/knowledge/mod.ts";
import { smallKnowledge } from "./small.ts";

const small = smallKnowledge();
const check = (subject: string, predicate: Predicate, object: string): Evidence =>
  checkClaim(small, { subject, predicate, object });
const verdicts = (claims: readonly (readonly [string, Predicate, string])[]): string[] =>
  claims.map((c) => check(...c).verdict);

Deno.test("is_a: closure, itself, the reverse, siblings", () => {
  assertEquals(check("common cold", "is_a", "infection"), {
    verdict: "supported",
    path: [
      "common cold (DOID:3) is_a respiratory infection (DOID:2)",
      "respiratory infection (DOID:2) is_a infection (DOID:1)",
    ],
    reason: "stated by the is-a hierarchy",
  });
  assertEquals(check("infection", "is_a", "infection").verdict, "supported");
  const reverse = check("infection", "is_a", "common cold");
  assertEquals([reverse.verdict, reverse.path.length], ["contradicted", 2]);
  assertEquals(verdicts([["common cold", "is_a", "yellow fever"], ["headache", "is_a", "pain"]]), [
    "unknown",
    "supported",
  ]);
});

Deno.test("presents: a presented symptom supports its kinds upwards, never downwards nor along diseases", () => {
  const up = check("common cold", "presents", "pain");
  assertEquals(up.verdict, "associated");
  assertEquals(up.path, [
    "common cold (DOID:3) presents headache (SYMP:2) [Hetionet]",
    "headache (SYMP:2) is_a pain (SYMP:1)",
  ]);
  assertEquals(
    verdicts([
      ["common cold", "presents", "cough"], // definition: "severe coughs"
      ["common cold", "presents", "vomiting"], // definition: "nausea and vomiting"
      ["common cold", "presents", "Intractable pain"], // special from general
      ["respiratory infection", "presents", "headache"], // from a kind of it
      ["yellow fever", "presents", "fever"], // a name is no finding
    ]),
    ["supported", "supported", "unknown", "unknown", "unknown"],
  );
});

Deno.test("localizes: a sole location in a definition holds for every kind, one of several does not", () => {
  const down = check("common cold", "localizes", "lungs");
  assertEquals(down.verdict, "supported");
  assertMatch(down.path[1] ?? "", /^respiratory infection .* localizes lung .*definition\]$/);
  assertEquals(
    verdicts([
      ["infection", "localizes", "lung"],
      ["yellow fever", "localizes", "liver"],
      ["jungle yellow fever", "localizes", "liver"],
    ]),
    ["unknown", "supported", "unknown"],
  );
});

Deno.test("treats, palliates, not_indicated: the three labels of a curated pair", () => {
  const rows = [["Levodopa", "Parkinson disease"], ["Aspirin", "migraine"], [
    "Aspirin",
    "Parkinson's disease",
  ]] as const;
  const table = rows.map(([drug, disease]) =>
    (["treats", "palliates", "not_indicated"] as const).map((p) => check(drug, p, disease).verdict)
  );
  assertEquals(table, [
    ["supported", "unknown", "contradicted"], // DM
    ["contradicted", "supported", "contradicted"], // SYM
    ["unknown", "unknown", "supported"], // NOT denies nothing
  ]);
  assertEquals(check("Aspirin", "treats", "infection"), {
    verdict: "unknown",
    path: [],
    reason: "Aspirin (DB1) and infection (DOID:1) are no curated pair",
  });
  assertMatch(check("Aspirin", "treats", "migraine").reason, /symptomatic only/);
});

Deno.test("resembles holds in both directions; includes does not", () => {
  assertEquals(
    verdicts([
      ["migraine", "resembles", "common cold"],
      ["common cold", "resembles", "migraine"],
      ["Analgesics", "includes", "Aspirin"],
      ["Analgesics", "includes", "Levodopa"],
    ]),
    ["associated", "associated", "supported", "unknown"],
  );
});

Deno.test("co-occurrence supports nothing, and a statement beside it does", () => {
  assertEquals(verdicts([["common cold", "presents", "headache"]]), ["associated"]);
  const { path, reason } = check("common cold", "presents", "headache");
  assertEquals(path, ["common cold (DOID:3) presents headache (SYMP:2) [Hetionet]"]);
  assertMatch(reason, /occur together in the literature/);
});

Deno.test("kinds: one that excludes the needed one contradicts, a near one is unknown", () => {
  const drug = check("Aspirin", "presents", "headache");
  assertEquals([drug.verdict, drug.path.length], ["contradicted", 1]);
  assertEquals(
    verdicts([["common cold", "presents", "common cold"], ["common cold", "localizes", "cough"], [
      "lung",
      "is_a",
      "infection",
    ]]),
    ["unknown", "contradicted", "contradicted"],
  );
});

Deno.test("names: unknown, related, obsolete, ambiguous, replaced and alternative ones", () => {
  assertEquals(
    check("the vapours", "presents", "pain").reason,
    'no disease is called "the vapours"',
  );
  assertMatch(check("chill", "presents", "pain").reason, /only a related name/);
  assertMatch(check("DOID:5", "is_a", "infection").reason, /obsolete and has no successor/);
  assertMatch(check("twin", "is_a", "infection").reason, /several meanings/);
  assertEquals(
    verdicts([["DOID:4", "is_a", "DOID:1"], ["doid:33", "is_a", "infection"], [
      "coryza",
      "is_a",
      "infection",
    ]]),
    [
      "supported",
      "supported",
      "unknown", // the name of a withdrawn term, of which the term in its place says nothing
    ],
  );
});

Deno.test("real data: every stated edge supports itself, and co-occurrence supports nothing", async () => {
  const k = await loadKnowledge();
  let checked = 0;
  let associated = 0;
  for (const table of Object.values(k.edges)) {
    let n = 0;
    for (const edges of table.forward.values()) {
      for (const edge of edges.values()) {
        const { subject, predicate, object } = edge;
        if (n++ % 10 !== 0) continue; // every tenth is enough
        checked++;
        const { verdict, path } = checkClaim(k, { subject, predicate, object });
        const stated = isStated(edge);
        assert(
          path.length > 0 && (verdict === "supported" || (!stated && verdict === "associated")),
          `${subject} ${predicate} ${object}`,
        );
        if (verdict === "associated") associated++;
        if (predicate === "is_a") {
          assertEquals(
            checkClaim(k, { subject: object, predicate, object: subject }).verdict,
            "contradicted",
          );
        }
        if (predicate === "contraindicated" && !k.edges.treats.forward.get(subject)?.has(object)) {
          const { verdict } = checkClaim(k, { subject, predicate: "treats", object });
          assertEquals(verdict, "contradicted");
        }
      }
    }
  }
  assert(checked > 1500 && associated > 500, `${checked} ${associated}`);
  assertEquals(
    checkClaim(k, { subject: "influenza", predicate: "is_a", object: "viral infectious disease" })
      .path,
    [
      "influenza (DOID:8469) is_a viral infectious disease (DOID:934)",
    ],
  );
  assertEquals(
    checkClaim(k, { subject: "Donepezil", predicate: "treats", object: "Alzheimer disease" })
      .verdict,
    "supported",
  );
  assertEquals(
    checkClaim(k, { subject: "Biperiden", predicate: "treats", object: "Alzheimer's disease" })
      .verdict,
    "unknown", // a non-indication of PharmacotherapyDB forbids nothing
  );
  assertEquals(
    checkClaim(k, { subject: "Haloperidol", predicate: "treats", object: "Alzheimer's disease" })
      .verdict,
    "contradicted", // by a contraindication of the clinical tables
  );
  assertEquals(
    checkClaim(k, { subject: "Donepezil", predicate: "treats", object: "influenza" }).verdict,
    "unknown",
  );
});
