import { assert, assertEquals } from "@std/assert";
import { loadKnowledge, type TextClaim, validateText } from "../../lib/knowledge/mod.ts";
import { cues } from "../../lib/knowledge/text/claim_cues.ts";

const knowledge = await loadKnowledge();

/** A claim in words: "influenza presents fever", with what is not plain about it in front. */
function say(claim: TextClaim): string {
  const { subject, relation, object, polarity, experiencer, time, certainty } = claim;
  const name = (one: TextClaim["subject"]) =>
    (one.person ?? one.standsFor ?? one.text).toLowerCase();
  const marks = [
    polarity === "denied" ? "not" : "",
    experiencer === "general" || experiencer === subject.person ? "" : experiencer,
    time === "now" ? "" : time,
    certainty === "stated" ? "" : certainty,
  ].filter((mark) => mark !== "");
  return [...marks.map((mark) => `${mark}:`), name(subject), relation, name(object)].join(" ");
}

const read = (text: string): string[] => validateText(text, knowledge).claims.map(say);

/** One sentence at least for every rule. */
const examples: readonly (readonly [rule: string, text: string, claims: readonly string[]])[] = [
  ["causes", "Influenza causes fever and cough.", [
    "influenza presents fever",
    "influenza presents cough",
  ]],
  ["presents with", "Measles presents with fever.", ["measles presents fever"]],
  ["has", "People with gout have joint pain.", ["gout presents joint pain"]],
  ["symptoms include", "Influenza symptoms include chills.", ["influenza presents chills"]],
  ["is caused by", "Fever is caused by influenza.", ["influenza presents fever"]],
  ["is caused by", "Influenza is caused by Influenzavirus A.", [
    "influenza caused_by influenzavirus a",
  ]],
  ["is spread by", "Malaria is spread by mosquitoes.", ["malaria transmitted_by mosquitoes"]],
  ["is seen in", "Cough is often seen in patients with measles.", ["measles presents cough"]],
  ["is linked to", "Fever and cough are linked to influenza.", [
    "influenza associated fever",
    "influenza associated cough",
  ]],
  ["comes without", "Gout comes without fever.", ["not: gout presents fever"]],
  ["recognised by", "You can recognize measles by the rash.", ["hedged: measles presents rash"]],
  ["in which", "This is gout, in which fever is common.", ["gout presents fever"]],
  ["is one of its risks", "Migraine is old. Gout is one of its risk factors.", [
    "migraine has_risk gout",
  ]],
  ["is one of its signs", "Influenza is old. Fever is one of its signs.", [
    "influenza presents fever",
  ]],
  ["means", "Chills often mean influenza.", ["influenza presents chills"]],
  ["speaks against", "Chills speak against gout.", ["not: gout presents chills"]],
  ["speaks against", "Gout rules out naproxen.", ["naproxen contraindicated gout"]],
  ["seen in", "Doctors often see chills in influenza.", ["influenza presents chills"]],
  ["think of", "Think of influenza when there are chills.", ["influenza presents chills"]],
  ["is to be considered in", "Influenza should be considered in people with chills.", [
    "influenza presents chills",
  ]],
  ["raises the risk of", "Gout raises the risk of migraine.", ["migraine has_risk gout"]],
  ["is at risk of", "People with gout are prone to migraine.", ["migraine has_risk gout"]],
  ["risk factor for", "The risk factors for migraine include gout.", ["migraine has_risk gout"]],
  ["red flag in", "Coma is a red flag in malaria.", ["malaria red_flag coma"]],
  ["is safe in", "Naproxen is safe in gout.", ["not: naproxen contraindicated gout"]],
  ["must not be given in", "Naproxen must not be given to people with gout.", [
    "naproxen contraindicated gout",
  ]],
  ["must not take", "People with gout should not take naproxen.", [
    "naproxen contraindicated gout",
  ]],
  ["contraindication to", "Gout is a contraindication to naproxen.", [
    "naproxen contraindicated gout",
  ]],
  ["avoid", "Do not give naproxen in gout.", ["naproxen contraindicated gout"]],
  ["reach for", "Doctors reach for naproxen in gout.", ["naproxen treats gout"]],
  ["treatment for", "Naproxen is the drug of choice for gout.", ["naproxen first_line gout"]],
  ["link between", "There is a link between gout and fever.", ["gout associated fever"]],
  ["go together", "Gout and fever often go together.", ["gout associated fever"]],
  ["list behind a name", "Measles: fever and cough.", [
    "measles presents fever",
    "measles presents cough",
  ]],
  ["said of the topic", "Gout is old. Fever is uncommon.", ["not: gout presents fever"]],
  ["plain sentence", "Fever sets the tone in influenza.", ["influenza presents fever"]],
  ["names without a statement", "Influenza fever.", ["influenza presents fever"]],
  ["treatment includes", "Gout is old. Treatment includes colchicine.", ["colchicine treats gout"]],
  ["risk of", "Her risk of gout is high.", ["future: patient has gout"]],
  ["has to do with", "Gout has nothing to do with tremor.", ["not: gout presents tremor"]],
  ["typical of", "Typical of measles is cough.", ["measles presents cough"]],
  ["points to", "Fever suggests influenza.", ["influenza presents fever"]],
  ["symptom of", "The symptoms of measles are fever and cough.", [
    "measles presents fever",
    "measles presents cough",
  ]],
  ["treats", "Metformin is used to treat gout.", ["metformin treats gout"]],
  ["prevents", "Influenza protects from fever.", ["not: influenza presents fever"]],
  ["relieves", "Naproxen relieves the symptoms of migraine.", ["naproxen palliates migraine"]],
  ["modifies", "Donepezil modifies Alzheimer's disease.", [
    "donepezil modifies alzheimer's disease",
  ]],
  ["is treated with", "Gout is treated with colchicine.", ["colchicine treats gout"]],
  ["is relieved by", "Migraine is relieved by naproxen.", ["naproxen palliates migraine"]],
  ["is also called", "Influenza is also called flu.", ["influenza is_a flu"]],
  ["is diagnosed by", "Measles is diagnosed by measuring antibodies.", [
    "measles diagnosed_by antibodies",
  ]],
  ["begins with", "Measles begins with fever.", ["measles presents fever"]],
  ["is prevented by", "Migraine may be prevented by naproxen.", ["naproxen treats migraine"]],
  ["affects a population", "Gout affects men more often than women.", [
    "gout affects affects men more often than women",
  ]],
  ["is contraindicated in", "Naproxen is contraindicated in asthma.", [
    "naproxen contraindicated asthma",
  ]],
  ["avoid", "Avoid naproxen in asthma.", ["naproxen contraindicated asthma"]],
  ["treatment for", "The drugs for gout include colchicine.", ["colchicine treats gout"]],
  ["start on", "Start patients with gout on colchicine.", ["colchicine treats gout"]],
  ["symptomatic treatment for", "Symptomatic treatment for migraine is naproxen.", [
    "naproxen palliates migraine",
  ]],
  ["affects", "Tuberculosis affects the lungs.", ["tuberculosis localizes lungs"]],
  ["is affected by", "The brain is affected by migraine.", ["migraine localizes brain"]],
  ["site of", "The site of migraine is the brain.", ["migraine localizes brain"]],
  ["is a kind of", "Gout is a kind of arthritis.", ["gout is_a arthritis"]],
  ["is a", "Influenza is a viral infectious disease.", ["influenza is_a viral infectious disease"]],
  ["includes", "Arthritis includes gout.", ["gout is_a arthritis"]],
  ["class of", "The class of metformin is Biguanides.", ["biguanides includes metformin"]],
  ["resembles", "Gout resembles osteoarthritis.", ["gout resembles osteoarthritis"]],
  ["differential of", "The differential of gout includes osteoarthritis.", [
    "gout resembles osteoarthritis",
  ]],
  ["person with", "A man with fever and without rash.", [
    "patient has fever",
    "not: patient has rash",
  ]],
  ["takes", "He takes metformin.", ["patient takes metformin"]],
  ["patients take", "Patients with gout take allopurinol.", ["allopurinol treats gout"]],
  ["apposition", "Gout, an arthritis, causes joint pain.", [
    "gout presents joint pain",
    "gout is_a arthritis",
  ]],
  ["drug for", "A trial of topiramate or lamotrigine for migraine.", [
    "topiramate treats migraine",
    "lamotrigine treats migraine",
  ]],
  ["seen in", "One cannot rule out chills in influenza.", ["influenza presents chills"]],
  ["comes without", "There is hardly any asthma without cough.", ["asthma presents cough"]],
  ["alike", "Gout and osteoarthritis look alike.", ["gout resembles osteoarthritis"]],
  ["topic", "In gout, allopurinol remains the standard.", ["allopurinol treats gout"]],
  ["plain sentence", "Fingolimod holds back multiple sclerosis.", [
    "fingolimod treats multiple sclerosis",
  ]],
  ["note without a subject", "Denies fever.", ["not: patient has fever"]],
  ["present or absent", "Cough is present, fever is absent.", [
    "patient has cough",
    "not: patient has fever",
  ]],
  ["line history", "History: gout", ["past: patient has gout"]],
  ["line family history", "Family history: gout", ["family has gout"]],
  ["lines diagnosis and drug", "Diagnosis: gout\nDrug: colchicine", ["colchicine treats gout"]],
  ["lines diagnosis and site", "Site: brain\nDiagnosis: migraine", ["migraine localizes brain"]],
  ["lines drug and class", "Drug: metformin\nClass: Biguanides", ["biguanides includes metformin"]],
];

