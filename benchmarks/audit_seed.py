"""Events in great number for the benchmark of the audit log."""

# As the portal writes them, a piece at a time: the guards of the table look at every row.
SEED = """
WITH made AS MATERIALIZED (
    SELECT n, gen_random_uuid() AS uuid, clock_timestamp() AS moment, substr(sha256(n::text::bytea), 1, 16) AS salt,
           convert_to('{"actor_name":"ann","changes":{"description":["before ' || n || '","after ' || n || '"]},'
               || '"detail":"","object_name":"credit","reason":"number ' || n || '"}', 'UTF8') AS body
    FROM generate_series(%(start)s::int, %(end)s::int - 1) AS n
), event AS (
    INSERT INTO audit_auditevent (uuid, recorded_at, payload, actor, action, outcome, object_type, object_id,
                                  workspace_id, request_id)
    SELECT uuid, moment, convert_to('{"action":"accounts.workspace.update","actor":"user:' || n %% 500 || '","at":"'
               || to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') || '","detail":"'
               || encode(sha256(salt || body), 'hex') || '","object":"workspace:' || n %% 90 || '","outcome":"done",'
               || '"request":"' || md5(n::text) || '","token":null,"uuid":"' || uuid || '","v":2,"workspace":'
               || n %% 90 || '}', 'UTF8'),
           'user:' || n %% 500, 'accounts.workspace.update', 'done', 'workspace', (n %% 90)::text, n %% 90, md5(n::text)
    FROM made RETURNING id, uuid
)
INSERT INTO audit_auditdetail (event_id, salt, body) SELECT id, salt, body FROM event JOIN made USING (uuid)
"""
