"""Randomised suites: short slices of them in ``make test``, their long forms in ``make soak``.

``python -m tests.soak`` runs the long forms, ``python -m tests.soak compiler --case 4711`` one case again.
"""
