import { expect, test } from 'vitest'
import { parseDeclaration } from './declarations'

test('scope and dependencies are read', () => {
  expect(parseDeclaration('@realtime scope=channel_id depends=private.access(user_id,channel_id)')).toEqual({
    scope: ['channel_id'],
    depends: [{ schema: 'private', table: 'access', userColumn: 'user_id', scopeColumns: ['channel_id'] }],
  })
  expect(parseDeclaration('Members only.\n@realtime scope=a,b depends=s.t(u);s.w(*,a)')).toEqual({
    scope: ['a', 'b'],
    depends: [
      { schema: 's', table: 't', userColumn: 'u', scopeColumns: [] },
      { schema: 's', table: 'w', userColumn: null, scopeColumns: ['a'] },
    ],
  })
  expect(parseDeclaration('@realtime scope=user_id')).toEqual({ scope: ['user_id'], depends: [] })
})

test.each([
  null,
  'Members only.',
  '@realtime scope=a depends=t(u)',
  '@realtime scop=a',
  '@realtime scope=a;drop',
  '@realtime scope=a depends=s.t("u")',
])('%s declares nothing', (comment) => expect(parseDeclaration(comment)).toBeNull())