Deno.test("every rule reads its sentence", () => {
  for (const [rule, text, claims] of examples) {
    const found = validateText(text, knowledge).claims;
    assertEquals(found.map(say), claims, text);
    const rules = found.map((claim) => claim.rule.replace(/^person (?!with)/, ""));
    assert(rules.some((one) => one === rule || one === `person ${rule}`), `${rule}: ${rules}`);
  }
  const covered = new Set(examples.map(([rule]) => rule));
  assertEquals(cues.map(({ rule }) => rule).filter((rule) => !covered.has(rule)), []);
});

Deno.test("degrees, numbers and extents are part of a claim", () => {
  const qualified = (text: string) =>
    validateText(text, knowledge).claims.map(({ extent, degrees, quantities }) => [
      extent,
      degrees?.join(" "),
      quantities?.map(({ value, unit }) => `${value} ${unit}`).join(", "),
    ]);
  for (
    const [text, extent] of [
      ["All patients with gout have fever.", "all"],
      ["Gout invariably causes fever.", "all"],
      ["Only gout causes fever.", "only"],
      ["Nothing but gout causes fever.", "only"],
      ["Fever occurs in gout alone.", "only"],
      ["Most people with gout have fever.", "most"],
      ["Nearly all people with gout have fever.", "most"],
      ["Gout rarely causes fever.", "few"],
      ["Gout does not always cause fever.", undefined],
      ["Not only gout causes fever.", undefined],
      ["Gout causes fever.", undefined],
    ] as const
  ) assertEquals(qualified(text), [[extent, undefined, undefined]], text);
  assertEquals(qualified("Gout causes a severe cough for three weeks."), [[
    undefined,
    "severe",
    "3 week",
  ]]);
});

