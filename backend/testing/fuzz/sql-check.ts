import type { Catalogue } from '../../rest/catalogue'
import { PRIVILEGES_QUERY } from '../../rest/openapi'

/** Finds what stands in a statement and is neither a template's nor the catalogue's; null when there is nothing. */
export type SqlCheck = (text: string) => string | null

/** Every word that the templates of REST are written with. */
const TEMPLATE = new Set(
  `select from as where and or not is null true false unknown distinct any all in on join left lateral with src group
   order by asc desc nulls first last limit offset insert into update delete set values returning conflict do nothing
   exists count sum avg min max coalesce nullif cast case when then end like ilike materialized row variadic excluded
   current_setting set_config octet_length length substring string_agg json_agg jsonb_agg row_to_json to_jsonb
   json_strip_nulls json_object_keys json_to_record json_to_recordset jsonb_to_recordset json_array_elements
   jsonb_array_elements jsonb_build_object to_tsvector to_tsquery plainto_tsquery phraseto_tsquery
   websearch_to_tsquery array regconfig text int json jsonb bytea encode explain format analyze verbose settings
   buffers wal begin commit rollback rows total body headers status list k e v f o r c b a t _`
    .split(/\s+/)
    .filter(Boolean),
)
/** Every literal of the templates. */
const LITERALS = new Set(
  ['', '[]', 'null', '0', 'hex', ',', '\\n', 'response.headers', 'response.status', 'pgrst.updated'].map(
    (l) => l,
  ),
)

/** A check for statements about the schemas of a catalogue. */
export function createSqlCheck(catalogue: Catalogue): SqlCheck {
  const names = new Set<string>()
  const words = new Set(TEMPLATE)
  const defaults = new Set<string>()
  const type = (text: string) => {
    for (const word of text.match(/[a-z_][a-z0-9_]*/gi) ?? []) words.add(word)
    for (const [, name = ''] of text.matchAll(/"((?:[^"]|"")*)"/g)) names.add(name)
  }
  for (const relation of catalogue.byOid.values()) {
    names.add(relation.schema).add(relation.name)
    for (const column of relation.columns.values()) {
      names.add(column.name)
      type(column.type)
      if (column.default !== null) defaults.add(column.default)
    }
  }
  for (const routine of [...catalogue.routines.values()].flatMap((named) => [...named.values()].flat())) {
    names.add(routine.schema).add(routine.name)
    type(routine.returns)
    for (const { name } of routine.outputs ?? []) names.add(name)
    for (const arg of routine.args) {
      names.add(arg.name)
      type(arg.type)
    }
  }
  for (const handler of catalogue.handlers) names.add(handler.schema).add(handler.name)
  for (const text of catalogue.types.values()) type(text)
  const settings = [...catalogue.roleSettings.values()].flatMap((s) => Object.keys(s))
  const known = [...defaults].sort((a, b) => b.length - a.length)

  return (text) => {
    if (text === PRIVILEGES_QUERY) return null
    let rest = text
    for (const one of known) rest = rest.replaceAll(`, ${one}`, ', ')
    for (const [, literal = ''] of rest.matchAll(/'((?:[^']|'')*)'/g)) {
      const setting = /^(?:role|search_path|timezone|transaction_read_only|request\.[a-z.]+)$/.test(literal)
      if (!LITERALS.has(literal) && !setting && !settings.includes(literal) && !names.has(literal))
        return `literal '${literal}'`
    }
    rest = rest.replace(/'(?:[^']|'')*'/g, ' ')
    for (const [, quoted = ''] of rest.matchAll(/"((?:[^"]|"")*)"/g)) {
      // A name that a request gives to its result is a name whatever it says, as long as it cannot end.
      const result = !/["\\\p{Cc}]/u.test(quoted) && Buffer.byteLength(quoted) <= 63
      if (!result && !names.has(quoted.replaceAll('""', '"'))) return `identifier "${quoted}"`
    }
    rest = rest.replace(/"(?:[^"]|"")*"/g, ' ')
    const bad = /;|--|\/\*|\*\/|\\|"|'|\$(?!\d)|[^\x20-\x7e]/.exec(rest)
    if (bad) return `"${bad[0]}" in ${rest.slice(Math.max(0, bad.index - 30), bad.index + 30)}`
    for (const [word] of rest.matchAll(/[a-z_][a-z0-9_]*/gi)) {
      if (!words.has(word) && !/^[tejshrc]\d+$/.test(word)) return `word ${word}`
    }
    return null
  }
}
