import type { Aggregate, FieldItem, Operand } from './ast'
import type { Catalogue } from './catalogue'
import { castSql, columnName, columnSql, valueSql } from './compile-field'
import { type Context, conditionsSql, embedOf, fieldSql, orderSql, whereSql } from './compile-filter'
import { RestError } from './errors'
import { drawTogether, finish, type Hoisted, handOn } from './hoisting'
import { isToOne } from './relationships'
import { type Embed, hasAggregate, type ReadNode } from './resolve'
import { type Builder, count, ident, qualified, resultName } from './sql'

/** Where the rows of the root come from in SQL. */
export type Root = {
  /** Text of the FROM item, without alias. */
  from: string
  /** Row type, when the rows come from a CTE and have lost theirs. */
  rowType?: string
}

export type ReadOptions = {
  /** Rows of any one level, at most. */
  maxRows: number | null
  aggregates: boolean
}

/** The parts of a level while it is written. */
type LevelParts = {
  tables: string[]
  columns: string[]
  groups: string[]
  /** Where aggregates go that another level works out; null when this one does. */
  hoisted: Hoisted[] | null
}

/** Writes the SELECT of a resolved tree. */
export class ReadCompiler {
  private readonly context: Context
  private readonly root: ReadNode
  private readonly source: Root
  private readonly options: ReadOptions
  private readonly builder: Builder

  constructor(builder: Builder, catalogue: Catalogue, root: ReadNode, source: Root, options: ReadOptions) {
    this.builder = builder
    this.root = root
    this.source = source
    this.options = options
    this.context = {
      builder,
      catalogue,
      exists: (node, alias, name) => this.exists(alias, embedOf(node, name), node),
      related: (node, alias, term) => this.related(node, alias, term.relation ?? '', term.field),
      row: (node, alias) => this.row(node, alias),
    }
  }

  /** The whole select: its rows are the elements of the answer. `filtered` is false when the source already is. */
  select(filtered: boolean): string {
    const limit = this.builder.param('limit', '', (b) => b.limit)
    const offset = this.builder.param('offset', '', (b) => b.offset)
    return this.level(this.root, 't', this.source.from, [], filtered, ` limit ${limit} offset ${offset}`)
  }

  /** A select of one row per row of the source that the conditions let through, without limit. */
  matching(): string {
    const conditions = this.where(this.root, 't', true)
    return `select 1 from ${this.source.from} t${whereSql(conditions)}`
  }

  /** The conditions on the root, for the mutation of `alias`. */
  rootConditions(alias: string): string {
    return whereSql(conditionsSql(this.context, this.root, alias, this.root.level.conditions))
  }

  private row(node: ReadNode, alias: string): string {
    if (node !== this.root || !this.source.rowType) return `${alias}.*`
    return `row(${alias}.*)::${this.source.rowType}`
  }

  /** One level: its columns, its embeds, its conditions. Aggregates of a spread's level go to `hoisted` instead. */
  private level(
    node: ReadNode,
    alias: string,
    from: string,
    joins: string[],
    filtered: boolean,
    window: string,
    hoisted: Hoisted[] | null = null,
  ): string {
    const aggregated = hasAggregate(node)
    const grouped = aggregated && hoisted === null
    if (aggregated && !this.options.aggregates)
      throw new RestError(400, 'PGRST123', 'Use of aggregate functions is not allowed')
    const tables = [`${from} ${alias}`]
    const columns: string[] = []
    const groups: string[] = []
    for (const item of node.items) {
      if (item.kind === 'star') {
        columns.push(`${alias}.*`)
        for (const name of node.source.columns.keys()) groups.push(`${alias}.${ident(name)}`)
      } else if (item.kind === 'embed') {
        this.embed(item.embed, node, alias, grouped, { tables, columns, groups, hoisted })
      } else if (item.aggregate && hoisted) {
        columns.push(this.hoist(node, alias, item, item.aggregate, hoisted))
      } else {
        const { sql, name } = columnSql(this.context, node, alias, item)
        columns.push(`${sql} as ${name}`)
        if (!item.aggregate) groups.push(sql)
      }
    }
    const conditions = [
      ...joins,
      ...(filtered ? this.where(node, alias, false) : this.innerOnly(node, alias)),
    ]
    const group = grouped && groups.length > 0 ? ` group by ${groups.join(', ')}` : ''
    const order = orderSql(this.context, node, alias)
    return `select ${columns.join(', ')} from ${tables.join(' ')}${whereSql(conditions)}${group}${order}${window}`
  }

