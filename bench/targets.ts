/**
 * Targets, fixed before the first run. They change only for a reason that is not "we failed it": a commit that
 * lowers one says which physical line moved.
 */
export const targets = {
  'sends-32': { what: 'durable sends over REST, 32 senders, 32 channels', unit: '/s', atLeast: 1500 },
  'sends-32-hot': { what: 'durable sends over REST, 32 senders, one channel', unit: '/s', atLeast: 800 },
  'sends-1': { what: 'durable sends over REST, one sender', unit: '/s', atLeast: 400 },
  'ack-p50': { what: 'ack, 32 senders, 750 scheduled sends/s: p50', unit: 'ms', atMost: 8 },
  'ack-p99': { what: 'ack, 32 senders, 750 scheduled sends/s: p99', unit: 'ms', atMost: 40 },
  'ack-1-p50': { what: 'ack, one sender, 50 scheduled sends/s: p50', unit: 'ms', atMost: 3 },
  'ack-1-p99': { what: 'ack, one sender, 50 scheduled sends/s: p99', unit: 'ms', atMost: 15 },
  'pages-16': {
    what: 'pages of 50 messages with their authors by query string, 16 readers',
    unit: '/s',
    atLeast: 0.6,
    ofLine: true,
  },
  'page-p50': { what: 'page of 50 messages with their authors, one reader: p50', unit: 'ms', atMost: 5 },
  'history-p50': { what: 'page at a random depth of 10 million messages: p50', unit: 'ms', atMost: 5 },
  'history-p99': { what: 'page at a random depth of 10 million messages: p99', unit: 'ms', atMost: 25 },
  'search-p50': {
    what: 'search of 10 million messages, words of all frequencies: p50',
    unit: 'ms',
    atMost: 40,
  },
  'search-p95': {
    what: 'search of 10 million messages, words of all frequencies: p95',
    unit: 'ms',
    atMost: 300,
  },
  'search-p99': {
    what: 'search of 10 million messages, words of all frequencies: p99',
    unit: 'ms',
    atMost: 800,
  },
  'search-recall': {
    what: 'search: the newest 20, of what a look at every message finds',
    unit: '',
    atLeast: 1,
  },
  'search-lag': { what: 'from a send to the search that finds it, 210 sends/s: p99', unit: 's', atMost: 2 },
  'bootstrap-p95': {
    what: 'start of the app, 300 channels, an organisation of 10,000: p95',
    unit: 'ms',
    atMost: 80,
  },
  'bootstrap-size': {
    what: 'start of the app, 300 channels, an organisation of 10,000: compressed',
    unit: 'KB',
    atMost: 60,
  },
  'delivery-p50': { what: 'one channel, 200 sockets, 10 messages/s: delivery p50', unit: 'ms', atMost: 10 },
  'delivery-p99': { what: 'one channel, 200 sockets, 10 messages/s: delivery p99', unit: 'ms', atMost: 50 },
  'delivery-last': {
    what: 'one channel, 200 sockets, 10 messages/s: last socket, p99',
    unit: 'ms',
    atMost: 75,
  },
  'fanout-1k-p50': {
    what: 'one channel, 1,000 sockets, 10 messages/s: delivery p50',
    unit: 'ms',
    atMost: 25,
  },
  'fanout-1k-p99': {
    what: 'one channel, 1,000 sockets, 10 messages/s: delivery p99',
    unit: 'ms',
    atMost: 100,
  },
  'fanout-1k-last': {
    what: 'one channel, 1,000 sockets, 10 messages/s: last socket, p99',
    unit: 'ms',
    atMost: 150,
  },
  'fanout-5k-p50': { what: 'one channel, 5,000 sockets, 2 messages/s: delivery p50', unit: 'ms', atMost: 90 },
  'fanout-5k-p99': {
    what: 'one channel, 5,000 sockets, 2 messages/s: delivery p99',
    unit: 'ms',
    atMost: 300,
  },
  'fanout-5k-last': {
    what: 'one channel, 5,000 sockets, 2 messages/s: last socket, p99',
    unit: 'ms',
    atMost: 400,
  },
  'fanout-10k-p50': {
    what: 'one channel, 10,000 sockets, 1 message/s: delivery p50',
    unit: 'ms',
    atMost: 130,
  },
  'fanout-10k-p99': {
    what: 'one channel, 10,000 sockets, 1 message/s: delivery p99',
    unit: 'ms',
    atMost: 400,
  },
  'fanout-10k-last': {
    what: 'one channel, 10,000 sockets, 1 message/s: last socket, p99',
    unit: 'ms',
    atMost: 500,
  },
  'channels-rate': {
    what: '500 channels of 20 sockets: most messages/s with p99 ≤ 250 ms and nothing lost',
    unit: '/s',
    atLeast: 1000,
  },
  'channels-p99': {
    what: '500 channels of 20 sockets, 500 messages/s: delivery p99',
    unit: 'ms',
    atMost: 250,
  },
  'quiet-p99': {
    what: 'delivery p99 in 500 quiet channels beside 2 messages/s to 5,000 sockets, of its value alone',
    unit: '×',
    atMost: 1.5,
  },
  'connect-rate': { what: 'connect and subscribe, 10,000 sockets', unit: '/s', atLeast: 500 },
  reconnect: {
    what: 'restart of the server: until 10,000 clients have reconnected and are in sync',
    unit: 's',
    atMost: 30,
  },
  'badges-p99': { what: 'unread badges of 300 channels, one reader: p99', unit: 'ms', atMost: 10 },
  'memory-socket-10k': { what: 'memory per idle subscribed socket, of 10,000', unit: 'KB', atMost: 20 },
  'idle-sockets': { what: 'processor time with 10,000 idle sockets, of one core', unit: '%', atMost: 5 },
  presence: {
    what: '5,000 people online, 10 % a minute leave and return, 200 visible each: processor time, of one core',
    unit: '%',
    atMost: 10,
  },
  'presence-workspace': {
    what: '5,000 people online in one workspace, 10 % a minute leave and return: processor time, of one core',
    unit: '%',
    atMost: 30,
  },
  'start-empty': { what: 'start in an empty folder, to the first sign-in page', unit: 's', atMost: 8 },
  'start-again': { what: 'second start, to the first sign-in page', unit: 's', atMost: 4 },
  'start-after-kill': {
    what: 'after kill -9 of everything, to the first acknowledged send',
    unit: 's',
    atMost: 5,
  },
  logins: {
    what: 'sign-ins, all different people; line: bcrypt on all cores',
    unit: '/s',
    atLeast: 0.75,
    ofLine: true,
  },
  'logins-chat-p99': {
    what: 'delivery p99 while people sign in, of its quiet value',
    unit: '×',
    atMost: 1.5,
  },
  'flap-chat-p99': {
    what: 'delivery p99 while 1,000 joins a second come and go, of its quiet value',
    unit: '×',
    atMost: 2,
  },
  'files-upload': {
    what: 'files of 25 MB, 20 uploads at once, synced; line: a server that only writes and syncs them',
    unit: 'MB/s',
    atLeast: 150,
  },
  'files-memory': {
    what: 'memory that the backend takes more while they come in, at most',
    unit: 'MB',
    atMost: 100,
  },
  'files-chat-p99': { what: 'delivery p99 beside these uploads, of its quiet value', unit: '×', atMost: 1.5 },
  'client-js': { what: 'first channel view: JavaScript over the line', unit: 'KB', atMost: 170 },
  'client-js-parsed': { what: 'first channel view: JavaScript parsed', unit: 'KB', atMost: 600 },
  'client-lcp-cold': { what: 'first visit of a channel, slow phone: LCP', unit: 's', atMost: 2 },
  'client-lcp-warm': { what: 'next visit of a channel, slow phone: LCP', unit: 's', atMost: 0.8 },
  'client-tbt': { what: 'first visit of a channel, slow phone: blocked (TBT)', unit: 'ms', atMost: 200 },
  'client-cls': { what: 'first visit of a channel, slow phone: layout shift (CLS)', unit: '', atMost: 0.02 },
  'client-inp': { what: '200 actions, slow phone: INP, p75', unit: 'ms', atMost: 100 },
  'client-switch-uncached': {
    what: 'click on a channel never opened, to its messages: p95',
    unit: 'ms',
    atMost: 150,
  },
  'client-switch-cached': {
    what: 'click on a channel opened before, to its messages: p95',
    unit: 'ms',
    atMost: 50,
  },
  'client-send': { what: 'Enter to the own message on the screen: p95', unit: 'ms', atMost: 32 },
  'client-key': {
    what: 'key to its letter, 5,000 messages loaded, 20 more a second: p95',
    unit: 'ms',
    atMost: 33,
  },
  'client-key-task': {
    what: 'longest task of the page meanwhile',
    unit: 'ms',
    atMost: 50,
  },
  'client-scroll-jump': {
    what: 'loading 10,000 messages page by page: largest jump of what is read',
    unit: 'px',
    atMost: 0,
  },
  'client-scroll-dropped': {
    what: 'scrolling through 10,000 messages: dropped frames',
    unit: '%',
    atMost: 1,
  },
  'client-heap': { what: 'JavaScript heap after 100 channels', unit: 'MB', atMost: 150 },
  'client-offline': {
    what: 'start without a network, a quarter of the processor, to the last state: p95',
    unit: 's',
    atMost: 1,
  },
  'memory-idle': { what: 'idle memory of backend, Next.js and PostgreSQL', unit: 'MB', atMost: 350 },
  'memory-socket': { what: 'memory per idle subscribed socket, of 1,000', unit: 'KB', atMost: 20 },
} as const satisfies Record<string, Target>

/** `ofLine`: the target is for the share of the physical line, R. */
export type Target = { what: string; unit: string; ofLine?: true } & (
  | { atLeast: number }
  | { atMost: number }
)
export type RowId = keyof typeof targets

/** One repeat of a row: the product and its physical line, measured next to each other. */
export type Sample = { value: number; line?: number }
export type Measured = Partial<Record<RowId, Sample[]>>
