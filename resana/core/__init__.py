"""Plumbing that knows nothing of the product: the database, the transaction, the guard, storage, jobs, mail, the
clock.
"""
