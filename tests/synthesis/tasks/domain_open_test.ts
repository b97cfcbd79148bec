import { assert, assertEquals } from "@std/assert";
import { checkClaim, mentions } from "../../../lib/knowledge/mod.ts";
import { randomStream } from "../../../lib/runtime/mod.ts";
import { referencePasses } from "../../../lib/reward/mod.ts";
import { domainOpen } from "../../../lib/synthesis/tasks/domain_open.ts";
import { openKinds } from "../../../lib/synthesis/tasks/open_questions.ts";
import { isOwn } from "../../../lib/synthesis/tasks/relations.ts";
import { unsupportedClaims } from "../../../lib/synthesis/validate.ts";
import { knowledge, makeGroups, sourceFor } from "./made.ts";

/** What one answer to all questions earns at most. */
const mostOfFamily = 0.05;
/** The same for the questions of one kind, of which a split may have few. */
const mostOfKind = 0.2;

/** The share of the questions that the best single answer is right for. */
function bestConstant(accepted: readonly (readonly string[])[]): number {
  const counts = new Map<string, number>();
  for (const ids of accepted) {
    for (const id of new Set(ids)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return Math.max(...counts.values()) / accepted.length;
}

const splits = ["train", "test"] as const;
const made = new Map(
  splits.map((split) => [split, makeGroups(domainOpen, split, 1000).flatMap(({ items }) => items)]),
);

Deno.test("no single answer is right for more than a twentieth of the open questions", () => {
  for (const split of splits) {
    const accepted = made.get(split)!.map(({ checks }) => {
      const [check] = checks;
      return check?.kind === "entities" ? check.accepted : [];
    });
    assertEquals(accepted.length, 1000);
    const best = bestConstant(accepted);
    assert(best <= mostOfFamily, `${split}: ${best}`);
  }
});

Deno.test("no single answer is right for more than a fifth of the questions of a kind", () => {
  for (const split of splits) {
    for (const { id, draw } of openKinds) {
      const accepted = Array.from(
        { length: 1500 },
        (_, i) => draw(sourceFor(split), randomStream(i, "constant", id))?.accepted,
      ).filter((ids) => ids !== undefined);
      assert(accepted.length > 50, `${split} ${id}: ${accepted.length}`);
      const best = bestConstant(accepted);
      assert(best <= mostOfKind, `${split} ${id}: ${best}`);
    }
  }
});

Deno.test("answers rest on the split's own facts, and on what the graph says", () => {
  for (const split of splits) {
    for (const { claims } of made.get(split)!) {
      assertEquals(unsupportedClaims(knowledge, claims), []);
      assert(claims.some((claim) => isOwn(sourceFor(split), claim)), JSON.stringify(claims));
    }
  }
});

Deno.test("whatever is accepted is right, and nothing that the question lists is accepted", () => {
  const source = sourceFor("test");
  for (const { id, draw } of openKinds) {
    for (let i = 0; i < 200; i++) {
      const question = draw(source, randomStream(i, "accepted", id));
      if (question === undefined) continue;
      const { accepted, slots, claims } = question;
      const [claim] = claims;
      const named = mentions(knowledge, slots["listed"] ?? "").map(({ entity }) => entity.id);
      for (const answer of accepted) {
        assert(!named.includes(answer), `${id} ${answer}`);
        const side = claim!.predicate === "presents" || claim!.predicate === "is_a"
          ? "object"
          : "subject";
        const predicates = claim!.predicate === "treats" || claim!.predicate === "palliates"
          ? ["treats", "palliates"] as const
          : [claim!.predicate];
        const right = predicates.some((predicate) => {
          const ends = { subject: claim!.subject, object: claim!.object, [side]: answer };
          const { verdict, path } = checkClaim(knowledge, { ...ends, predicate });
          // A use that some condition speaks against is still a use.
          return verdict === "supported" || (verdict === "contradicted" && path.length > 0);
        });
        assert(right, `${id}: ${answer} of ${JSON.stringify(claim)}`);
      }
    }
  }
});

Deno.test("references earn every point", () => {
  for (const item of made.get("test")!.filter((_, i) => i % 3 === 0)) {
    assert(referencePasses(item, knowledge), `${item.prompt} ${item.reference}`);
  }
});

Deno.test("four hundred questions of the test are different", () => {
  const prompts = new Set(made.get("test")!.map(({ prompt }) => prompt));
  assert(prompts.size >= 400, `${prompts.size}`);
});
