import { randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@supabase/supabase-js'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { startTestServer, type TestServer } from '../testing/server'

// They wait for disks, and a busy machine is slow, not wrong.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const token = 'a-token-for-prometheus'
let server: TestServer
let backups: string
beforeAll(async () => {
  backups = await mkdtemp(join(tmpdir(), 'ec-metrics-'))
  const backup = { dir: backups, everyHours: 24, keepDaily: 1, keepWeekly: 0, walSeconds: 60 }
  server = await startTestServer({ settings: { metrics: { token, loopback: false }, backup } })
})
afterAll(async () => {
  await server?.stop()
  await rm(backups, { recursive: true, force: true })
})

const scrape = async (): Promise<string> => {
  const headers = { authorization: `Bearer ${token}` }
  const response = await fetch(`${server.url}/metrics`, { headers })
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^text\/plain; version=0\.0\.4/),
  ])
  return response.text()
}
const value = (text: string, line: string): number => {
  const found = text.split('\n').find((each) => each.startsWith(`${line} `))
  return Number(found?.slice(line.length + 1))
}

test('sends, deliveries, sockets, refusals, WAL and pools are counted as they happen', async () => {
  const email = `${randomUUID()}@example.org`
  const client = createClient(server.url, server.publishableKey, {
    auth: { persistSession: false },
    realtime: { transport: WebSocket as never },
  })
  const password = 'correct horse battery'
  const { data, error } = await client.auth.signUp({ email, password })
  expect(error).toBeNull()
  const before = await scrape()
  expect((await client.auth.signInWithPassword({ email, password: 'wrong' })).error).not.toBeNull()
  await client.auth.signInWithPassword({ email, password })
  const heard = new Promise((resolve, reject) => {
    client
      .channel('own')
      .on('postgres_changes', { event: 'UPDATE', schema: 'public', table: 'profiles' }, resolve)
      .on('system', {}, async ({ status }) => {
        if (status !== 'ok') return reject(new Error(status))
        const id = data.user?.id ?? ''
        const written = await client.from('profiles').update({ display_name: 'Ada' }).eq('id', id).select()
        if (written.error) reject(written.error)
      })
      .subscribe()
  })
  await heard
  const after = await scrape()
  const grown = (line: string) => value(after, line) - (value(before, line) || 0)
  expect(grown('chat_auth_failures_total{endpoint="token",status="400"}')).toBe(1)
  expect(grown('chat_write_seconds_count{table="profiles"}')).toBe(1)
  expect(grown('chat_deliveries_total')).toBeGreaterThanOrEqual(1)
  expect(grown('chat_delivery_seconds_count{table="profiles"}')).toBeGreaterThanOrEqual(1)
  expect(value(after, 'chat_sockets')).toBe(1)
  expect(value(after, 'chat_up')).toBe(1)
  await expect.poll(async () => value(await scrape(), 'chat_queue_waiting{queue="changes"}')).toBe(0)
  expect(value(await scrape(), 'chat_change_lag_seconds')).toBe(0)
  expect(after).toMatch(/chat_wal_lag_bytes\{slot="enterprise_chat_realtime_\d+"\} \d/)
  expect(after).toMatch(/chat_database_connections\{pool="rest",state="idle"\} [1-9]/)
  await client.removeAllChannels()
  await expect.poll(async () => value(await scrape(), 'chat_sockets')).toBe(0)
})

test('whatever the dashboard asks for exists', async () => {
  await expect
    .poll(async () => value(await scrape(), 'chat_backup_bytes'), { timeout: 60_000 })
    .toBeGreaterThan(0)
  const text = await scrape()
  const present = new Set([...text.matchAll(/^([a-z_]+)(?:\{| )/gm)].map(([, name]) => name))
  const path = fileURLToPath(new URL('../../deploy/grafana-dashboard.json', import.meta.url))
  const { panels } = JSON.parse(await readFile(path, 'utf8'))
  const queries: string[] = panels.flatMap((panel: { targets: { expr: string }[] }) =>
    panel.targets.map(({ expr }) => expr),
  )
  const asked = queries.flatMap((expr) => expr.match(/\b(?:chat|nodejs|process)_[a-z0-9_]+/g) ?? [])
  expect(asked.length).toBeGreaterThan(queries.length - 1)
  expect(asked.filter((name) => !text.includes(`\n${name} `) && !text.includes(`\n${name}{`))).toEqual([])
  const own = [...present].filter((name) => name?.startsWith('chat_'))
  const shown = new Set(asked.map((name) => name.replace(/_(bucket|count|sum)$/, '')))
  expect(own.filter((name) => !shown.has(name?.replace(/_(bucket|count|sum)$/, '') ?? ''))).toEqual([])
})

test('nobody reads it without the token, whatever address they come from', async () => {
  for (const authorization of [undefined, 'Bearer wrong', `Basic ${token}`]) {
    const response = await fetch(`${server.url}/metrics`, { headers: authorization ? { authorization } : {} })
    expect([response.status, await response.json()]).toMatchObject([401, { code: 'unauthorized' }])
  }
})

test('without a setting it is not there; opened for this machine, it is closed to what comes through a proxy', async () => {
  const ask = (port: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/metrics', headers }
      request(options, (response) => resolve(response.resume().statusCode))
        .once('error', reject)
        .end()
    })
  const closed = await startTestServer({ services: [] })
  const local = await startTestServer({ services: [], settings: { metrics: { loopback: true } } })
  try {
    expect(await ask(new URL(closed.url).port, {})).toBe(404)
    const { port } = new URL(local.url)
    expect(await ask(port, {})).toBe(200)
    expect(await ask(port, { 'x-forwarded-for': '203.0.113.9' })).toBe(404)
    expect(await ask(port, { host: 'chat.example.com' })).toBe(404)
  } finally {
    await closed.stop()
    await local.stop()
  }
})
