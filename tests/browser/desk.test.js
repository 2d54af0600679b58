// Walks the days of a preparer, a reviewer and an operator through the desk of this machine, in a headless browser.
//
// Usage: node --test tests/browser/ with the `docket` command built; DOCKET names it, CHROMIUM the browser, SCREENSHOTS a folder.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const docket = process.env.DOCKET ?? path.join(root, 'target/debug/docket');
const example = process.env.DESK ?? path.join(root, 'target/debug/examples/desk');
const axe = readFileSync(path.join(root, 'tests/browser/node_modules/axe-core/axe.min.js'), 'utf8');
const statements = ['balance-sheet.xlsx', 'profit-and-loss.xlsx'].map((name) => path.join(root, 'samples/shree-ganpati', name));

let data, server, address, browser, context, page;
const messages = [];

before(async () => {
  data = mkdtempSync(path.join(tmpdir(), 'docket-desk-'));
  server = spawn(docket, ['serve', '--port', '0', '--data', path.join(data, 'state')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ticket = await printed(server.stdout, /http:\/\/\S+enter\?ticket=\S+/);
  address = new URL(ticket).origin;
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
  context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  page = await watched(context);
  await page.goto(ticket);
  assert.equal(page.url(), `${address}/`);
});

after(async () => {
  await browser?.close();
  server?.kill('SIGINT');
  rmSync(data, { recursive: true, force: true });
});

/// The first match of what a process prints.
function printed(stream, pattern, groups = false) {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk) => {
      text += chunk;
      const found = text.match(pattern);
      if (found) resolve(groups ? found : found[0]);
    });
    stream.on('end', () => reject(new Error(`ended without ${pattern}: ${text}`)));
  });
}

