// Loaded before anything else (node --import): writes each address that this process wants to reach to CONNECTIONS_FILE.
import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import net from 'node:net'
import process from 'node:process'

const file = process.env.CONNECTIONS_FILE
const note = (kind, address) => appendFileSync(file, `${kind} ${address}\n`)

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...args) {
  // Node itself hands over what it has made of the arguments: a list with the options in front.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  if (typeof first === 'object') note('connect', first.path ?? `${first.host ?? 'localhost'}:${first.port}`)
  else
    note(
      'connect',
      typeof first === 'string' ? first : `${typeof second === 'string' ? second : 'localhost'}:${first}`,
    )
  return connect.apply(this, args)
}

const { send } = dgram.Socket.prototype
dgram.Socket.prototype.send = function (...args) {
  note('send', JSON.stringify(args.filter((arg) => typeof arg === 'string' || typeof arg === 'number')))
  return send.apply(this, args)
}

for (const module of [dns, dns.promises]) {
  for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6']) {
    const ask = module[name]
    module[name] = (host, ...rest) => {
      note('lookup', host)
      return ask.call(module, host, ...rest)
    }
  }
}
