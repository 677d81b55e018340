"""Grading a class: from a roster and a pile of notebooks to a gradebook and feedback.

    roster ─┐
    pile ── match ──▶ Submission ── sandbox ──▶ Evidence ── judge ──▶ Result (a JSON file)
    policy ─┘                       Results ──▶ gradebook, feedback, report, marking sheets

A submission's program runs in `hlmteach.sandbox`; nothing in here runs, imports or evaluates it.
"""
