// What a guide's form holds: groups of fields, each with its kind and, for codes, its table. The names are the model's.
const f = (name, kind, table, more) => ({ name, kind, table, ...more });
const both = (name, kind) => [f(name, kind), f(`${name}_en`, kind)];

/** Fields of one entry of a list. */
export const ENTRIES = {
  steps: [f("stage", "code", "stages"), f("time", "span"), ...both("what", "text")],
  materials: [...both("name", "line"), f("kind", "code", "material_kinds"), f("form", "code", "material_forms"),
    f("copies", "number"), f("necessity", "code", "necessity"), f("source", "code", "sources"), f("issued_by", "line"),
    ...both("when", "line"), ...both("specification", "line"), ...both("acceptance", "text"),
    f("exempt", "optional", "exemptions"), f("sample", "line"), f("blank", "line")],
  places: [f("area", "code", "areas"), f("windows", "numbers"), ...both("name", "line"), ...both("hours", "line"), f("enquiry", "line"),
    f("complaint", "line"), f("hall", "line"), f("line", "line"), f("item", "line")],
  faq: [...both("question", "line"), ...both("answer", "text")],
};
/** A new entry of each, as valid as can be. */
export const FRESH = {
  steps: () => ({ stage: "accept", time: { number: 0, unit: "working_day", note: "" }, what: "", what_en: "" }),
  materials: () => ({ name: "", name_en: "", kind: "document", form: "original", copies: 1, necessity: "required", source: "applicant" }),
  places: () => ({ area: "", name: "", name_en: "", windows: [] }),
  faq: () => ({ question: "", answer: "", question_en: "", answer_en: "" }),
};
export const GROUPS = [
  ["identity", [...both("name", "line"), f("short_name", "line"), f("code", "line"), f("type", "code", "types"), f("level", "code", "levels"),
    f("department", "code", "departments"), f("aliases", "lines"), f("audience", "codes", "audiences"), f("themes", "codes", "themes"), f("life_events", "codes", "life_events")]],
  ["version", [f("change_note", "text"), f("basis", "lines")]],
  ["doing", [...both("conditions", "text"), f("kind", "code", "kinds"), f("visits", "number"), ...both("visits_reason", "line"),
    f("statutory", "span"), f("promised", "span"), f("commitment", "flag"), f("commitment_note", "text"), f("one_window", "flag"), f("pre_review", "flag"),
    f("appointment", "flag"), f("joint", "lines"), f("channels", "codes", "channels"), f("online_depth", "optional", "online_depths"), f("online_address", "line")]],
  ["steps", [f("steps", "list")]],
  ["materials", [f("materials", "list")]],
  ["money", [f("fee", "flag"), f("fee_basis", "line"), ...both("fee_standard", "text"), ...both("result", "line"), f("result_sample", "line"), f("delivery", "codes", "deliveries")]],
  ["places", [f("places", "list")]],
  ["faq", [f("faq", "list")]],
];
/** Field → the table of its codes, to write a value of a difference out. */
export const TABLES = Object.fromEntries([...GROUPS.flatMap(([, some]) => some), ...Object.values(ENTRIES).flat(), f("unit", "code", "units")]
  .filter(({ table }) => table).map(({ name, table }) => [name, table]));

export const at = (guide, path) => path.split(".").reduce((value, key) => value?.[key], guide);
export function put(guide, path, value) {
  const keys = path.split("."), last = keys.pop();
  const where = keys.reduce((inside, key) => inside[key] ??= {}, guide);
  where[last] = value;
}