  /** The column with the values of an aggregate that another level works out. */
  private hoist(
    node: ReadNode,
    alias: string,
    item: FieldItem,
    aggregate: Aggregate,
    hoisted: Hoisted[],
  ): string {
    const column = this.builder.alias('h')
    const cast = (sql: string) => castSql(this.context, sql, item.aggregateCast)
    hoisted.push({ aggregate, name: columnName(item), cast, columns: [column], partial: false })
    // `count()` counts rows: those that are there have a value here.
    const value = item.field ? valueSql(this.context, node, alias, item, item.field) : '1'
    return `${value} as ${column}`
  }

  /** Adds an embed to the level it stands in. */
  private embed(embed: Embed, parent: ReadNode, alias: string, grouped: boolean, level: LevelParts): void {
    const { item, node, toOne } = embed
    const { tables, columns, groups } = level
    if (node.items.length === 0) return
    const joined = this.builder.alias('e')
    if (item.spread) {
      this.spread(embed, parent, alias, joined, grouped, level)
      return
    }
    if (toOne) {
      const join = item.join === 'inner' ? 'join' : 'left join'
      tables.push(`${join} lateral (${this.inner(embed, parent, alias)}) ${joined} on true`)
      const json = grouped ? `row_to_json(${joined}.*)::jsonb` : `row_to_json(${joined}.*)`
      columns.push(`${json} as ${this.embedName(embed)}`)
      groups.push(json)
      return
    }
    const list = `select json_agg(${joined}.*) from (${this.inner(embed, parent, alias)}) ${joined}`
    if (!grouped) {
      // A value that is made after order and limit, for the rows of the answer alone.
      columns.push(`coalesce((${list}), '[]') as ${this.embedName(embed)}`)
      return
    }
    const row = this.builder.alias('e')
    tables.push(`left join lateral (select (${list})::jsonb as list) ${row} on true`)
    columns.push(`coalesce(${row}.list, '[]') as ${this.embedName(embed)}`)
    groups.push(`${row}.list`)
  }

  /** Lifts the columns of an embed into the level it stands in, and works out its aggregates there or hands them on. */
  private spread(
    embed: Embed,
    parent: ReadNode,
    alias: string,
    joined: string,
    grouped: boolean,
    { tables, columns, groups, hoisted }: LevelParts,
  ): void {
    const within: Hoisted[] = []
    const { item, node, toOne } = embed
    const rows = this.inner(embed, parent, alias, within)
    const arriving = toOne ? { sql: rows, hoisted: within } : this.lists(embed, rows, within, grouped)
    const join = toOne && item.join === 'inner' ? 'join' : 'left join'
    tables.push(`${join} lateral (${arriving.sql}) ${joined} on true`)
    const names = this.columnNames(node).map((name) => `${joined}.${name}`)
    // Where nothing groups, one name may be there twice, as in any select.
    if (grouped || arriving.hoisted.length > 0) columns.push(...names)
    else columns.push(`${joined}.*`)
    groups.push(...names)
    for (const one of arriving.hoisted) {
      if (!hoisted) columns.push(finish(one, joined))
      else {
        columns.push(...handOn(one, joined))
        hoisted.push(one)
      }
    }
  }

  /** `...posts(title)`: every column becomes the array of its values, of one row of the parent. */
  private lists(embed: Embed, rows: string, within: Hoisted[], grouped: boolean) {
    const source = this.builder.alias('s')
    // What groups must have an equality, which json has not.
    const list = (name: string) =>
      grouped ? `coalesce(jsonb_agg(${source}.${name}), '[]')` : `coalesce(json_agg(${source}.${name}), '[]')`
    const drawn = within.map((one) => drawTogether(one, source, () => this.builder.alias('h')))
    const columns = this.columnNames(embed.node).map((name) => `${list(name)} as ${name}`)
    const sql = `select ${[...columns, ...drawn.flatMap((d) => d.sql)].join(', ')} from (${rows}) ${source}`
    return { sql, hoisted: drawn.map((d) => d.on) }
  }

