/** Which column of which relation a view's column is, when it is one. */
export type ViewColumn = { number: number; relation: number; column: number }

/**
 * Reads a view's columns and where they come from out of its rewrite rule (`pg_rewrite.ev_action`).
 *
 * The catalogue has no other record of it. Only the entries of the outermost target list count; those of subqueries
 * stand deeper in the tree.
 */
export function viewOrigins(rule: string): ViewColumn[] {
  const columns: ViewColumn[] = []
  let depth = 0
  let entry = -1
  for (let at = 0; at < rule.length; at++) {
    const character = rule[at]
    if (character === '\\') at++
    else if (character === '{') {
      depth++
      if (depth === 2 && rule.startsWith('{TARGETENTRY ', at)) entry = at
    } else if (character === '}') {
      if (depth === 2 && entry >= 0) {
        const found =
          /:resno (\d+) :resname (?:\\.|[^\s])* :ressortgroupref \d+ :resorigtbl (\d+) :resorigcol (\d+) :resjunk false$/.exec(
            rule.slice(entry, at),
          )
        if (found && found[2] !== '0')
          columns.push({ number: Number(found[1]), relation: Number(found[2]), column: Number(found[3]) })
        entry = -1
      }
      depth--
    }
  }
  return columns
}