/// A page whose messages and errors are kept.
async function watched(context) {
  const page = await context.newPage();
  // A refused form is answered with a status of 400 and above, which the browser notes.
  page.on('console', (message) => {
    if (!/status of 4\d\d/.test(message.text())) messages.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => messages.push(`${page.url()}: ${error.message}`));
  return page;
}

async function playing(role) {
  await page.click(`button[name=role][value=${role}]`);
  assert.equal(await page.locator('button[name=role][aria-pressed=true]').getAttribute('value'), role);
}

/// Checks a page for accessibility and overflow, and takes its picture in both themes and at both widths.
async function look(name, page = globalThis.page) {
  for (const [theme, width] of [['light', 1280], ['dark', 1280], ['light', 390], ['dark', 390]]) {
    await page.emulateMedia({ colorScheme: theme });
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `${name} is ${overflow} px too wide at ${width} px`);
    if (process.env.SCREENSHOTS) {
      mkdirSync(process.env.SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: path.join(process.env.SCREENSHOTS, `${name}-${theme}-${width}.png`), fullPage: true });
    }
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setBypassCSP', { enabled: true });
    await page.evaluate(`if (!window.axe) { ${axe} }`);
    const found = await page.evaluate(async () => {
      const { violations } = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(', ')}`);
    });
    assert.deepEqual(found, [], `${name}, ${theme}, ${width} px`);
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/// Waits until an order shows a status, as its page keeps itself up to date.
async function until(text) {
  await page.locator('main .state').filter({ hasText: text }).first().waitFor({ timeout: 30_000 });
}

async function order(files, fill = async () => {}) {
  await page.goto(`${address}/new`);
  await page.selectOption('select[name=service_code]', 'CMA');
  await page.setInputFiles('input[type=file]', files);
  await fill();
  await page.click('button[name=action][value=process]');
  await page.waitForURL(/\/orders\/[0-9A-Z]{26}/);
  return page.url().match(/orders\/([0-9A-Z]{26})/)[1];
}


test('a preparer uploads, watches and downloads', async () => {
  await look('orders-empty', page);
  await page.goto(`${address}/new`);
  await look('new-order', page);
  await order(statements);
  await until('Completed');
  await look('order-completed', page);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[href$="CMA.xlsx"]')]);
  assert.equal(download.suggestedFilename(), 'CMA.xlsx');
  const bytes = readFileSync(await download.path());
  assert.equal(bytes.subarray(0, 2).toString(), 'PK');
  await page.goto(`${address}/`);
  await look('orders', page);
});

test('a reviewer changes a row, and the workbook says so', async () => {
  await playing('operator');
  // Stricter than usual: everything that is not certain waits for a reviewer.
  const id = await order(statements, async () => page.fill('input[name=auto_approve_above]', '1'));
  await until('Internal review');
  await look('order-waits', page);
  await playing('preparer');
  await page.goto(`${address}/orders/${id}/review`);
  assert.match(await page.textContent('main'), /Only a reviewer decides/);
  await playing('reviewer');
  await page.goto(`${address}/orders/${id}/review`);
  await look('review', page);
  // Decided by keys alone: to the first line with a second proposal, that proposal, a reason, and on.
  const items = page.locator('[data-item]');
  const choices = await items.evaluateAll((all) => all.map((item) => item.querySelector('[data-proposal="2"]') !== null));
  const wanted = choices.indexOf(true);
  for (let steps = 0; steps <= wanted; steps += 1) await page.locator('body').press('j');
  const label = (await items.nth(wanted).locator('h2').textContent()).trim();
  await page.keyboard.press('2');
  assert.ok(await items.nth(wanted).locator('[data-proposal="2"]').isChecked(), `${label}: chosen by its key`);
  await page.keyboard.press('r');
  await page.keyboard.type('The note to the accounts shows it');
  await page.keyboard.press('Escape');
  await page.keyboard.press('s');
  await page.locator('[data-save-status]').filter({ hasText: 'Saved' }).waitFor();
  await page.locator('details.remaining > summary').click();
  await page.locator('button[name=accept_remaining]').click();
  await page.waitForURL(new RegExp(`/orders/${id}(\\?done=submitted)?$`));
  await until('Completed');
  assert.match(await page.textContent('main'), /Review decided/);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a[href$="CMA.xlsx"]')]);
  const workbook = path.join(data, 'CMA.xlsx');
  await download.saveAs(workbook);
  assert.ok(await inWorkbook(workbook, 'The note to the accounts shows it'), `${label}: the reason is in the workbook`);
});

/// Whether a workbook's texts hold `text`.
async function inWorkbook(file, text) {
  const unzip = spawn('python3', ['-c', 'import sys, zipfile\narchive = zipfile.ZipFile(sys.argv[1])\nfor name in archive.namelist():\n    sys.stdout.buffer.write(archive.read(name))', file]);
  const chunks = [];
  for await (const chunk of unzip.stdout) chunks.push(chunk);
  return Buffer.concat(chunks).includes(text);
}

test('an operator reads a cause and retries all its orders', async () => {
  const broken = path.join(data, 'broken.xlsx');
  writeFileSync(broken, 'PK\u0003\u0004 <script>alert(1)</script>');
  await playing('preparer');
  const ids = [];
  for (let count = 0; count < 2; count += 1) ids.push(await order([broken]));
  await until('Failed');
  await look('order-failed', page);
  await playing('operator');
  await page.goto(`${address}/failures`);
  await look('failures', page);
  assert.match(await page.textContent('main'), /extract\.no_document_left/);
  const form = page.locator('form[action="/retries"]').first();
  await form.locator('[name=reason]').fill('The reader was mended');
  await form.locator('button[type=submit]').click();
  await page.waitForURL(/\/retries\//);
  await look('retries', page);
  assert.equal(await page.locator('main').getByText('Retried', { exact: false }).count() > 0, true);
  await page.goto(`${address}/orders/${ids[0]}`);
  await until('Failed');
  assert.match(await page.textContent('main'), /The reader was mended/);
});

test('an order that waits is cancelled for a reason, and only with the box ticked', async () => {
  await playing('operator');
  const id = await order(statements, async () => page.fill('input[name=auto_approve_above]', '1'));
  await until('Internal review');
  await page.locator('summary:has-text("Cancel the order")').click();
  const form = page.locator(`form[action="/orders/${id}/cancel"]`);
  await form.locator('[name=reason]').fill('Ordered twice');
  await form.locator('[name=confirm]').check();
  await form.locator('button[type=submit]').click();
  await page.waitForURL(new RegExp(`/orders/${id}(\\?|$)`));
  await until('Cancelled');
  await look('order-cancelled', page);
});

test('a review that nobody decided has failed, and a retry reopens it', async () => {
  const expired = spawn(example, ['expired'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const ticket = await printed(expired.stdout, /http:\/\/\S+enter\?ticket=\S+/);
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await watched(context);
    await page.goto(ticket);
    await page.click('button[name=role][value=operator]');
    await page.goto(`${new URL(ticket).origin}/failures`);
    await page.locator('main', { hasText: 'review.expired' }).waitFor();
    await page.locator('details summary').first().click();
    await page.click('a[href^="/orders/"]');
    await page.locator('main', { hasText: 'Nobody decided the review' }).first().waitFor();
    await page.locator('.audit', { hasText: 'Review escalated' }).waitFor();
    await look('order-expired', page);
    await page.locator('form[action$="/retry"] [name=reason]').fill('The auditor is back.');
    await page.click('form[action$="/retry"] button[type=submit]');
    await page.locator('main .state', { hasText: /review/i }).first().waitFor({ timeout: 30_000 });
    await page.locator('main', { hasText: 'unless it is decided or extended' }).first().waitFor();
    await context.close();
  } finally {
    expired.kill();
  }
});

test('on a stage, files go to the bucket with signed requests', async () => {
  const stage = spawn(example, ['bucket'], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [, ticket, token] = await printed(stage.stdout, /(http:\/\/\S+enter\?ticket=\S+)\s+token=(\S+)/, true);
    const address = new URL(ticket).origin;
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const page = await watched(context);
    const stored = [];
    let refusals = 1;
    // The bucket is in the other process: what reaches it is stored there through the API.
    await context.route(/\.amazonaws\.com\//, async (route) => {
      const request = route.request();
      const allowed = { 'access-control-allow-origin': address, 'access-control-allow-methods': 'PUT', 'access-control-allow-headers': 'content-type, if-none-match, x-amz-meta-file-name' };
      if (request.method() === 'OPTIONS') return route.fulfill({ status: 200, headers: allowed });
      if (refusals > 0) {
        refusals -= 1;
        return route.fulfill({ status: 403, headers: allowed });
      }
      const [, order, number] = new URL(request.url()).pathname.match(/orders\/(\w+)\/documents\/0*(\d+)/);
      const bytes = readFileSync(statements[Number(number) - 1]);
      assert.equal(request.headers()['if-none-match'], '*');
      assert.match(new URL(request.url()).searchParams.get('X-Amz-SignedHeaders'), /content-length/);
      const answer = await fetch(`${address}/v1/orders/${order}/documents/${number}/content`, {
        method: 'PUT', headers: { Authorization: `Bearer ${token}`, 'x-file-name': path.basename(statements[Number(number) - 1]) }, body: bytes,
      });
      assert.equal(answer.status, 204);
      stored.push(Number(number));
      return route.fulfill({ status: 200, headers: allowed });
    });
    await page.goto(ticket);
    await page.goto(`${address}/new`);
    await look('new-order-on-a-stage', page);
    await page.setInputFiles('input[type=file]', statements);
    await page.click('button[name=action][value=process]');
    await page.locator('[data-upload-status]', { hasText: 'was not stored (403)' }).waitFor();
    // What was announced stays; the same files are sent again.
    await page.click('button[name=action][value=process]');
    await page.waitForURL(/\/orders\/[0-9A-Z]{26}\?done=processing/);
    await page.locator('main .state').filter({ hasText: 'Completed' }).first().waitFor({ timeout: 60_000 });
    assert.deepEqual(stored, [1, 2]);
    assert.equal(await page.locator('main').getByText('balance-sheet.xlsx').count() > 0, true);
    await context.close();
  } finally {
    stage.kill();
  }
});

test('the basics work without JavaScript', async () => {
  const plain = await browser.newContext({ javaScriptEnabled: false, storageState: await context.storageState() });
  const page = await plain.newPage();
  await page.goto(`${address}/`);
  await page.click('button[name=role][value=preparer]');
  await page.goto(`${address}/new`);
  await page.selectOption('select[name=service_code]', 'CMA');
  await page.setInputFiles('input[type=file]', statements);
  await page.click('button[name=action][value=process]');
  await page.waitForURL(/\/orders\/[0-9A-Z]{26}/);
  for (let tries = 0; tries < 60 && !/CMA\.xlsx/.test(await page.textContent('main')); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    await page.reload();
  }
  assert.match(await page.textContent('main'), /CMA\.xlsx/);
  await plain.close();
});

test('strangers get no further than the door', async () => {
  const stranger = await browser.newContext();
  const page = await stranger.newPage();
  const answer = await page.goto(`${address}/`);
  assert.equal(answer.status(), 401);
  await look('signed-out', page);
  await stranger.close();
});

test('no page said anything in the console', () => {
  assert.deepEqual(messages, []);
});
