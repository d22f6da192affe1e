import { expect, test } from 'vitest'
import { emojiTable, isOnlyEmoji, loadEmoji, replaceShortcodes, searchEmoji } from './emoji'

test('the table grows when it is asked for', async () => {
  expect(emojiTable.get().byName.get('tada')).toBe('🎉')
  expect(emojiTable.get().byName.has('octopus')).toBe(false)
  await loadEmoji()
  expect(emojiTable.get().byName.get('octopus')).toBe('🐙')
})

test('exact names come first, then beginnings, then the rest', async () => {
  await loadEmoji()
  const names = searchEmoji(emojiTable.get(), 'heart', 10).map((item) => item.names[0])
  expect(names[0]).toBe('heart')
  expect(names.length).toBe(10)
  expect(searchEmoji(emojiTable.get(), 'qqqq', 10)).toEqual([])
})

test('names become emoji except in code and in times of day', () => {
  const table = emojiTable.get()
  expect(replaceShortcodes('done :tada: `:tada:` 10:+1:30', table)).toBe('done 🎉 `:tada:` 10:+1:30')
  expect(replaceShortcodes('```\n:tada:\n```', table)).toBe('```\n:tada:\n```')
  expect(replaceShortcodes(':nothing:', table)).toBe(':nothing:')
})

test('knows a message of emoji only', () => {
  for (const yes of ['👍', '👩‍👩‍👧 🇫🇮', '❤️❤️', '1️⃣', 'ℹ️']) expect(isOnlyEmoji(yes), yes).toBe(true)
  for (const no of ['', 'ok 👍', 'ja', 'да', '12', '#', '👍'.repeat(13)])
    expect(isOnlyEmoji(no), no).toBe(false)
})
