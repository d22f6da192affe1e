import { expect, test } from 'vitest'
import { startTestDatabase } from '../testing/server'
import { openPools, textArray } from './pools'

test('a text array arrives as it was written', async () => {
  const database = await startTestDatabase({ migrationsDir: null })
  const pools = openPools(database)
  try {
    const values = ['', 'a,b', '{}', 'say "x" \\ y', 'NULL', null, '\n ü']
    const [row] = await pools.admin`select to_json(${textArray(values)}::text[]) as values`
    expect(row?.values).toEqual(values)
    expect(await pools.asking`select current_user as name`).toEqual([{ name: 'authenticator' }])
  } finally {
    await pools.end()
    await database.stop()
  }
})
