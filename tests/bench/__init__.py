"""How quick is the running product, and how much memory does it take? `python -m tests.bench`, or `make bench`.

It makes a world of 2,000 accounts in a folder of its own, serves it as `make run` does, measures over HTTP and sockets
on this machine, and stops by itself. It is no test: nothing here runs with `make test` but test_world.py.
"""
