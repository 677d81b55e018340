"""Stands in place of a chapter's questions where a stranger's notebook runs."""
