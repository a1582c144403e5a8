"""Subscriptions: saved and followed searches, and the letters and feeds that tell of them."""
