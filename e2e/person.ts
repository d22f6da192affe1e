import { Secret, TOTP } from 'otpauth'
import type { Locator, Page } from 'playwright-core'
import type { Guarded } from './browser'
import { t } from './texts'

export const PASSWORD = 'correct horse battery'

/** What an authenticator app shows, or showed or will show some half minutes away. */
export const codeOf = (app: TOTP, steps = 0) => app.generate({ timestamp: Date.now() + steps * 30_000 })

/** Somebody at a computer. Everything is found by role and name, as a person or a screen reader finds it. */
export class Person {
  readonly email: string
  readonly page: Page
  readonly name: string
  private readonly guarded: Guarded

  constructor(name: string, guarded: Guarded) {
    this.name = name
    this.guarded = guarded
    this.page = guarded.page
    this.email = `${name}-${crypto.randomUUID().slice(0, 8)}@example.test`
  }

  get context() {
    return this.guarded.context
  }

  get displayName() {
    return `${this.name[0]?.toUpperCase()}${this.name.slice(1)}`
  }

  /** Another tab of the same browser. */
  async openTab(path: string): Promise<Person> {
    const page = await this.context.newPage()
    await page.goto(path)
    return new Person(this.name, { ...this.guarded, page })
  }

  /** A failure that the test provokes on purpose. */
  expectProblem(pattern: RegExp) {
    this.guarded.expectProblem(pattern)
  }

  takeProblems(): string[] {
    return this.guarded.problems.splice(0).map((problem) => `${this.name}: ${problem}`)
  }

