// Every verb that the embedded server has, through the official TypeScript SDK, unchanged.
// AGENTS_URL and AGENTS_API_KEY name a running server; the Python test beside this file starts one.
import Anthropic from '@anthropic-ai/sdk';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

const client = new Anthropic({
  baseURL: process.env.AGENTS_URL,
  apiKey: process.env.AGENTS_API_KEY,
  maxRetries: 0,
});
const { agents, deploymentRuns, deployments, dreams, environments, memoryStores, sessions } = client.beta;
const { memories, memoryVersions } = memoryStores;

const model = 'claude-opus-4-8';
const message = (text) => ({ type: 'user.message', content: [{ type: 'text', text }] });
const sha256 = (text) => createHash('sha256').update(text).digest('hex');

async function all(page) {
  const items = [];
  for await (const item of page) items.push(item);
  return items;
}

async function rejects(status, type, promise) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.status, status);
    assert.equal(error.error.error.type, type);
    return true;
  });
}

async function until(wanted, read) {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const object = await read();
    if (wanted(object)) return object;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('gave up after 30 seconds');
}

test('agents', async () => {
  const agent = await agents.create({ name: 'Agent', model, metadata: { a: '1' } });
  const updated = await agents.update(agent.id, { version: 1, metadata: { a: null, b: '2' } });
  assert.deepEqual([updated.version, updated.metadata], [2, { b: '2' }]);
  await rejects(409, 'conflict_error', agents.update(agent.id, { version: 1, name: 'Late' }));
  assert.deepEqual((await agents.retrieve(agent.id, { version: 1 })).metadata, { a: '1' });
  assert.deepEqual((await all(agents.versions.list(agent.id, { limit: 1 }))).map((v) => v.version), [2, 1]);
  assert.ok((await all(agents.list({ created_at: undefined, limit: 1 }))).some((a) => a.id === agent.id));
  assert.ok((await agents.archive(agent.id)).archived_at);
  await rejects(404, 'not_found_error', agents.retrieve('agent_unknown'));
});

test('environments', async () => {
  const environment = await environments.create({ name: 'Environment' });
  assert.equal((await environments.update(environment.id, { name: 'New' })).name, 'New');
  assert.ok((await all(environments.list({ limit: 1 }))).some((e) => e.id === environment.id));
  assert.ok((await environments.archive(environment.id)).archived_at);
  assert.equal((await environments.retrieve(environment.id)).name, 'New');
  assert.equal((await environments.delete(environment.id)).type, 'environment_deleted');
});

test('memory stores, memories and versions', async () => {
  const store = await memoryStores.create({ name: 'Notes' });
  const memory = await memories.create(store.id, { path: '/a/b.md', content: 'one' });
  assert.equal(memory.content_sha256, sha256('one'));
  await rejects(409, 'memory_path_conflict_error', memories.create(store.id, { path: '/a/b.md', content: 'x' }));
  const at = { memory_store_id: store.id };
  const precondition = { type: 'content_sha256', content_sha256: sha256('other') };
  await rejects(
    409,
    'memory_precondition_failed_error',
    memories.update(memory.id, { ...at, content: 'two', precondition }),
  );
  await memories.update(memory.id, { ...at, content: 'two', path: '/c.md' });
  assert.equal((await memories.retrieve(memory.id, at)).content, 'two');
  assert.deepEqual((await all(memories.list(store.id, { depth: 1 }))).map((m) => m.path), ['/c.md']);
  const versions = await all(memoryVersions.list(store.id, { memory_id: memory.id, limit: 1, view: 'full' }));
  assert.deepEqual(versions.map((v) => v.content), ['two', 'one']);
  assert.equal((await memoryVersions.retrieve(versions[1].id, at)).content, 'one');
  assert.ok((await memoryVersions.redact(versions[1].id, at)).redacted_at);
  await rejects(
    409,
    'memory_precondition_failed_error',
    memories.delete(memory.id, { ...at, expected_content_sha256: sha256('one') }),
  );
  assert.equal((await memories.delete(memory.id, at)).type, 'memory_deleted');
  assert.equal((await memoryStores.update(store.id, { description: 'd' })).description, 'd');
  assert.ok((await memoryStores.archive(store.id)).archived_at);
  await rejects(400, 'invalid_request_error', memories.create(store.id, { path: '/x', content: 'x' }));
  assert.equal((await memoryStores.retrieve(store.id)).name, 'Notes');
  const listed = await all(memoryStores.list({ include_archived: true, limit: 1 }));
  assert.ok(listed.some((s) => s.id === store.id));
  assert.equal((await memoryStores.delete(store.id)).type, 'memory_store_deleted');
});

