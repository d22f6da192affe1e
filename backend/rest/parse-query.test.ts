import { describe, expect, test } from 'vitest'
import { RestError } from './errors'
import { parseQuery, splitQuery } from './parse-query'

const parse = (search: string, isCall = false) => parseQuery(splitQuery(search), isCall)
const failure = (search: string) => {
  try {
    parse(search)
  } catch (error) {
    if (error instanceof RestError)
      return { code: error.code, message: error.message, details: error.details }
  }
  return null
}
const field = (name: string, ...path: unknown[]) => ({ name, path })

describe('select', () => {
  test('columns with alias, JSON path, cast and aggregate', () => {
    expect(parse('select=*,a:b,d->x->0->>"y z"::int,n.sum()::text,count()').select).toEqual([
      { kind: 'star' },
      { kind: 'field', field: field('b'), alias: 'a' },
      {
        kind: 'field',
        field: field('d', { arrow: '->', key: 'x' }, { arrow: '->', key: 0 }, { arrow: '->>', key: 'y z' }),
        cast: 'int',
      },
      { kind: 'field', field: field('n'), aggregate: 'sum', aggregateCast: 'text' },
      { kind: 'field', field: null, aggregate: 'count' },
    ])
  })

  test('embeds with hint, join, spread and nesting', () => {
    expect(parse('select=x:a!fk!inner(id,b!left()),...c(d)').select).toEqual([
      {
        kind: 'embed',
        target: 'a',
        alias: 'x',
        hint: 'fk',
        join: 'inner',
        spread: false,
        items: [
          { kind: 'field', field: field('id') },
          { kind: 'embed', target: 'b', join: 'left', spread: false, items: [] },
        ],
      },
      { kind: 'embed', target: 'c', spread: true, items: [{ kind: 'field', field: field('d') }] },
    ])
  })

  test('names with spaces, dashes, other scripts, and quotes for the rest', () => {
    expect(parse('select=a b,c-d,größe,"e.f\\"g"').select).toEqual(
      ['a b', 'c-d', 'größe', 'e.f"g'].map((name) => ({ kind: 'field', field: field(name) })),
    )
  })
})

describe('filters', () => {
  test('leave their values out of the shape', () => {
    const split = splitQuery(
      'id=eq.1&name=not.like(any).{a*}&data->>x=in.(1,2)&code=is.null&limit=5&order=id',
    )
    expect(split.values).toEqual(['1', '{a*}', '(1,2)', '5'])
    expect(split.shape).toBe(
      splitQuery('id=eq.2&name=not.like(any).{b}&data->>x=in.(3)&code=is.null&limit=7&order=id').shape,
    )
    expect(split.shape).not.toBe(
      splitQuery('id=gt.2&name=not.like(any).{b}&data->>x=in.(3)&code=is.null&limit=7&order=id').shape,
    )
    expect(split.shape).not.toBe(
      splitQuery('id=eq.2&name=not.like(any).{b}&data->>x=in.(3)&code=is.true&limit=7&order=id').shape,
    )
  })

  test('of the root, of embeds, and as trees', () => {
    const query = parse(
      'a.b.c=not.eq.1&a.or=(x.gt.2,not.and(y.is.null,z.in.(1,"2,3")))&not.and=(p.fts(german).q,r.eq."s,t")',
    )
    expect(query.root.conditions).toEqual([
      {
        kind: 'and',
        not: true,
        terms: [
          {
            kind: 'filter',
            field: field('p'),
            not: false,
            op: 'fts',
            language: 'german',
            value: { text: 'q' },
          },
          { kind: 'filter', field: field('r'), not: false, op: 'eq', value: { text: 's,t' } },
        ],
      },
    ])
    expect(query.embeds.map(({ path }) => path)).toEqual([['a', 'b'], ['a']])
    expect(query.embeds[0]?.level.conditions).toEqual([
      { kind: 'filter', field: field('c'), not: true, op: 'eq', value: { slot: 0 } },
    ])
    expect(query.embeds[1]?.level.conditions).toMatchObject([
      {
        kind: 'or',
        terms: [
          { op: 'gt' },
          { kind: 'and', not: true, terms: [{ op: 'is' }, { value: { text: '(1,"2,3")' } }] },
        ],
      },
    ])
  })

  test('are told from the arguments of a call', () => {
    const query = parse('a=1&b=eq.2&c=hello.world&d=', true)
    expect(query.args.map(({ name }) => name)).toEqual(['a', 'c', 'd'])
    expect(query.root.conditions).toMatchObject([{ field: { name: 'b' } }])
    expect(splitQuery('c=hello.world').values).toEqual(['hello.world'])
  })
})

describe('order and the rest', () => {
  test('directions, nulls, JSON and related columns', () => {
    expect(parse('order=a.desc.nullslast,b->c.nullsfirst,d(e).asc').root.order).toEqual([
      { field: field('a'), direction: 'desc', nulls: 'last' },
      { field: field('b', { arrow: '->', key: 'c' }), nulls: 'first' },
      { relation: 'd', field: field('e'), direction: 'asc' },
    ])
  })

  test('columns and on_conflict', () => {
    expect(parse('columns="a","b c"&on_conflict=x,y')).toMatchObject({
      columns: ['a', 'b c'],
      onConflict: ['x', 'y'],
    })
  })
})

describe('what cannot be read', () => {
  test.each([
    [
      'select=id,',
      '"failed to parse select parameter (id,)" (line 1, column 4)',
      'unexpected end of input expecting field name (* or [a..z0..9_$])',
    ],
    [
      'select=a(b',
      '"failed to parse select parameter (a(b)" (line 1, column 4)',
      'unexpected end of input expecting ")"',
    ],
    [
      'select=id[]',
      '"failed to parse select parameter (id[])" (line 1, column 3)',
      'unexpected "[" expecting end of input',
    ],
    [
      'id=1',
      '"failed to parse filter (1)" (line 1, column 1)',
      'unexpected "1" expecting operator (eq, gt, ...)',
    ],
    [
      'id=eq(any)',
      '"failed to parse filter (eq(any))" (line 1, column 1)',
      'unexpected "e" expecting operator (eq, gt, ...)',
    ],
    [
      'or=(id.eq.1',
      '"failed to parse logic tree ((id.eq.1)" (line 1, column 9)',
      'unexpected end of input expecting ")"',
    ],
    [
      'or=id.eq.1',
      '"failed to parse logic tree (id.eq.1)" (line 1, column 1)',
      'unexpected "i" expecting "("',
    ],
    [
      'order=id.up',
      '"failed to parse order (id.up)" (line 1, column 3)',
      'unexpected "." expecting end of input',
    ],
  ])('%s', (search, message, details) => {
    expect(failure(search)).toEqual({ code: 'PGRST100', message, details })
  })

  test.each([
    'id=foo.1',
    'id=cs(any).{1}',
    'id=is.maybe',
    'a..b=eq.1',
    '=eq.1',
    'id=not.',
    'select=a:b:c',
    'x=%E0%A4%A',
  ])('%s', (search) => {
    expect(failure(search)).toMatchObject({ code: 'PGRST100' })
  })
})
