import { expect, test } from 'vitest'
import { BindingError, OPERATORS, parseFilter } from './filter'

const condition = (column: string, operator: string, values: string[], negated = false) => ({
  column,
  operator,
  negated,
  values,
})

test('every operator, plain and negated', () => {
  for (const operator of OPERATORS) {
    if (operator === 'in' || operator === 'is') continue
    expect(parseFilter(`a=${operator}.5`)).toEqual([condition('a', operator, ['5'])])
    expect(parseFilter(`a=not.${operator}.5`)).toEqual([condition('a', operator, ['5'], true)])
  }
  expect(parseFilter('a=in.(1,"b,c", d )')).toEqual([condition('a', 'in', ['1', 'b,c', 'd'])])
  expect(parseFilter('a=not.is.NULL')).toEqual([condition('a', 'is', ['null'], true)])
})

test('conditions are joined by commas outside quotes and parentheses', () => {
  expect(parseFilter('a=in.(1,2),b=eq."x,y",c=like.%z%')).toEqual([
    condition('a', 'in', ['1', '2']),
    condition('b', 'eq', ['x,y']),
    condition('c', 'like', ['%z%']),
  ])
})

test('quotes and backslashes', () => {
  expect(parseFilter(String.raw`a=eq."say \"hi\" \\ (there)"`)).toEqual([
    condition('a', 'eq', [String.raw`say "hi" \ (there)`]),
  ])
  expect(parseFilter('a=eq.')).toEqual([condition('a', 'eq', [''])])
  expect(parseFilter('a=eq.x=y.z')).toEqual([condition('a', 'eq', ['x=y.z'])])
  expect(parseFilter('')).toEqual([])
})

test.each([
  'a',
  'a=',
  'a=eq',
  'a=between.1',
  'a=eq.1,',
  ',a=eq.1',
  'a=in.1',
  'a=in.(1',
  'a=is.5',
  'a=eq."x',
  '=eq.1',
  'a=not.5',
])('%s is refused', (text) => expect(() => parseFilter(text)).toThrow(BindingError))

test('a list has a hundred values at most', () => {
  const list = (count: number) => `a=in.(${Array.from({ length: count }, (_, i) => i).join()})`
  expect(parseFilter(list(100))[0]?.values).toHaveLength(100)
  expect(() => parseFilter(list(101))).toThrow(/at most 100/)
})
