"""The straight line from the due key results to the check-ins, a step a module.

    due        selection
    ask        questions, gather
    measure    the sources, through toolbox
    map        values, kpis
    score      judge
    compare    the stores, through stores and lanes; compare, conflict
    guard      guard, wild, breaker, capability, verdicts
    plan       plan, planned, fingerprint, plan_file
    apply      declare, apply, remember
    tell       pinging, seeing, journal, note

``run`` walks along it. Beside it stand the other verbs: ``persons``, ``backfill``, ``calibrate``,
``doctor``.
"""
