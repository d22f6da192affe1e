import type { Catalogue } from '../../rest/catalogue'

/** The names that requests can be made of. */
export type Vocabulary = {
  relations: { name: string; columns: string[]; related: string[]; hints: string[] }[]
  routines: { name: string; args: string[] }[]
  types: string[]
}

export function vocabularyOf(catalogue: Catalogue): Vocabulary {
  const relations = [...(catalogue.relations.get('public')?.values() ?? [])]
  const routines = [...(catalogue.routines.get('public')?.values() ?? [])].flat()
  return {
    relations: relations.map((relation) => ({
      name: relation.name,
      columns: [...relation.columns.keys(), ...relation.computed.keys()],
      related: relation.relationships.map((r) => r.routine?.name ?? r.to.name),
      hints: relation.relationships.flatMap((r) => [
        r.constraint,
        ...r.columns.map(([column]) => column),
        ...(r.junction ? [r.junction.relation.name] : []),
      ]),
    })),
    routines: routines.map(({ name, args }) => ({ name, args: args.map((a) => a.name) })),
    types: [...catalogue.types.keys()],
  }
}

/** What has a meaning somewhere, or ends something somewhere, or is simply odd. */
export const ODD = [
  ...[
    "'",
    '"',
    '\\',
    ';',
    '--',
    '/*',
    '*/',
    '$1',
    '$$',
    '\0',
    '\n',
    '\r',
    '\t',
    ' ',
    '  ',
    '%',
    '%00',
    '%zz',
    '%f0%9f',
  ],
  ...[
    '(',
    ')',
    '((',
    '))',
    '{',
    '}',
    '[',
    ']',
    ',',
    '.',
    '..',
    '...',
    ':',
    '::',
    '!',
    '!!',
    '->',
    '->>',
    '->>->',
    '*',
    '=',
    '&',
    '?',
    '#',
    '+',
  ],
  ...[
    '💥',
    'é',
    '\u202e',
    '\uffff',
    '\ud800',
    'ﬁ',
    'İ',
    'x'.repeat(70),
    '9'.repeat(40),
    '-1',
    '0',
    '1e400',
    'NaN',
    'Infinity',
    'null',
    'true',
  ],
  ...[
    "' or 1=1 --",
    '"; drop table teams; --',
    'pg_sleep(9)',
    'pg_catalog.pg_authid',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
  ],
  ...[
    'select',
    'order',
    'limit',
    'offset',
    'and',
    'or',
    'not',
    'not.',
    'eq.',
    'is.',
    'in.',
    'is.null',
    'count()',
    'count',
    'sum()',
    'ctid',
    'xmin',
    'tableoid',
  ],
] as const
