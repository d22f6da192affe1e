import { expect, test } from 'vitest'
import { checkChannelName, normalizeChannelName } from './name'

test('a name becomes what the database would store', () => {
  expect(normalizeChannelName('#Team Marketing')).toBe('team-marketing')
  expect(normalizeChannelName('  ## Ärger & Freude')).toBe('ärger-&-freude')
  expect(normalizeChannelName('日本 チーム')).toBe('日本-チーム')
  expect(normalizeChannelName('q3.2026_plan ')).toBe('q3.2026_plan-')
})

test('letters of every script are fine, signs are not', () => {
  for (const name of ['general', 'ärger', '日本-チーム', 'q3.2026_plan', 'فريق', '🎉'])
    expect(checkChannelName(name)).toBeUndefined()
  for (const name of ['a&b', 'a/b', 'a@b', '<b>', '---', 'a b', 'a\u200db'.replace('\u200d', '\u202e')])
    expect(checkChannelName(name)).toBe(name === 'a b' ? undefined : 'channel_name_invalid')
})

test('blank, long and reserved names are told apart', () => {
  expect(checkChannelName('\u200b')).toBe('name_blank')
  expect(checkChannelName('x'.repeat(81))).toBe('name_too_long')
  expect(checkChannelName('here')).toBe('channel_name_reserved')
})