test('sessions, events, the stream, deployments and runs', async () => {
  const agent = await agents.create({ name: 'Agent', model, tools: [{ type: 'agent_toolset_20260401' }] });
  const environment = await environments.create({ name: 'Environment' });
  const store = await memoryStores.create({ name: 'Notes' });
  const resources = [
    { type: 'memory_store', memory_store_id: store.id },
    { type: 'github_repository', url: 'https://github.com/example/tools', authorization_token: 'secret' },
  ];
  const session = await sessions.create({ agent: agent.id, environment_id: environment.id, resources });
  assert.equal(session.resources[0].mount_path, '/mnt/memory/notes');

  const stream = await sessions.events.stream(session.id);
  await sessions.events.send(session.id, { events: [message('Ana prefers the aisle.')] });
  const seen = [];
  for await (const event of stream) {
    seen.push(event.type);
    if (event.type === 'session.status_idle') break;
  }
  assert.equal(seen[0], 'user.message');
  assert.ok(seen.includes('agent.tool_use') && seen.includes('agent.message'));
  const kinds = (await all(sessions.events.list(session.id, { limit: 2 }))).map((event) => event.type);
  assert.deepEqual(kinds, seen);
  const asked = await all(sessions.events.list(session.id, { types: ['user.message', 'agent.message'] }));
  assert.equal(asked.length, 2);

  assert.equal((await sessions.update(session.id, { title: 'New' })).title, 'New');
  const second = await sessions.create({ agent: agent.id, environment_id: environment.id });
  const page = await sessions.list({ agent_id: agent.id, limit: 1, statuses: ['idle', 'running'], order: 'asc' });
  assert.deepEqual([page.data[0].id, page.prev_page ?? null], [session.id, null]);
  const next = await page.getNextPage();
  assert.equal(next.data[0].id, second.id);
  const back = await sessions.list({ agent_id: agent.id, limit: 1, order: 'asc', page: next.prev_page });
  assert.equal(back.data[0].id, session.id);
  assert.equal((await all(sessions.list({ memory_store_id: store.id }))).length, 1);

  const [, repository] = await all(sessions.resources.list(session.id));
  const at = { session_id: session.id };
  assert.equal((await sessions.resources.retrieve(repository.id, at)).id, repository.id);
  await sessions.resources.update(repository.id, { ...at, authorization_token: 'new' });
  assert.equal((await sessions.resources.delete(repository.id, at)).type, 'session_resource_deleted');
  assert.equal((await sessions.archive(session.id)).status, 'terminated');
  assert.equal((await sessions.delete(session.id)).type, 'session_deleted');
  await rejects(404, 'not_found_error', sessions.retrieve(session.id));

  const deployment = await deployments.create({
    agent: agent.id,
    environment_id: environment.id,
    name: 'Nightly',
    initial_events: [message('Good morning')],
    resources: [resources[0]],
    schedule: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/London' },
  });
  assert.equal(deployment.schedule.upcoming_runs_at.length, 5);
  assert.equal((await deployments.pause(deployment.id)).paused_reason.type, 'manual');
  assert.equal((await deployments.unpause(deployment.id)).status, 'active');
  const run = await deployments.run(deployment.id);
  assert.ok(run.session_id);
  assert.equal((await deploymentRuns.retrieve(run.id)).id, run.id);
  assert.equal((await deployments.update(deployment.id, { resources: [] })).resources.length, 0);
  assert.equal((await deployments.retrieve(deployment.id)).id, deployment.id);
  assert.equal((await all(deploymentRuns.list({ deployment_id: deployment.id, has_error: false }))).length, 1);
  assert.equal((await all(deployments.list({ agent_id: agent.id }))).length, 1);
  assert.ok((await deployments.archive(deployment.id)).archived_at);
});

test('dreams', async () => {
  const agent = await agents.create({ name: 'Agent', model });
  const environment = await environments.create({ name: 'Environment' });
  const store = await memoryStores.create({ name: 'Notes' });
  const session = await sessions.create({
    agent: agent.id,
    environment_id: environment.id,
    initial_events: [message('My order AB-1234 goes to Lisbon.')],
  });
  await until((s) => s.status === 'idle', () => sessions.retrieve(session.id));
  const inputs = [
    { type: 'memory_store', memory_store_id: store.id },
    { type: 'sessions', session_ids: [session.id] },
  ];
  const dream = await dreams.create({ model, inputs, instructions: 'Keep an index.' });
  assert.equal(dream.status, 'pending');
  const done = await until((d) => d.ended_at, () => dreams.retrieve(dream.id));
  assert.equal(done.status, 'completed');
  const output = await all(memories.list(done.outputs[0].memory_store_id, { view: 'full' }));
  assert.ok(output.some((memory) => memory.content.includes('AB-1234')));
  await rejects(400, 'invalid_request_error', dreams.cancel(dream.id));
  assert.equal((await all(dreams.list({ statuses: ['completed'], limit: 1 }))).length, 1);
  assert.ok((await dreams.archive(dream.id)).archived_at);
  assert.equal((await all(dreams.list())).length, 0);
});
