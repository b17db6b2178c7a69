"""The facts that rules see, under the name `facts`. Apps above gather them; this is what they promise.

    act           "registry.alias.move", "registry.stage.move", …
    workspace     name of the workspace
    model         {name, tags: {}, risk_tier}         risk_tier: of the AI systems that use it, the highest; or ""
    version       {number, digest, status, tags: {}, author, age_hours, registered_at, is_first}
    target        {kind: alias | stage | environment, name}
    metrics       {key: last value}                   of the run, and of the logged model where it has its own
    params        {key: text}
    champion      what the target points to now: {version, digest, metrics: {}, params: {}}; null when nothing
    run           {id, status, user, commit, is_dirty, has_lock} or null; unknown values are null
    datasets      [{name, digest, context, source_type}]
    signature     {inputs, outputs}                   whether the MLmodel file states them
    evidence      {kind: {outcome, age_hours, summary, body, digest}}   the newest of each kind about these files
    card          {number, sections: {name: filled}} or null
    findings      {open: n, overdue: n, high: n}
    endpoint      {name, environment}                 where it shall serve, for a deployment
    deployments   {hours: {environment: hours}, rolled_back}   how long it has served where, for a deployment

Numbers are finite, times are ISO 8601 in UTC, ages are hours. `evidence` has the kinds of the control catalogue:
artifact_scan, signature, evaluation, data_check, reproduction, mlbom and so on.
"""
