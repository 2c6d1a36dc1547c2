"""What ``make soak`` runs: hours of bad luck in ten minutes, written down in docs/reliability.md.

Lives here: one file a kind of bad luck, each of which gives findings and can be run alone
(``python -m tests.soak kills``). Not here: single cases, which are tests beside what they test.
"""
