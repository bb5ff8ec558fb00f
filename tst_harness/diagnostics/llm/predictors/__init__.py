"""Engines that answer questions."""