Deno.test("denied, whether before or behind, and denied twice", () => {
  const denied = ["not: influenza presents fever"];
  for (
    const text of [
      "Influenza does not cause fever.",
      "Fever isn't a symptom of influenza.",
      "Nobody with influenza has fever.",
      "Influenza presents without fever.",
      "Fever is absent in influenza.",
      "It is a myth that influenza causes fever.",
      "Influenza causes fever. That is wrong.",
      "Does influenza cause fever? No.",
    ]
  ) assertEquals(read(text), denied, text);
  for (
    const text of [
      "Influenza is never without fever.",
      "Fever is by no means rare in influenza.",
      "Nobody doubts that influenza causes fever.",
      "Does influenza cause fever? Yes.",
    ]
  ) assertEquals(read(text), ["influenza presents fever"], text);
  assertEquals(read("Naproxen does nothing for gout."), ["not: naproxen treats gout"]);
  assertEquals(read("Naproxen is not contraindicated in gout."), [
    "not: naproxen contraindicated gout",
  ]);
});

Deno.test("persons: the patient, the family, nobody in particular", () => {
  assertEquals(read("A woman whose mother had gout reports cough."), [
    "family has gout",
    "patient has cough",
  ]);
  assertEquals(read("The patient has a family history of gout."), ["family: patient has gout"]);
  assertEquals(read("Asthma runs in the family."), ["family has asthma"]);
  assertEquals(read("Patients with influenza have fever."), ["influenza presents fever"]);
  assertEquals(read("His brother has asthma; he has a cough."), [
    "family has asthma",
    "patient has cough",
  ]);
  assertEquals(read("56M with cough, no fever."), ["patient has cough", "not: patient has fever"]);
});

