"""Attacks on a real server, each bounded to some seconds: what another client is answered meanwhile."""
