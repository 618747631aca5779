"""The second step of signing in: passkeys, codes of an application, recovery codes; who has to have one, and how it is
taken back when it is lost. Whoever has one signs in, and confirms sensitive acts, with it.
"""
