import { buildCatalogue, type Catalogue, type Column } from './catalogue'

function column(name: string, number: number, type = 'text'): Column {
  const base = { category: 'S', composite: false, required: false, default: null }
  return { name, number, type, base: type, ...base }
}

function relation(oid: number, name: string, columns: [string, string?][]) {
  return {
    oid,
    schema: 'public',
    name,
    kind: 'r' as const,
    comment: null,
    definition: null,
    columns: columns.map(([column_, type], i) => column(column_, i + 1, type)),
    keys: [{ primary: true, columns: ['id'] }],
  }
}

/** Authors and posts, for tests that need no database. */
export function testCatalogue(): Catalogue {
  return buildCatalogue(
    {
      relations: [
        relation(1, 'authors', [
          ['id', 'integer'],
          ['name'],
          ['data', 'jsonb'],
          ['words', 'tsvector'],
          ['odd "name"'],
        ]),
        relation(2, 'posts', [['id', 'integer'], ['title'], ['author_id', 'integer']]),
      ],
      foreignKeys: [{ name: 'posts_author_id_fkey', from: 2, to: 1, columns: [['author_id', 'id']] }],
      routines: [],
      handlers: [],
      types: { int4: 'integer', text: 'text' },
      roleSettings: [],
    },
    ['public'],
  )
}
