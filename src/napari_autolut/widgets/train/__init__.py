"""The Train dock, page by page.

Lives here: pages and the session that outlives them. Not here: runs and processes (``training``).
"""
