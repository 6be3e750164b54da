"""Memories: text documents at paths inside a store. Every change adds a version."""