  field(label: string): Locator {
    return this.page.getByLabel(label, { exact: true })
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true })
  }

  dialog(name?: string): Locator {
    return this.page.getByRole('dialog', { name })
  }

  async chooseFromMenu(item: string) {
    // The name may end with the item's key.
    await this.page.getByRole('menuitem', { name: new RegExp(`^${item}( \\S+)?$`) }).click()
  }

  // Coming and going

  async fillSignUp(password = PASSWORD) {
    await this.field(t('auth.name')).fill(this.displayName)
    await this.field(t('auth.email')).fill(this.email)
    await this.field(t('auth.password')).fill(password)
  }

  async signUp() {
    await this.page.goto('/sign-up')
    await this.fillSignUp()
    await this.button(t('auth.createAccount')).click()
  }

  async signIn() {
    await this.page.goto('/sign-in')
    await this.enterPassword()
  }

  /** What this person is mentioned by: whoever came first with a name has it without a number. */
  async handle(): Promise<string> {
    const label = await this.button(new RegExp(`^${this.displayName} @`)).textContent()
    return /@([\w.-]+)/.exec(label ?? '')?.[1] ?? ''
  }

  async signOut() {
    await this.button(new RegExp(`^${this.displayName} @`)).click()
    await this.chooseFromMenu(t('app.signOut'))
    await this.page.waitForURL('**/sign-in')
  }

  /** Fills and sends the sign-in form of the page that is open. */
  async enterPassword(password = PASSWORD) {
    await this.field(t('auth.email')).fill(this.email)
    await this.field(t('auth.password')).fill(password)
    await this.button(t('auth.signIn')).click()
  }

  /** The address of the workspace that is open. */
  get workspacePath(): string {
    return new URL(this.page.url()).pathname.split('/').slice(0, 3).join('/')
  }

  async openAccount() {
    await this.page.goto(`${this.workspacePath}/account`)
    await this.page.getByRole('heading', { name: t('account.sessions') }).waitFor()
  }

  async openSettings(tab: string) {
    await this.page.goto(`${this.workspacePath}/settings`)
    await this.page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
  }

  /** A menu entry about a member, in the settings. */
  async manageMember(person: Person, item: string) {
    await this.button(t('settings.changeRole', { name: person.displayName })).click()
    await this.chooseFromMenu(item)
  }

  async confirm(verb: string) {
    const dialog = this.page.getByRole('alertdialog')
    await dialog.getByRole('button', { name: verb }).click()
    // It closes once that is done. Until then whatever is behind it has no role, as if it were gone.
    await dialog.waitFor({ state: 'detached' })
  }

  /** Sets up an authenticator app where the set-up is open; returns the app and the recovery codes. */
  async setUpTwoFactor(): Promise<{ app: TOTP; recoveryCodes: string[] }> {
    await this.page.getByRole('img', { name: t('factors.qrCode') }).waitFor()
    const secret = (await this.page.locator('code').textContent())?.replaceAll(' ', '') ?? ''
    const app = new TOTP({ secret: Secret.fromBase32(secret) })
    await this.field(t('factors.firstCode')).fill(codeOf(app))
    const list = this.page.getByRole('list', { name: t('factors.recoveryCodes') })
    await list.waitFor()
    const recoveryCodes = await list.getByRole('listitem').allInnerTexts()
    await this.button(t('factors.kept')).click()
    return { app, recoveryCodes }
  }

  // Workspaces and people

  async createWorkspace(name: string) {
    await this.page.waitForURL('**/create-workspace')
    await this.field(t('workspaces.name')).fill(name)
    await this.button(t('workspaces.create')).click()
    await this.page.waitForURL('**/w/**')
  }

  async openWorkspaceMenu(workspace: string) {
    await this.page
      .getByLabel(t('app.sidebar'), { exact: true })
      .getByRole('button', { name: workspace })
      .click()
  }

  /** Makes an invitation link and returns it. */
  async invite(workspace: string, { uses }: { uses?: number } = {}): Promise<string> {
    await this.openWorkspaceMenu(workspace)
    await this.chooseFromMenu(t('app.invitePeople'))
    if (uses) await this.field(t('invitations.uses')).selectOption(String(uses))
    await this.button(t('invitations.createLink')).click()
    const link = await this.field(t('invitations.link')).inputValue()
    await this.button(t('invitations.done')).click()
    return link
  }

  async joinAsNewcomer(link: string) {
    await this.page.goto(link)
    await this.fillSignUp()
    await this.button(t('auth.createAccount')).click()
    await this.page.waitForURL('**/w/**')
  }

  // Channels

  get conversations(): Locator {
    return this.page.getByRole('navigation', { name: t('app.conversations') })
  }

  /** The channel's row in the sidebar, by the beginning of its name: what follows is "private", "unread", a count. */
  channel(name: string): Locator {
    return this.conversations.getByRole('link', { name: new RegExp(`^${name}( |$)`) })
  }

  async openChannel(name: string) {
    await this.channel(name).click()
    await this.composer(name).waitFor()
  }

  async createChannel(name: string, kind: 'public' | 'private' = 'public') {
    await this.button(t('app.addChannel')).click()
    await this.chooseFromMenu(t('app.createChannel'))
    await this.dialog(t('channels.createTitle')).waitFor()
    await this.field(t('channels.name')).fill(name)
    // The radio itself is drawn by its label, which lies over it.
    await this.page.getByRole('radio', { name: t(`channels.${kind}`) }).check({ force: true })
    await this.button(t('channels.create')).click()
    await this.composer(name).waitFor()
  }

  // Messages

  composer(channel: string): Locator {
    return this.page.getByRole('textbox', { name: t('composer.placeholderChannel', { name: channel }) })
  }

  get timeline(): Locator {
    return this.page.getByRole('log', { name: t('messages.timeline') }).first()
  }

  message(text: string): Locator {
    return this.timeline.getByRole('article').filter({ hasText: text })
  }

  async say(channel: string, text: string) {
    await this.composer(channel).fill(text)
    await this.composer(channel).press('Enter')
  }

  /** Waits until the server has the message: only then can anything be done with it. */
  async stored(text: string) {
    await this.message(text).and(this.page.locator('[data-state="sent"]')).waitFor()
  }

  async messageMenu(text: string, item: string) {
    const row = this.message(text)
    await row.hover()
    await row.getByRole('button', { name: t('messages.more') }).click()
    await this.chooseFromMenu(item)
  }
}
