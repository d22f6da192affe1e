import type { LanguageFn } from 'highlight.js'

type Grammar = { load: () => Promise<{ default: LanguageFn }>; names?: string; inside?: readonly string[] }

/**
 * The languages that source is coloured in: `names` is what else people and endings of files call them, `inside` what is
 * usually written in the middle of one. Each is a file of its own, since a channel shows one or two of them.
 */
export const GRAMMARS: Record<string, Grammar> = {
  arduino: { load: () => import('highlight.js/lib/languages/arduino'), names: 'ino' },
  bash: { load: () => import('highlight.js/lib/languages/bash'), names: 'sh zsh' },
  c: { load: () => import('highlight.js/lib/languages/c'), names: 'h' },
  cpp: { load: () => import('highlight.js/lib/languages/cpp'), names: 'cc c++ h++ hpp hh hxx cxx' },
  csharp: { load: () => import('highlight.js/lib/languages/csharp'), names: 'cs c#' },
  css: { load: () => import('highlight.js/lib/languages/css') },
  diff: { load: () => import('highlight.js/lib/languages/diff'), names: 'patch' },
  go: { load: () => import('highlight.js/lib/languages/go'), names: 'golang' },
  graphql: { load: () => import('highlight.js/lib/languages/graphql'), names: 'gql' },
  ini: { load: () => import('highlight.js/lib/languages/ini'), names: 'toml' },
  java: { load: () => import('highlight.js/lib/languages/java'), names: 'jsp' },
  javascript: {
    load: () => import('highlight.js/lib/languages/javascript'),
    names: 'js jsx mjs cjs',
    inside: ['xml'],
  },
  json: { load: () => import('highlight.js/lib/languages/json'), names: 'jsonc json5' },
  kotlin: { load: () => import('highlight.js/lib/languages/kotlin'), names: 'kt kts' },
  less: { load: () => import('highlight.js/lib/languages/less') },
  lua: { load: () => import('highlight.js/lib/languages/lua'), names: 'pluto' },
  makefile: { load: () => import('highlight.js/lib/languages/makefile'), names: 'mk mak make' },
  markdown: {
    load: () => import('highlight.js/lib/languages/markdown'),
    names: 'md mkdown mkd',
    inside: ['xml'],
  },
  objectivec: {
    load: () => import('highlight.js/lib/languages/objectivec'),
    names: 'mm objc obj-c obj-c++ objective-c++',
  },
  perl: { load: () => import('highlight.js/lib/languages/perl'), names: 'pl pm' },
  php: { load: () => import('highlight.js/lib/languages/php') },
  'php-template': { load: () => import('highlight.js/lib/languages/php-template'), inside: ['xml', 'php'] },
  python: { load: () => import('highlight.js/lib/languages/python'), names: 'py gyp ipython' },
  'python-repl': {
    load: () => import('highlight.js/lib/languages/python-repl'),
    names: 'pycon',
    inside: ['python'],
  },
  r: { load: () => import('highlight.js/lib/languages/r') },
  ruby: { load: () => import('highlight.js/lib/languages/ruby'), names: 'rb gemspec podspec thor irb' },
  rust: { load: () => import('highlight.js/lib/languages/rust'), names: 'rs' },
  scss: { load: () => import('highlight.js/lib/languages/scss') },
  shell: {
    load: () => import('highlight.js/lib/languages/shell'),
    names: 'console shellsession',
    inside: ['bash'],
  },
  sql: { load: () => import('highlight.js/lib/languages/sql') },
  swift: { load: () => import('highlight.js/lib/languages/swift') },
  typescript: {
    load: () => import('highlight.js/lib/languages/typescript'),
    names: 'ts tsx mts cts',
    inside: ['xml'],
  },
  vbnet: { load: () => import('highlight.js/lib/languages/vbnet'), names: 'vb' },
  wasm: { load: () => import('highlight.js/lib/languages/wasm') },
  xml: {
    load: () => import('highlight.js/lib/languages/xml'),
    names: 'html htm vue xhtml rss atom xjb xsd xsl plist wsf svg',
    inside: ['css', 'javascript'],
  },
  yaml: { load: () => import('highlight.js/lib/languages/yaml'), names: 'yml' },
}