Deno.test("time: now, past, and a risk", () => {
  assertEquals(read("He has a history of gout and now has cough."), [
    "past: patient has gout",
    "patient has cough",
  ]);
  assertEquals(read("She had measles as a child."), ["past: patient has measles"]);
  assertEquals(read("As a child she had measles."), ["past: patient has measles"]);
  assertEquals(read("She recovered from malaria two years ago."), ["past: patient has malaria"]);
  assertEquals(read("He is at risk of osteoporosis."), ["future: patient has osteoporosis"]);
});

Deno.test("what is asked, supposed or demanded is not claimed", () => {
  for (
    const text of [
      "Does influenza cause fever?",
      "If the patient has influenza, expect fever.",
      "Whether topiramate treats migraine is unclear.",
      "List the symptoms of measles, such as fever.",
      "We talked about gout, measles and cough.",
      "This text is about malaria.",
      "",
    ]
  ) {
    const verdicts = validateText(text, knowledge).claims.map(({ verdict }) => verdict);
    assert(verdicts.every((verdict) => verdict === "not a claim"), text);
  }
});

Deno.test("pronouns stand for a name in the two sentences before", () => {
  assertEquals(
    read("Gout is painful. It is treated with colchicine.").at(-1),
    "colchicine treats gout",
  );
  assertEquals(
    read("Fingolimod is new. This drug treats multiple sclerosis.").at(-1),
    "fingolimod treats multiple sclerosis",
  );
  assertEquals(read("Gout is old. So what. As always. It causes fever."), []);
});

Deno.test("what is said of a disease by what it is", () => {
  assertEquals(read("Influenza is a viral infectious disease characterized by fever."), [
    "influenza is_a viral infectious disease",
    "influenza presents fever",
  ]);
  assertEquals(read("Measles is new. Common symptoms include fever."), ["measles presents fever"]);
  assertEquals(read("Signs of measles: fever, cough."), [
    "measles presents fever",
    "measles presents cough",
  ]);
  assertEquals(read("Doctors treat gout with colchicine."), ["colchicine treats gout"]);
});

Deno.test("subjects of several verbs, relative clauses, two statements in one sentence", () => {
  assertEquals(
    read("Gout, which affects the knee, causes joint pain and is treated with colchicine."),
    [
      "gout localizes knee",
      "gout presents joint pain",
      "colchicine treats gout",
    ],
  );
  assertEquals(read("Influenza causes fever, and measles causes cough."), [
    "influenza presents fever",
    "measles presents cough",
  ]);
  assertEquals(read("Give these facts about gout: one drug that treats it."), []);
});

Deno.test("roles stay as they are written, and unknown words are names", () => {
  assertEquals(read("Fever causes influenza."), ["fever presents influenza"]);
  assertEquals(read("Gout treats allopurinol."), ["gout treats allopurinol"]);
  assertEquals(read("Zorbivastin is used to treat gout."), ["zorbivastin treats gout"]);
  assertEquals(read("Influenza causes fever, snorbling and cough."), [
    "influenza presents fever",
    "influenza presents snorbling",
    "influenza presents cough",
  ]);
});

Deno.test("places are those of the words", () => {
  const text = "Note: x.\nInfluenza causes a high fever.";
  const { subject, object, start, end } = validateText(text, knowledge).claims[0]!;
  assertEquals([subject, object].map((name) => text.slice(name.start, name.end)), [
    "Influenza",
    "high fever",
  ]);
  assertEquals(text.slice(start, end), "Influenza causes a high fever.");
});

Deno.test("a text that is repeated gives its claims as often; any text is read", () => {
  const text =
    "Influenza causes fever. He has cough. Drug for gout in asthma of fever, and the very ";
  const count = (n: number): number => validateText(text.repeat(n), knowledge).claims.length;
  const [few, many] = [count(20), count(40)];
  assert(few > 20 && Math.abs(many - 2 * few) <= 4, `${few} ${many}`);
  for (
    const odd of [
      "\uE000\uE001 causes \uE100",
      "fever ".repeat(3000),
      "[".repeat(500),
      "🤒 causes 🤧.",
    ]
  ) {
    validateText(odd, knowledge);
  }
});
