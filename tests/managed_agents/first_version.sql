-- A database as the first version of this server left it, with a store, a session and a dream.
BEGIN TRANSACTION;
CREATE TABLE agent_versions (agent_id TEXT NOT NULL, version INTEGER NOT NULL, created_at BIGINT NOT NULL, config JSON NOT NULL, PRIMARY KEY (agent_id, version), FOREIGN KEY(agent_id) REFERENCES agents (id) ON DELETE CASCADE);
INSERT INTO "agent_versions" VALUES('agent_011ChTsDZ7rH92neHaGrXpzL',1,1795802298932577,'{"name": "Imported sessions", "description": null, "model": {"id": "claude-opus-4-8", "effort": {"type": "high"}, "inference_geo": null, "speed": "standard"}, "system": null, "tools": [], "mcp_servers": [], "skills": [], "multiagent": null, "execution_identity": {"type": "service_account"}, "metadata": {}}');
INSERT INTO "agent_versions" VALUES('agent_011ChTsDZXkaTVGUYRA7nJhH',1,1795802299028484,'{"name": "Dreamer", "description": "Reorganizes memory stores. Made by this server for its dreams.", "model": {"id": "claude-opus-4-8", "effort": {"type": "high"}, "inference_geo": null, "speed": "standard"}, "system": null, "tools": [], "mcp_servers": [], "skills": [], "multiagent": null, "execution_identity": {"type": "service_account"}, "metadata": {}}');
CREATE TABLE agents (id TEXT NOT NULL, version INTEGER NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, archived_at BIGINT, is_internal BOOLEAN NOT NULL, PRIMARY KEY (id));
INSERT INTO "agents" VALUES('agent_011ChTsDZ7rH92neHaGrXpzL',1,1795802298932577,1795802298932577,NULL,0);
INSERT INTO "agents" VALUES('agent_011ChTsDZXkaTVGUYRA7nJhH',1,1795802299028484,1795802299028484,NULL,1);
CREATE TABLE deployment_runs (id TEXT NOT NULL, deployment_id TEXT NOT NULL, agent_id TEXT NOT NULL, agent_version INTEGER NOT NULL, "trigger" TEXT NOT NULL, scheduled_at BIGINT, session_id TEXT, error JSON, created_at BIGINT NOT NULL, PRIMARY KEY (id), FOREIGN KEY(deployment_id) REFERENCES deployments (id));
CREATE TABLE deployments (id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, agent_id TEXT NOT NULL, agent_version INTEGER NOT NULL, environment_id TEXT NOT NULL, initial_events JSON NOT NULL, resources JSON NOT NULL, vault_ids JSON NOT NULL, metadata JSON NOT NULL, budget JSON, schedule JSON, last_run_at BIGINT, paused_reason JSON, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, archived_at BIGINT, PRIMARY KEY (id), FOREIGN KEY(agent_id) REFERENCES agents (id));
CREATE TABLE dream_findings (dream_id TEXT NOT NULL, session_id TEXT NOT NULL, data JSON NOT NULL, PRIMARY KEY (dream_id, session_id), FOREIGN KEY(dream_id) REFERENCES dreams (id) ON DELETE CASCADE);
INSERT INTO "dream_findings" VALUES('drm_011ChTsDZQXDwGeJQroqgMwV','sesn_011ChTsDZFwfjMwtKhyB7rHG','{"session": "sesn_011ChTsDZFwfjMwtKhyB7rHG", "title": "t-25408217235563", "account": "", "facts": [{"text": "The keynote moved to 10:00.", "said": "2026-11-27 17:58", "who": "user", "worth": "sure"}]}');
CREATE TABLE dreams (id TEXT NOT NULL, status TEXT NOT NULL, input_store_id TEXT NOT NULL, session_ids JSON NOT NULL, model JSON NOT NULL, instructions TEXT, output_behavior JSON NOT NULL, output_store_id TEXT, session_id TEXT, error JSON, created_at BIGINT NOT NULL, started_at BIGINT, cloned_at BIGINT, is_consolidating BOOLEAN NOT NULL, ended_at BIGINT, archived_at BIGINT, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_input_tokens INTEGER NOT NULL, cache_creation_input_tokens INTEGER NOT NULL, PRIMARY KEY (id));
INSERT INTO "dreams" VALUES('drm_011ChTsDZQXDwGeJQroqgMwV','completed','memstore_011ChTsDYswqcvn1LivU5bgk','["sesn_011ChTsDZFwfjMwtKhyB7rHG"]','{"id": "claude-opus-4-8", "speed": "standard"}',NULL,'{"type": "create_new"}','memstore_011ChTsDZXLiJ1ugbSFU4WvX','sesn_011ChTsDZYHXgWzJVG39nnkV',NULL,1795802298999314,1795802299018769,1795802299070032,1,1795802299249248,NULL,15,141,0,0);
CREATE TABLE environments (id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, config JSON NOT NULL, metadata JSON NOT NULL, scope TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, archived_at BIGINT, is_internal BOOLEAN NOT NULL, PRIMARY KEY (id));
INSERT INTO "environments" VALUES('env_011ChTsDZBGveqBaKQsccAM8','Imported sessions',NULL,'{"type": "cloud", "networking": {"type": "unrestricted"}, "packages": {"type": "packages", "apt": [], "cargo": [], "gem": [], "go": [], "npm": [], "pip": []}}','{}','organization',1795802298945991,1795802298945991,NULL,0);
INSERT INTO "environments" VALUES('env_011ChTsDZXomn589dweSFtEq','Dreams',NULL,'{"type": "cloud", "networking": {"type": "unrestricted"}, "packages": {"type": "packages", "apt": [], "cargo": [], "gem": [], "go": [], "npm": [], "pip": []}}','{}','organization',1795802299029181,1795802299029181,NULL,1);
CREATE TABLE facts ("key" TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY ("key"));
INSERT INTO "facts" VALUES('schema','ab0cd415216f2ff0e47f783e2d53991732a160681a72deae8135fd16892ca7bd');
INSERT INTO "facts" VALUES('key_salt','0027d1a01221e147e490a93f781f4fe29fd6fb65913c58d9a32e401154932612');
INSERT INTO "facts" VALUES('import_agent_id','agent_011ChTsDZ7rH92neHaGrXpzL');
INSERT INTO "facts" VALUES('import_environment_id','env_011ChTsDZBGveqBaKQsccAM8');
INSERT INTO "facts" VALUES('dream_agent_id','agent_011ChTsDZXkaTVGUYRA7nJhH');
INSERT INTO "facts" VALUES('dream_environment_id','env_011ChTsDZXomn589dweSFtEq');
CREATE TABLE imported_transcripts (agent_id TEXT NOT NULL, transcript_id TEXT NOT NULL, session_id TEXT NOT NULL, PRIMARY KEY (agent_id, transcript_id), FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE);
INSERT INTO "imported_transcripts" VALUES('agent_011ChTsDZ7rH92neHaGrXpzL','t-25408217235563','sesn_011ChTsDZFwfjMwtKhyB7rHG');
CREATE TABLE memories (id TEXT NOT NULL, memory_store_id TEXT NOT NULL, memory_version_id TEXT NOT NULL, path TEXT NOT NULL, content_sha256 TEXT NOT NULL, content_size_bytes INTEGER NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, PRIMARY KEY (id), FOREIGN KEY(memory_store_id) REFERENCES memory_stores (id) ON DELETE CASCADE, FOREIGN KEY(memory_version_id) REFERENCES memory_versions (id));
INSERT INTO "memories" VALUES('mem_011ChTsDZ2rWTtVSSDW7LPUk','memstore_011ChTsDYswqcvn1LivU5bgk','memver_011ChTsDZ2vvMzg9FXqmqYx7','/plan.md','6579a6fea4e78201fe9451592c10d873000f16b068bb8259c58a0403c5fe8343',23,1795802298912488,1795802298912488);
INSERT INTO "memories" VALUES('mem_011ChTsDZhhWMwVcs6zqsAzD','memstore_011ChTsDZXLiJ1ugbSFU4WvX','memver_011ChTsDZhUisysduufDi1St','/plan.md','6579a6fea4e78201fe9451592c10d873000f16b068bb8259c58a0403c5fe8343',23,1795802299068851,1795802299068851);
INSERT INTO "memories" VALUES('mem_011ChTsDaMdTWJ8Mj1RrUUD6','memstore_011ChTsDZXLiJ1ugbSFU4WvX','memver_011ChTsDaMaDi8F2jbAx8W4j','/index.md','2d566cd51907a5dbf110504fd2d7d312cdb6b4ed729ae3020a0e041d7c60a5e7',278,1795802299221970,1795802299221970);
INSERT INTO "memories" VALUES('mem_011ChTsDaQYQDNt4pftBfzW1','memstore_011ChTsDZXLiJ1ugbSFU4WvX','memver_011ChTsDaQYzERHU9z1kZn5N','/topics/other.md','1430e8ad0ce62252b6e3f8f51fdeebb5316a11b27fbe812fe20734898d0e79b0',284,1795802299233579,1795802299233579);
CREATE TABLE memory_stores (id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, metadata JSON NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, archived_at BIGINT, PRIMARY KEY (id));
INSERT INTO "memory_stores" VALUES('memstore_011ChTsDYswqcvn1LivU5bgk','Notes','','{}',1795802298876574,1795802298876574,NULL);
INSERT INTO "memory_stores" VALUES('memstore_011ChTsDZXLiJ1ugbSFU4WvX','Notes (dream)','','{}',1795802299027842,1795802299027842,NULL);
CREATE TABLE memory_versions (id TEXT NOT NULL, memory_store_id TEXT NOT NULL, memory_id TEXT NOT NULL, operation TEXT NOT NULL, created_at BIGINT NOT NULL, actor_kind TEXT NOT NULL, actor_id TEXT NOT NULL, path TEXT, content TEXT, content_sha256 TEXT, content_size_bytes INTEGER, redacted_at BIGINT, redacted_by_kind TEXT, redacted_by_id TEXT, PRIMARY KEY (id), FOREIGN KEY(memory_store_id) REFERENCES memory_stores (id) ON DELETE CASCADE);
INSERT INTO "memory_versions" VALUES('memver_011ChTsDZ2vvMzg9FXqmqYx7','memstore_011ChTsDYswqcvn1LivU5bgk','mem_011ChTsDZ2rWTtVSSDW7LPUk','created',1795802298912488,'api_actor','apikey_01f4da409c32c59e34b8abe4','/plan.md','The keynote is at 9:30.','6579a6fea4e78201fe9451592c10d873000f16b068bb8259c58a0403c5fe8343',23,NULL,NULL,NULL);
INSERT INTO "memory_versions" VALUES('memver_011ChTsDZhUisysduufDi1St','memstore_011ChTsDZXLiJ1ugbSFU4WvX','mem_011ChTsDZhhWMwVcs6zqsAzD','created',1795802299068851,'session_actor','sesn_011ChTsDZYHXgWzJVG39nnkV','/plan.md','The keynote is at 9:30.','6579a6fea4e78201fe9451592c10d873000f16b068bb8259c58a0403c5fe8343',23,NULL,NULL,NULL);
INSERT INTO "memory_versions" VALUES('memver_011ChTsDaMaDi8F2jbAx8W4j','memstore_011ChTsDZXLiJ1ugbSFU4WvX','mem_011ChTsDaMdTWJ8Mj1RrUUD6','created',1795802299221970,'session_actor','sesn_011ChTsDZYHXgWzJVG39nnkV','/index.md','# Index

Extract made without a model. Find a memory by subject here, or grep the store for a name, an order or a date: every line stands on its own.

- [/plan.md](/plan.md): keynote
- [/topics/other.md](/topics/other.md): keynote, moved; decisions and rules; latest 2026-11-27
','2d566cd51907a5dbf110504fd2d7d312cdb6b4ed729ae3020a0e041d7c60a5e7',278,NULL,NULL,NULL);
INSERT INTO "memory_versions" VALUES('memver_011ChTsDaQYzERHU9z1kZn5N','memstore_011ChTsDZXLiJ1ugbSFU4WvX','mem_011ChTsDaQYQDNt4pftBfzW1','created',1795802299233579,'session_actor','sesn_011ChTsDZYHXgWzJVG39nnkV','/topics/other.md','# Other

Extract made without a model: every line is a statement as it was made, with when, who and where. A date in square brackets was worked out from the words before it.

## Decisions and rules

- 2026-11-27 17:58 user: The keynote moved to 10:00. (sesn_011ChTsDZFwfjMwtKhyB7rHG)
','1430e8ad0ce62252b6e3f8f51fdeebb5316a11b27fbe812fe20734898d0e79b0',284,NULL,NULL,NULL);
CREATE TABLE session_events (seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, session_id TEXT NOT NULL, type TEXT NOT NULL, processed_at BIGINT, ordered_at BIGINT NOT NULL, fields JSON NOT NULL, UNIQUE (id), FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE);
INSERT INTO "session_events" VALUES(1,'sevt_011ChTsDZGGgUAUXuLY4psSe','sesn_011ChTsDZFwfjMwtKhyB7rHG','user.message',1795802293950596,1795802293950596,'{"content": [{"type": "text", "text": "The keynote moved to 10:00."}]}');
INSERT INTO "session_events" VALUES(2,'sevt_011ChTsDZGPHcqru84zxprMP','sesn_011ChTsDZFwfjMwtKhyB7rHG','agent.message',1795802298950596,1795802298950596,'{"content": [{"type": "text", "text": "Noted."}]}');
INSERT INTO "session_events" VALUES(3,'sevt_011ChTsDZGDtheqtFQQy2kcH','sesn_011ChTsDZFwfjMwtKhyB7rHG','session.status_idle',1795802298950596,1795802298950596,'{"stop_reason": {"type": "end_turn"}}');
INSERT INTO "session_events" VALUES(4,'sevt_011ChTsDZYLmFDTEAGCtjzPu','sesn_011ChTsDZYHXgWzJVG39nnkV','session.status_running',1795802299031429,1795802299031429,'{}');
INSERT INTO "session_events" VALUES(5,'sevt_011ChTsDZtDNnBQnVcnd1cEv','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_use',1795802299111272,1795802299111272,'{"name": "read", "input": {"file_path": "/mnt/transcripts/sesn_011ChTsDZFwfjMwtKhyB7rHG.jsonl"}, "evaluated_permission": "allow"}');
INSERT INTO "session_events" VALUES(6,'sevt_011ChTsDZtKhajrHBgmXbtwu','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_result',1795802299111577,1795802299111577,'{"tool_use_id": "sevt_011ChTsDZtDNnBQnVcnd1cEv", "content": [{"type": "text", "text": "2 messages since 2026-11-27T17:58:13.950596Z"}], "is_error": false}');
INSERT INTO "session_events" VALUES(7,'sevt_011ChTsDa7cEsksyRvw1Yfk4','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_use',1795802299165688,1795802299165688,'{"name": "read", "input": {"file_path": "/mnt/memory/notes-dream-"}, "evaluated_permission": "allow"}');
INSERT INTO "session_events" VALUES(8,'sevt_011ChTsDa7sVKtvmLx6ghSUV','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_result',1795802299166115,1795802299166115,'{"tool_use_id": "sevt_011ChTsDa7cEsksyRvw1Yfk4", "content": [{"type": "text", "text": "/mnt/memory/notes-dream-/plan.md"}], "is_error": false}');
INSERT INTO "session_events" VALUES(9,'sevt_011ChTsDaMjrpHedQHub2zcd','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_use',1795802299222570,1795802299222570,'{"name": "write", "input": {"file_path": "/mnt/memory/notes-dream-/index.md", "content": "# Index\n\nExtract made without a model. Find a memory by subject here, or grep the store for a name, an order or a date: every line stands on its own.\n\n- [/plan.md](/plan.md): keynote\n- [/topics/other.md](/topics/other.md): keynote, moved; decisions and rules; latest 2026-11-27\n"}, "evaluated_permission": "allow"}');
INSERT INTO "session_events" VALUES(10,'sevt_011ChTsDaMm5Cnh2NPmPLbBb','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_result',1795802299222833,1795802299222833,'{"tool_use_id": "sevt_011ChTsDaMjrpHedQHub2zcd", "content": [{"type": "text", "text": "wrote 278 bytes"}], "is_error": false}');
INSERT INTO "session_events" VALUES(11,'sevt_011ChTsDaQkVMUHFzhnKU7ht','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_use',1795802299234212,1795802299234212,'{"name": "write", "input": {"file_path": "/mnt/memory/notes-dream-/topics/other.md", "content": "# Other\n\nExtract made without a model: every line is a statement as it was made, with when, who and where. A date in square brackets was worked out from the words before it.\n\n## Decisions and rules\n\n- 2026-11-27 17:58 user: The keynote moved to 10:00. (sesn_011ChTsDZFwfjMwtKhyB7rHG)\n"}, "evaluated_permission": "allow"}');
INSERT INTO "session_events" VALUES(12,'sevt_011ChTsDaQgdTd4DLFpDGz5s','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.tool_result',1795802299234460,1795802299234460,'{"tool_use_id": "sevt_011ChTsDaQkVMUHFzhnKU7ht", "content": [{"type": "text", "text": "wrote 284 bytes"}], "is_error": false}');
INSERT INTO "session_events" VALUES(13,'sevt_011ChTsDaU86mXTkG4gpJREo','sesn_011ChTsDZYHXgWzJVG39nnkV','agent.message',1795802299248943,1795802299248943,'{"content": [{"type": "text", "text": "Read 1 sessions; the reorganized memory is in memstore_011ChTsDZXLiJ1ugbSFU4WvX."}]}');
INSERT INTO "session_events" VALUES(14,'sevt_011ChTsDaUUgrfUoKnAJxzLc','sesn_011ChTsDZYHXgWzJVG39nnkV','session.status_idle',1795802299249963,1795802299249963,'{"stop_reason": {"type": "end_turn"}}');
INSERT INTO "session_events" VALUES(15,'sevt_011ChTsDaUgBCKZSwny1mytX','sesn_011ChTsDZYHXgWzJVG39nnkV','session.status_terminated',1795802299249959,1795802299249959,'{}');
CREATE TABLE session_stores (memory_store_id TEXT NOT NULL, session_id TEXT NOT NULL, PRIMARY KEY (memory_store_id, session_id), FOREIGN KEY(session_id) REFERENCES sessions (id) ON DELETE CASCADE);
INSERT INTO "session_stores" VALUES('memstore_011ChTsDZXLiJ1ugbSFU4WvX','sesn_011ChTsDZYHXgWzJVG39nnkV');
CREATE TABLE sessions (id TEXT NOT NULL, agent_id TEXT NOT NULL, agent_version INTEGER NOT NULL, agent_overrides JSON NOT NULL, environment_id TEXT NOT NULL, deployment_id TEXT, title TEXT, metadata JSON NOT NULL, resources JSON NOT NULL, vault_ids JSON NOT NULL, budget JSON, status TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, archived_at BIGINT, running_since BIGINT, is_in_turn BOOLEAN NOT NULL, active_seconds DOUBLE NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cache_read_input_tokens INTEGER NOT NULL, cache_creation_input_tokens INTEGER NOT NULL, PRIMARY KEY (id), FOREIGN KEY(agent_id) REFERENCES agents (id));
INSERT INTO "sessions" VALUES('sesn_011ChTsDZFwfjMwtKhyB7rHG','agent_011ChTsDZ7rH92neHaGrXpzL',1,'{}','env_011ChTsDZBGveqBaKQsccAM8',NULL,'t-25408217235563','{}','[]','[]',NULL,'idle',1795802293950596,1795802298950596,NULL,NULL,0,0.0,0,0,0,0);
INSERT INTO "sessions" VALUES('sesn_011ChTsDZYHXgWzJVG39nnkV','agent_011ChTsDZXkaTVGUYRA7nJhH',1,'{"model": {"id": "claude-opus-4-8", "effort": {"type": "high"}, "inference_geo": null, "speed": "standard"}}','env_011ChTsDZXomn589dweSFtEq',NULL,'Dream drm_011ChTsDZQXDwGeJQroqgMwV','{}','[{"type": "memory_store", "memory_store_id": "memstore_011ChTsDZXLiJ1ugbSFU4WvX", "access": "read_write", "instructions": null, "name": "Notes (dream)", "description": "", "mount_path": "/mnt/memory/notes-dream-"}]','[]',NULL,'terminated',1795802299030398,1795802299249959,1795802299249959,NULL,0,0.218534,15,141,0,0);
CREATE INDEX agents_by_age ON agents (created_at, id);
CREATE INDEX environments_by_age ON environments (created_at, id);
CREATE INDEX memory_stores_by_age ON memory_stores (created_at, id);
CREATE INDEX dreams_by_age ON dreams (created_at, id);
CREATE INDEX dreams_by_status ON dreams (status);
CREATE INDEX sessions_by_status ON sessions (status);
CREATE INDEX sessions_by_age ON sessions (created_at, id);
CREATE INDEX sessions_by_agent ON sessions (agent_id, created_at, id);
CREATE INDEX sessions_by_deployment ON sessions (deployment_id, created_at, id);
CREATE INDEX ix_deployments_agent_id ON deployments (agent_id);
CREATE INDEX deployments_by_age ON deployments (created_at, id);
CREATE INDEX memory_versions_by_actor ON memory_versions (memory_store_id, actor_id, created_at, id);
CREATE INDEX memory_versions_by_memory ON memory_versions (memory_store_id, memory_id, created_at, id);
CREATE INDEX memory_versions_by_age ON memory_versions (memory_store_id, created_at, id);
CREATE INDEX session_events_by_seq ON session_events (session_id, seq);
CREATE INDEX session_events_by_time ON session_events (session_id, ordered_at, seq);
CREATE INDEX ix_imported_transcripts_session_id ON imported_transcripts (session_id);
CREATE INDEX ix_session_stores_session_id ON session_stores (session_id);
CREATE INDEX deployment_runs_by_deployment ON deployment_runs (deployment_id, created_at, id);
CREATE INDEX deployment_runs_by_age ON deployment_runs (created_at, id);
CREATE UNIQUE INDEX memories_by_path ON memories (memory_store_id, path);
CREATE INDEX ix_memories_memory_version_id ON memories (memory_version_id);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('session_events',15);
COMMIT;
