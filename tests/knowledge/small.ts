/** A small graph for tests. */
import {
  buildKnowledge,
  type Knowledge,
  readEdges,
  readIndications,
  readNodes,
  readObo,
} from "../../lib/knowledge/mod.ts";

const diseases = `[Term]
id: DOID:1
name: infection

[Term]
id: DOID:2
name: respiratory infection
def: "An infection located_in lung." []
is_a: DOID:1

[Term]
id: DOID:3
name: common cold
alt_id: DOID:33
def: "A respiratory infection that has_symptom severe coughs, has_symptom nausea and vomiting." []
synonym: "acute coryza" EXACT []
synonym: "chill" RELATED []
synonym: "CAT" EXACT []
synonym: "twin" EXACT []
is_a: DOID:2 ! respiratory infection

[Term]
id: DOID:4
name: obsolete coryza
is_obsolete: true
replaced_by: DOID:3

[Term]
id: DOID:5
name: obsolete humours
is_obsolete: true
consider: DOID:3

[Term]
id: DOID:6
name: Parkinson's disease
synonym: "twin" EXACT []

[Term]
id: DOID:7
name: migraine

[Term]
id: DOID:8
name: yellow fever
def: "An infection located_in liver, located_in kidney or located_in heart." []
is_a: DOID:1

[Term]
id: DOID:9
name: jungle yellow fever
is_a: DOID:8
`;

const symptoms = `[Term]
id: SYMP:1
name: pain

[Term]
id: SYMP:2
name: headache
synonym: "head pain" EXACT []
is_a: SYMP:1

[Term]
id: SYMP:3
name: cough

[Term]
id: SYMP:4
name: nausea

[Term]
id: SYMP:5
name: vomiting

[Term]
id: SYMP:6
name: fever

[Term]
id: SYMP:7
name: migraine
`;

const nodes = `id	name	kind
Disease::DOID:3	common cold	Disease
Symptom::D1	Headaches	Symptom
Symptom::D2	Pain, Intractable	Symptom
Compound::DB1	Aspirin	Compound
Compound::DB2	Levodopa	Compound
Anatomy::UBERON:0001	lung	Anatomy
Anatomy::UBERON:0002	liver	Anatomy
Pharmacologic Class::N1	Analgesics	Pharmacologic Class
`;

const edges = `source	metaedge	target
Disease::DOID:33	DpS	Symptom::D1
Disease::DOID:3	DrD	Disease::DOID:7
Pharmacologic Class::N1	PCiC	Compound::DB1
`;

const indications = `doid_id	drugbank_id	disease	drug	category	n_curators	n_resources
DOID:6	DB2	Parkinson's disease	Levodopa	DM	3	4
DOID:7	DB1	migraine	Aspirin	SYM	3	4
DOID:6	DB1	Parkinson's disease	Aspirin	NOT	3	1
`;

export function smallKnowledge(): Knowledge {
  const [n, e, i] = [
    readNodes(nodes, "n"),
    readEdges(edges, "e"),
    readIndications(indications, "i"),
  ];
  return buildKnowledge({
    diseases: readObo(diseases, "doid.obo"),
    symptoms: readObo(symptoms, "symp.obo"),
    nodes: n.rows,
    edges: e.rows,
    indications: i.rows,
    warnings: [...n.warnings, ...e.warnings, ...i.warnings],
  });
}
