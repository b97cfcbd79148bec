/**
 * What the names of findings have in common beyond their ids: words, and themes that stand for what a patient can hardly tell
 * apart.
 */
import type { Entity } from "../knowledge/mod.ts";

/** Words that say nothing of what a finding is. */
const empty = new Set(
  "with from after during over days weeks lasting high elevated reduced decreased increased loss right left acute severe chronic sudden onset mild moderate worse test positive result signs"
    .split(" "),
);

/** Words for what a patient can hardly have one of without the other, or tell apart. */
const themes: readonly RegExp[] = [
  /dizz|lighthead|vertigo|faint|syncope|orthostatic/,
  /fatigue|weak|malaise|tired|letharg/,
  /palpitation|tachycard|heart ?beat|heart rate|arrhythm|pulse/,
  /dyspn|breath|orthopn|respirat/,
  /jaundice|icter|bilirubin|yellow/,
  /rash|urticaria|hives|red skin|red patch|erythema/,
  /bruis|bleed|petechi|purpura|hematoma|epistaxis|menorrhagia/,
  /confus|mental|delir|conscious|cognit|memory|attent|disorgani/,
  /anxi|worr|fear|agitat|restless|panic/,
  /bloat|abdomen|abdominal disten|flatul|belch|fullness/,
  /urin|noctur|bladder|dysuria|oliguria/,
  /diarrh|stool|bowel|constip/,
  /sputum|mucus|productive|wet cough/,
  /sneez|runny|nasal|nose|congest/,
  /anemi|pallor|h(?:ae|e)moglobin/,
  /depress|mood|interest|libido/,
  /insomn|sleep|snor/,
  /hearing|tinnitus|muffled sounds|ear fullness/,
  /vision|visual|sight|blind|eye/,
  /itch|prurit/,
  /crackle|rales|breath sounds/,
  /wheez|stridor/,
  /seizure|convuls|staring/,
  /creatinine|egfr|urea|kidney/,
  /\b(?:alt|ast)\b|liver|hepat/,
  /throat|tonsil|pharyn|swallow|dysphag/,
  /voice|hoars|speak|speech|dysarthr/,
  /swell|swollen|edema/,
  /thirst|polydips|glucose/,
  /appetite|hunger|satiety/,
  /nausea|vomit/,
  /heartburn|pyrosis|regurgit|acid/,
  /numb|tingl|paresthes|burning/,
  /stiff|rigid/,
  /sweat|diaphor/,
];

/**
 * The words of a finding's name that say what it is, and the themes that it touches.
 *
 * @param name A name of the finding.
 * @returns Words by their first seven letters, and numbered themes.
 */
export function findingStems(name: string): string[] {
  const lower = name.toLowerCase();
  return [
    ...lower.split(/[^a-z0-9]+/).filter((word) => word.length >= 4 && !empty.has(word))
      .map((word) => word.slice(0, 7)),
    ...themes.flatMap((theme, i) => theme.test(lower) ? [`theme ${i}`] : []),
  ];
}

/** The words of entities that were asked for. */
const words = new WeakMap<Entity, ReadonlySet<string>>();

/**
 * The words of an entity's names as `shareWord` compares them.
 *
 * @param entity The entity.
 * @returns Words of four letters or more by their first seven.
 */
export function wordsOf(entity: Entity): ReadonlySet<string> {
  const known = words.get(entity) ??
    new Set(
      [entity.name, ...entity.synonyms].flatMap((name) =>
        name.toLowerCase().split(/[^a-z0-9]+/).filter((word) => word.length >= 4)
          .map((word) => word.slice(0, 7))
      ),
    );
  words.set(entity, known);
  return known;
}