  /** The names of a level's columns, without its aggregates. */
  private columnNames(node: ReadNode): string[] {
    const names = node.items.flatMap((item) => {
      if (item.kind === 'star') return [...node.source.columns.keys()].map(ident)
      if (item.kind === 'field') return item.aggregate ? [] : [columnName(item)]
      if (item.embed.node.items.length === 0) return []
      return item.embed.item.spread ? this.columnNames(item.embed.node) : [this.embedName(item.embed)]
    })
    return [...new Set(names)]
  }

  private embedName({ item, relationship }: Embed): string {
    if (item.alias !== undefined) return resultName(item.alias)
    return item.target === relationship.to.name ? ident(item.target) : resultName(item.target)
  }

  /** The select of an embed, correlated with the row `alias` of its parent. */
  private inner(embed: Embed, parent: ReadNode, alias: string, hoisted: Hoisted[] | null = null): string {
    const { from, on, inner } = this.correlated(embed, parent, alias)
    return this.level(embed.node, inner, from, on, true, this.window(embed), hoisted)
  }

  /** FROM item and join conditions of an embed. */
  private correlated(embed: Embed, parent: ReadNode, alias: string) {
    const { relationship: r } = embed
    const inner = this.builder.alias('t')
    const equal = (pairs: [string, string][], left: string, right: string) =>
      pairs.map(([a, b]) => `${right}.${ident(b)} = ${left}.${ident(a)}`)
    if (r.routine) {
      return { from: `${qualified(r.routine)}(${this.row(parent, alias)})`, on: [], inner }
    }
    if (r.junction) {
      const between = this.builder.alias('j')
      const { near, far, relation } = r.junction
      const on = [...equal(near, alias, between), ...equal(far, between, inner)]
      return { from: `${qualified(relation)} ${between}, ${qualified(r.to)}`, on, inner }
    }
    return { from: qualified(r.to), on: equal(r.columns, alias, inner), inner }
  }

  /** Limit and offset of an embed; a to-many one is always capped. */
  private window({ node, toOne }: Embed): string {
    const { limit, offset } = node.level
    const cap = toOne ? null : this.options.maxRows
    let sql = ''
    if (limit) sql += ` limit ${this.rowCount(limit, 'limit', cap)}`
    else if (cap !== null) sql += ` limit ${cap}`
    if (offset) sql += ` offset ${this.rowCount(offset, 'offset', null)}`
    return sql
  }

  private rowCount(operand: Operand, what: 'limit' | 'offset', cap: number | null): string {
    return this.builder.operand(operand, what, (text) => {
      const rows = count(text, what)
      return cap !== null && Number(rows) > cap ? String(cap) : rows
    })
  }

  /** Whether an embed has rows: `!inner`, and filters on the embed itself. */
  private exists(alias: string, embed: Embed, parent: ReadNode): string {
    const { from, on, inner } = this.correlated(embed, parent, alias)
    const { limit, offset } = embed.node.level
    const window = limit || offset ? this.window(embed) : ''
    return `exists (select 1 from ${from} ${inner}${whereSql([...on, ...this.where(embed.node, inner, true)])}${window})`
  }

  /** A level's own conditions, and those its inner embeds put on it. */
  private where(node: ReadNode, alias: string, counting: boolean): string[] {
    const own = conditionsSql(this.context, node, alias, node.level.conditions)
    return [...own, ...this.innerOnly(node, alias, counting)]
  }

  /** To-one inner embeds are joins where their columns are wanted, and conditions where rows are only counted. */
  private innerOnly(node: ReadNode, alias: string, counting = false): string[] {
    return node.embeds
      .filter((e) => e.item.join === 'inner' && (counting || !e.toOne || e.node.items.length === 0))
      .map((e) => this.exists(alias, e, node))
  }

  private related(node: ReadNode, alias: string, name: string, field: FieldItem['field']): string {
    const embed = embedOf(node, name)
    const { relationship: r } = embed
    if (!isToOne(r))
      throw new RestError(400, 'PGRST118', `A related order on '${name}' is not possible`, {
        details: `'${node.source.name}' and '${name}' do not form a many-to-one or one-to-one relationship`,
      })
    const { from, on, inner } = this.correlated(embed, node, alias)
    const conditions = [...on, ...this.where(embed.node, inner, true)]
    const sql = field ? fieldSql(this.context, embed.node, inner, field) : 'null'
    return `(select ${sql} from ${from} ${inner}${whereSql(conditions)})`
  }
}
